package eval

import (
	"context"
	"fmt"
	"time"

	"detour/alert"
	"detour/internal/scenario"
	"detour/processor"
	"detour/route"
)

// windows of a run.
const (
	least  = 150 * route.Second // how long a case is followed at least
	settle = 90 * route.Second  // and behind its last element, so that it can close
)

// run feeds one Line.
type run struct {
	line     *processor.Line
	sessions []*route.Session
	number   uint64
	ticked   route.Time
	update   route.Update
	tally    tally
	phases   phases
	opening  func(time.Duration) // see Setup
	costs    *costs
	began    time.Time // adding of the update at hand
}

// phases are the Line's counters as of the end of each.
type phases struct {
	primed, quiet, bad processor.LineStats
}

// Run lays a case, nil for none, over the background and returns what was said.
func (w *World) Run(ctx context.Context, s Setup, c *scenario.Case) (*Outcome, error) {
	if c == nil {
		c = &scenario.Case{Name: "background"}
	}
	r := &run{
		sessions: w.sessions[:len(w.sessions):len(w.sessions)], tally: newTally(w.Cut),
		opening: s.Opening, costs: s.costs,
	}
	for i, p := range c.NewPeers {
		r.sessions = append(r.sessions, &route.Session{Peer: p, ID: uint32(len(w.sessions) + i)})
	}
	s, err := s.with(c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	r.line, err = processor.NewLine(s.config(), func(a *alert.Alert) {
		if s.Tell != nil {
			s.Tell(a)
		}
		if r.tally.take(a) && r.opening != nil {
			r.opening(time.Since(r.began))
		}
	})
	if err != nil {
		return nil, err
	}
	if err := r.all(ctx, w, c); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	o := r.tally.outcome(c)
	o.Line, o.Primed, o.Quiet, o.Bad = r.line.Stats(), r.phases.primed, r.phases.quiet, r.phases.bad
	return o, nil
}

// all primes, then merges background and case by time.
func (r *run) all(ctx context.Context, w *World, c *scenario.Case) error {
	start := begins(w.bg)
	for i := range w.prime {
		if err := r.add(ctx, &w.prime[i], w.prime[i].at); err != nil {
			return err
		}
	}
	own := pack(c.Prime)
	for i := range own {
		if err := r.add(ctx, &own[i], start); err != nil {
			return err
		}
	}
	if len(w.prime)+len(own) > 0 {
		if err := r.add(ctx, &packed{kind: route.KindEndOfRIB, peer: route.AllPeers, at: start}, start); err != nil {
			return err
		}
	}
	event, until := pack(c.Elements), w.Cut+least
	if n := len(event); n > 0 {
		until = max(until, event[n-1].at+settle)
	}
	r.tally.bad(c.Elements)
	if err := r.merge(ctx, w.updates, event, start, until); err != nil {
		return err
	}
	if err := r.tick(ctx, until); err != nil {
		return err
	}
	return r.line.End(ctx)
}

// judged is how long after its end a table is judged: evidence waits until no
// shard can bring an earlier one.
const judged = 2 * route.Second

// merge feeds two lists by time up to until and notes the counters when the
// table of start was judged, before the first bad element and behind the last.
func (r *run) merge(ctx context.Context, background, event []packed, start, until route.Time) error {
	bad := r.tally.elements
	primed, quiet, over := false, len(bad) == 0, len(bad) == 0
	for i, j := 0, 0; ; {
		p := next(background, event, &i, &j)
		if p == nil || p.at >= until {
			break
		}
		if !primed && p.at >= start+judged {
			primed, r.phases.primed = true, r.line.Stats()
			r.costs.enter(costQuiet)
		}
		if !quiet && p.at >= bad[0].At {
			quiet, r.phases.quiet = true, r.line.Stats()
			r.costs.enter(costLeak)
		}
		if !over && p.at > bad[len(bad)-1].At {
			over, r.phases.bad = true, r.line.Stats()
			r.costs.enter(costAfter)
		}
		if err := r.add(ctx, p, p.at); err != nil {
			return err
		}
	}
	if !over {
		r.phases.bad = r.line.Stats()
	}
	return nil
}

// next returns the earlier of the two lists' next updates; the background's
// where both are of one time.
func next(a, b []packed, i, j *int) *packed {
	switch {
	case *i < len(a) && (*j >= len(b) || a[*i].at <= b[*j].at):
		*i++
		return &a[*i-1]
	case *j < len(b):
		*j++
		return &b[*j-1]
	}
	return nil
}

func (r *run) add(ctx context.Context, p *packed, at route.Time) error {
	if err := r.tick(ctx, at); err != nil {
		return err
	}
	r.number++
	p.update(&r.update)
	r.update.Number, r.update.Engine, r.update.Collected = r.number, at, at
	var s *route.Session
	if p.peer != route.AllPeers {
		s = r.sessions[p.peer]
	}
	if r.opening != nil {
		r.began = time.Now()
	}
	return r.line.Add(ctx, &r.update, s)
}

// tick does so each second of engine time, as an ingester does.
func (r *run) tick(ctx context.Context, at route.Time) error {
	if at < r.ticked+route.Second {
		return nil
	}
	r.ticked = at
	if r.opening != nil {
		r.began = time.Now()
	}
	return r.line.Tick(ctx, at)
}
