package firehose

import (
	"context"
	"errors"
	"fmt"
	"time"

	"detour/internal/latency"
	"detour/route"
	"detour/stream"
)

// feeder is the ingester of a run: it sends what was made before. It belongs to
// one goroutine.
type feeder struct {
	w        *world
	pub      *stream.Publisher
	sessions []route.Session
	events   *events
	late     *latency.Recorder

	u        route.Update
	number   uint64
	next     int // on the churn tape
	silent   int // a peer of which no churn is sent, -1 for none
	sent     int // elements of the measured part
	engine   route.Time
	lastTick route.Time
}

func newFeeder(w *world, pub *stream.Publisher, e *events) *feeder {
	f := &feeder{w: w, pub: pub, events: e, silent: -1, late: latency.Fine()}
	f.sessions = append(f.sessions, w.sessions...)
	return f
}

// add numbers, stamps and sends f.u.
func (f *feeder) add(ctx context.Context, s *route.Session, engine route.Time) error {
	f.number++
	f.engine = engine
	f.u.Number, f.u.Engine, f.u.Collected = f.number, engine, engine
	if err := f.pub.Add(ctx, &f.u, s); err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	return nil
}

// tick stamps quiet shards each second of engine time, as an ingester does.
func (f *feeder) tick(ctx context.Context, engine route.Time) error {
	if engine < f.lastTick+route.Second {
		return nil
	}
	f.lastTick = engine
	if err := f.pub.Tick(ctx, engine); err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	return nil
}

// prime sends the table, says that it is whole, and then the churn of an hour of
// the past, at full speed.
func (f *feeder) prime(ctx context.Context) error {
	for i := range f.w.dump.parts {
		s := f.w.dump.fill(&f.u, i, f.sessions)
		f.u.Flags |= route.FlagTableDump
		if err := errors.Join(f.breathe(ctx, i), f.add(ctx, s, f.w.at)); err != nil {
			return err
		}
	}
	f.u = route.Update{Kind: route.KindEndOfRIB, Peer: route.AllPeers}
	if err := f.add(ctx, nil, f.w.at); err != nil {
		return err
	}
	from, n := f.w.at+tableAge-churnAge, route.Time(len(f.w.churn.parts))
	for i := range f.w.churn.parts {
		at := from + churnFor*route.Time(i)/n
		if err := errors.Join(f.breathe(ctx, i), f.churn(ctx, at), f.tick(ctx, at)); err != nil {
			return err
		}
	}
	return f.pub.Drain(ctx)
}

// primeSpill is how much a publisher that never waits is given at once.
const primeSpill = 4 << 20

// breathe waits now and then for a publisher that does not.
func (f *feeder) breathe(ctx context.Context, i int) error {
	if i%closedBatch != 0 {
		return nil
	}
	for f.pub.Stats().SpilledBytes > primeSpill {
		if err := sleepUntil(ctx, time.Now().Add(time.Millisecond)); err != nil {
			return err
		}
	}
	return nil
}

// churn sends the next update of the tape, which begins again at its end.
func (f *feeder) churn(ctx context.Context, engine route.Time) error {
	for int(f.w.churn.parts[f.next].peer) == f.silent {
		f.next = (f.next + 1) % len(f.w.churn.parts)
	}
	s := f.w.churn.fill(&f.u, f.next, f.sessions)
	if f.next++; f.next == len(f.w.churn.parts) {
		f.next = 0
	}
	f.sent += f.u.Elements()
	return f.add(ctx, s, engine)
}

// event sends the next labelled event; its last update decides.
func (f *feeder) event(ctx context.Context, engine route.Time) error {
	t := f.events.begin(engine)
	if t == nil {
		return errEvents
	}
	for i := range t.peers {
		s := &f.sessions[t.peers[i]]
		t.fill(&f.u, i, s)
		f.sent++
		if err := f.add(ctx, s, engine); err != nil {
			return err
		}
	}
	return nil
}

// open sends by a schedule, and never waits for what came before: what is late is
// sent with the time at which it was due. between is called at each step; it may
// be nil.
func (f *feeder) open(ctx context.Context, s schedule, between func(ctx context.Context, at route.Time) error) error {
	start := time.Now()
	began, events := f.sent, 0
	for step := 1; step <= s.steps; step++ {
		due := start.Add(s.at(step))
		if err := sleepUntil(ctx, due); err != nil {
			return err
		}
		at := route.TimeOf(due)
		if between != nil {
			if err := between(ctx, at); err != nil {
				return err
			}
		}
		for f.sent-began < s.elements(step) {
			f.late.Observe(time.Since(due))
			if err := f.churn(ctx, at); err != nil {
				return err
			}
		}
		for ; events < s.eventsBy(step); events++ {
			if err := f.event(ctx, at); err != nil {
				return err
			}
		}
		if err := f.tick(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

// closedBatch is how many updates share a look at the clock in full.
const closedBatch = 64

// full sends as fast as the publisher takes it; the time of an update is that at
// which it was sent.
func (f *feeder) full(ctx context.Context, rate float64, d time.Duration) error {
	start := time.Now()
	events := 0
	for {
		now := time.Now()
		if now.Sub(start) >= d {
			return nil
		}
		at := max(route.TimeOf(now), f.engine)
		for range closedBatch {
			if err := f.churn(ctx, at); err != nil {
				return err
			}
		}
		for ; events < int(rate*now.Sub(start).Seconds()); events++ {
			if err := f.event(ctx, at); err != nil {
				return err
			}
		}
		if err := f.tick(ctx, at); err != nil {
			return err
		}
	}
}

func sleepUntil(ctx context.Context, t time.Time) error {
	if d := time.Until(t); d > 0 {
		time.Sleep(d)
	}
	return ctx.Err()
}
