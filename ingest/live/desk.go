package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"detour/ingest"
	"detour/ingest/decode"
	"detour/route"
)

// Config of a Desk. The zero value is usable.
type Config struct {
	// TransferQuiet and TransferMost end a session's initial transfer where no
	// End-of-RIB comes: nothing was announced for so long, or it has taken so long.
	TransferQuiet, TransferMost time.Duration
	Log                         *slog.Logger // nil is silent
}

// Defaults of Config.
const (
	DefaultTransferQuiet = 15 * time.Second
	DefaultTransferMost  = 10 * time.Minute
)

// Desk stamps, numbers and hands on what the sessions of one ingester receive.
type Desk struct {
	out ingest.Output
	cfg Config

	mu       sync.Mutex
	sessions ingest.Sessions
	all      []*Session // by ID
	number   uint64
	engine   route.Time
	ticked   route.Time
	dec      decode.Decoder
	update   route.Update
	counts   Counters
	events   events
	touched  *touched // while a Primer is at work
}

// NewDesk returns a desk in front of out.
func NewDesk(out ingest.Output, cfg Config) *Desk {
	if cfg.TransferQuiet == 0 {
		cfg.TransferQuiet = DefaultTransferQuiet
	}
	if cfg.TransferMost == 0 {
		cfg.TransferMost = DefaultTransferMost
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Desk{out: out, cfg: cfg, events: events{log: cfg.Log}}
}

// tickEvery is the time between two ticks of the log.
const tickEvery = time.Second

// Run tells the log each second what time it is, until ctx ends (nil) or nothing
// more is taken. Sessions may hand in before, during and after.
func (d *Desk) Run(ctx context.Context) error {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		if err := d.tick(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}

// Begin says that all sessions of a life before this one are over, where they end with
// the process: their routes are not alive, and each gives its table again. It comes
// before everything else.
func (d *Desk) Begin(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.event(ctx, route.KindPeerDown, nil)
}

func (d *Desk) tick(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.stamp()
	d.events.sum(now)
	for _, s := range d.all {
		if s.transfer.over(now, &d.cfg) {
			if err := s.endTransfer(ctx, "no End-of-RIB came, and nothing more was announced"); err != nil {
				return err
			}
		}
	}
	if now <= d.ticked {
		return nil
	}
	d.ticked = now
	return d.out.Tick(ctx, now)
}

// stamp returns engine time: that of the wall, but never backwards.
func (d *Desk) stamp() route.Time {
	d.engine = max(d.engine, route.TimeOf(time.Now()))
	return d.engine
}

// Session returns the session of a peer; the same one at each call.
func (d *Desk) Session(p route.Peer) (*Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	se, err := d.sessions.Of(p)
	if err != nil {
		return nil, err
	}
	if int(se.ID) == len(d.all) {
		d.all = append(d.all, &Session{desk: d, se: se})
	}
	return d.all[se.ID], nil
}

// Gap states that updates of all peers were lost, and why: the connection over
// which they come was lost, or is back and nobody says what was missed.
func (d *Desk) Gap(ctx context.Context, why string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts.Gaps++
	d.events.add(d.stamp(), EventGap, "all peers", why)
	for _, s := range d.all {
		s.transfer.lost() // that nothing comes of it is no sign any more
	}
	if len(d.all) == 0 {
		return nil // nothing was known of anybody
	}
	return d.event(ctx, route.KindGap, nil)
}

// event hands on an event of a session, or of all.
func (d *Desk) event(ctx context.Context, kind route.Kind, se *route.Session) error {
	u := &route.Update{Kind: kind, Peer: route.AllPeers}
	if se != nil {
		u.Peer = se.ID
	}
	u.Collected = d.stamp()
	return d.give(ctx, u, se)
}

// give numbers and hands on what was stamped just before.
func (d *Desk) give(ctx context.Context, u *route.Update, se *route.Session) error {
	d.number++
	u.Number, u.Engine = d.number, d.engine // to ask for the time costs as much as all of decoding
	d.counts.Updates++
	d.counts.Elements += uint64(u.Elements())
	return d.out.Add(ctx, u, se)
}

// Tell keeps an event of the source itself: a connection that was made or lost.
func (d *Desk) Tell(kind EventKind, who, detail string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch kind {
	case EventConnect:
		d.counts.Connects++
	case EventDisconnect:
		d.counts.Disconnects++
	case EventStall:
		d.counts.Stalls++
	case EventRefused:
		d.counts.Refused++
	case EventGap: // one that the source states itself
		d.counts.Gaps++
	default:
	}
	d.events.add(d.stamp(), kind, who, detail)
}

// Read counts what a source has read, in messages of its own kind.
func (d *Desk) Read(messages, bytes uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts.Messages += messages
	d.counts.Bytes += bytes
	d.counts.LastRead = d.stamp()
}

// Skip counts a message of the source's own kind that was not used, by reason: a
// short word, one of few, that stands in a metric's label.
func (d *Desk) Skip(reason string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.counts.Skipped == nil {
		d.counts.Skipped = map[string]uint64{}
	}
	d.counts.Skipped[reason]++
}
