package stream

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"sync/atomic"
	"time"

	"detour/route"
	"detour/wire"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

// Publisher splits updates by shard, gathers them into frames and stores each
// frame on its shard's stream, in order and never without ack.
//
// Add, Tick, End and Drain belong to one goroutine, the ingester; Stats and Lag
// to any. They may be called before Run has read the streams and wait for that.
type Publisher struct {
	js    jetstream.JetStream
	nc    *nats.Conn
	cfg   PublisherConfig
	lanes []*lane
	epoch uint64

	stopped chan struct{} // closed when Run has ended
	ready   chan struct{} // closed when Run has begun, or failed to
	failure error         // why it failed; set before ready is closed
	begun   bool          // Add's memory of ready

	linger  *time.Timer
	lingers atomic.Bool // the timer is set
	spilled atomic.Int64
	pace    pace

	number            uint64 // of the last update added
	updates, elements atomic.Uint64
}

// NewPublisher returns a Publisher that does nothing until Run.
func NewPublisher(js jetstream.JetStream, cfg PublisherConfig) (*Publisher, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	p := &Publisher{
		js:      js,
		nc:      js.Conn(),
		cfg:     cfg.withDefaults(),
		ready:   make(chan struct{}),
		stopped: make(chan struct{}),
		linger:  time.NewTimer(time.Hour),
	}
	p.linger.Stop()
	for n := range cfg.Shards {
		l := &lane{p: p, shard: n, lag: lag{require: cfg.RequirePositions}}
		l.sender = NewSender(p.nc, SenderConfig{
			Subject: UpdatesSubject(n), Window: cfg.Window, AckTimeout: cfg.AckTimeout,
			BackoffMin: cfg.BackoffMin, BackoffMax: cfg.BackoffMax, OnAck: l.acked,
		})
		p.lanes = append(p.lanes, l)
	}
	return p, nil
}

// Run reads where the streams end, then sends until ctx ends (nil) or nothing
// more can be sent. Call Drain before ending ctx to lose nothing. It runs once.
func (p *Publisher) Run(ctx context.Context) error {
	defer close(p.stopped)
	epoch, err := p.nextEpoch(ctx)
	if err != nil {
		p.failure = fmt.Errorf("begin publishing: %w", err)
		close(p.ready)
		return p.failure
	}
	positions := make(chan *nats.Msg, 1024) // what does not fit is told again soon
	sub, err := p.nc.ChanSubscribe(AllPositions, positions)
	if err != nil {
		p.failure = fmt.Errorf("subscribe to positions: %w", err)
		close(p.ready)
		return p.failure
	}
	defer sub.Unsubscribe() //nolint:errcheck // fails only when the connection is gone
	p.epoch = epoch
	for _, l := range p.lanes {
		l.builder = wire.NewFrameBuilder(p.cfg.Ingester, epoch)
	}
	close(p.ready)
	group, ctx := errgroup.WithContext(ctx)
	for _, l := range p.lanes {
		group.Go(func() error { return l.sender.Run(ctx) })
	}
	group.Go(func() error {
		p.loop(ctx, positions)
		return nil
	})
	return group.Wait()
}

// loop keeps the linger timer and listens to positions.
func (p *Publisher) loop(ctx context.Context, positions <-chan *nats.Msg) {
	defer p.linger.Stop()
	for {
		select {
		case <-p.linger.C:
			p.lingers.Store(false)
			for _, l := range p.lanes {
				l.lingered()
			}
		case m := <-positions:
			p.hear(m, time.Now())
		case <-ctx.Done():
			return
		}
	}
}

// armLinger makes sure that what a builder holds leaves after Linger. One timer
// serves all lanes, so that some leave earlier.
func (p *Publisher) armLinger() {
	if !p.lingers.Load() && p.lingers.CompareAndSwap(false, true) {
		p.linger.Reset(p.cfg.Linger)
	}
}

// eventReserve is the part of SpillBytes that only events may use beyond it, so
// that a session's end is not lost among the updates of a flood.
const eventReserve = 8

func (p *Publisher) maySpill(n int, event bool) bool {
	limit := p.cfg.SpillBytes
	if event {
		limit += limit / eventReserve
	}
	return p.cfg.Mode == Spill && p.spilled.Load()+int64(n) <= limit
}

// begin waits until Run has begun.
func (p *Publisher) begin(ctx context.Context) error {
	if !p.begun {
		select {
		case <-p.ready:
			p.begun = p.failure == nil
		case <-ctx.Done():
			return fmt.Errorf("wait for the publisher to begin: %w", ctx.Err())
		}
	}
	return p.failure
}

// Add takes an update or event. u.Number and u.Engine are set and never fall; s
// is the session of u.Peer, nil with route.AllPeers. It keeps nothing of u. In
// Wait mode it blocks while a shard has no room or its processors lag.
func (p *Publisher) Add(ctx context.Context, u *route.Update, s *route.Session) error {
	if err := p.begin(ctx); err != nil {
		return err
	}
	if p.cfg.Mode == Wait && p.pace.over.Load() != 0 {
		if err := p.holdBack(ctx); err != nil {
			return err
		}
	}
	p.number = u.Number
	p.updates.Add(1)
	p.elements.Add(uint64(u.Elements()))
	if u.Kind != route.KindUpdate {
		for _, l := range p.lanes {
			if err := p.give(ctx, l, u, s, nil, nil); err != nil {
				return err
			}
		}
		return nil
	}
	if n := p.onlyShard(u); n >= 0 {
		return p.give(ctx, p.lanes[n], u, s, u.Announced, u.Withdrawn)
	}
	touched := p.split(u)
	for ; touched != 0; touched &= touched - 1 {
		l := p.lanes[bits.TrailingZeros64(touched)]
		if err := p.give(ctx, l, u, s, l.announced, l.withdrawn); err != nil {
			return err
		}
	}
	return nil
}

// give hands a lane its part; a lane without room is waited for, or its part is
// dropped.
func (p *Publisher) give(
	ctx context.Context, l *lane, u *route.Update, s *route.Session, announced, withdrawn []route.NLRI,
) error {
	for {
		ok, err := l.add(u, s, announced, withdrawn)
		if ok || err != nil {
			return err
		}
		if p.cfg.Mode == Spill {
			l.drop(u, len(announced)+len(withdrawn))
			return nil
		}
		if err := l.sender.WaitRoom(ctx); err != nil {
			return err
		}
	}
}

// Tick stamps the shards that were given nothing since the tick before with an
// empty frame, so that their engine time goes on. Call it each second of engine
// time. engine never falls.
func (p *Publisher) Tick(ctx context.Context, engine route.Time) error {
	return p.tick(ctx, engine, func(l *lane) bool { return l.quiet() })
}

// End tells every shard that the log ends here, by a tick at the end of time,
// and drains. Nothing may be added behind it.
func (p *Publisher) End(ctx context.Context) error {
	if err := p.Drain(ctx); err != nil { // so that there is room for the tick
		return err
	}
	if err := p.tick(ctx, math.MaxInt64, func(*lane) bool { return true }); err != nil {
		return err
	}
	return p.Drain(ctx)
}

func (p *Publisher) tick(ctx context.Context, engine route.Time, wants func(*lane) bool) error {
	if err := p.begin(ctx); err != nil {
		return err
	}
	u := route.Update{
		Kind: route.KindTick, Peer: route.AllPeers,
		Number: p.number, Engine: engine, Collected: engine,
	}
	for _, l := range p.lanes {
		if !wants(l) {
			continue
		}
		if err := p.give(ctx, l, &u, nil, nil, nil); err != nil {
			return err
		}
		l.lingered() // nothing else may come that would send it
		l.quiet()
	}
	return nil
}

// Drain sends what is gathered and waits until all is stored.
func (p *Publisher) Drain(ctx context.Context) error {
	if err := p.begin(ctx); err != nil {
		return err
	}
	var errs []error
	for _, l := range p.lanes {
		if err := l.drain(ctx); err != nil {
			errs = append(errs, fmt.Errorf("drain shard %d: %w", l.shard, err))
		}
	}
	return errors.Join(errs...)
}
