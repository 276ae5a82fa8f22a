package eval

import (
	"context"
	"slices"

	"detour/alert"
	"detour/internal/scenario"
	"detour/internal/scenario/fulltable"
	"detour/internal/scenario/named"
	"detour/processor"
	"detour/processor/correlate"
	"detour/route"
)

// Windows of a named scenario.
const (
	namedBefore = 3 * route.Minute  // ordinary traffic before it
	namedCold   = 35 * route.Minute // and without a table, so that no session is still learning
	namedAfter  = 3 * route.Minute
)

// namedRun is one scenario with one set of inputs, and what came of it.
type namedRun struct {
	job     namedJob
	event   *named.Event
	outcome *Outcome

	heap  func() uint64 // measures what is held; nil: it is not measured
	grown uint64        // from before the event to its end

	found   []*Told // by view.Wants; nil: it was not said
	extra   []*Told // said without cause
	objects int     // incidents that were told
}

// config is what the view gives to a detector.
func (r *namedRun) config(w *namedWorld) (processor.LineConfig, error) {
	var s Setup
	v, e := r.job.view, r.event
	if v.Relations {
		s.Rel = w.rel
	}
	if v.Watch {
		var list []Watched
		for _, x := range e.Watch {
			list = append(list, Watched{x.Prefix, x.Origin})
		}
		var err error
		if s.Watch, err = WatchOf(list); err != nil {
			return processor.LineConfig{}, err
		}
	}
	cfg := s.config()
	if v.VRPs {
		for _, x := range e.VRPs {
			set, err := vrpsOf(x.List)
			if err != nil {
				return cfg, err
			}
			cfg.Correlate.Outside.VRPs = append(cfg.Correlate.Outside.VRPs, correlate.VRPs{From: x.From, Set: set})
		}
	}
	return cfg, nil
}

// run primes a Line, if the view has a table, and lets the scenario run over
// ordinary traffic.
func (r *namedRun) run(ctx context.Context, w *namedWorld) (*Outcome, error) {
	cfg, err := r.config(w)
	if err != nil {
		return nil, err
	}
	e := r.event
	line := &run{tally: newTally(e.Start)}
	line.tally.bad(e.Elements)
	if line.line, err = processor.NewLine(cfg, func(a *alert.Alert) { line.tally.take(a) }); err != nil {
		return nil, err
	}
	from := e.Start - namedCold
	if r.job.view.RIB {
		from = e.Start - namedBefore
		if err := line.prime(ctx, w, e, from); err != nil {
			return nil, err
		}
	}
	if err := r.play(ctx, line, w, from); err != nil {
		return nil, err
	}
	line.tally.all = slices.DeleteFunc(line.tally.all, func(t *Told) bool { return partOf(t) })
	o := line.tally.outcome(&scenario.Case{Name: r.job.scenario.Name})
	o.Line = line.line.Stats()
	return o, nil
}

// partOf reports whether an alert is one prefix of an incident that is told of as
// a whole.
func partOf(t *Told) bool { return !t.Incident() && t.First.Incident != "" }

// prime gives a Line the world's table and what the event adds to it.
func (r *run) prime(ctx context.Context, w *namedWorld, e *named.Event, before route.Time) error {
	if err := r.dump(ctx, w.Table, before); err != nil {
		return err
	}
	at := r.ticked
	return r.feed(ctx, w, func(yield func(scenario.Element) bool) {
		for _, x := range e.Prime {
			if x.At = at; !yield(x) {
				return
			}
		}
	})
}

// play feeds ordinary traffic and the event, and lets what is open settle.
func (r *namedRun) play(ctx context.Context, line *run, w *namedWorld, from route.Time) error {
	e, c := r.event, r.job.scenario.Churn
	end := e.End + namedAfter
	churn := fulltable.NewChurn(w.Table, fulltable.ChurnConfig{
		From: from, To: end, Rate: c.Rate, Busy: c.Busy, BusyPercent: c.BusyPercent, Except: e.Touched,
		Steady: func(a route.ASN) bool {
			is := func(x named.Watched) bool { return x.Origin == a }
			return slices.Contains(c.Busy, a) || slices.ContainsFunc(e.Watch, is)
		},
	}, 1)
	event := func(yield func(scenario.Element) bool) {
		for i := range e.Elements {
			if !yield(e.Elements[i]) {
				return
			}
		}
	}
	before := uint64(0)
	if r.heap != nil {
		before = r.heap()
	}
	if err := line.feed(ctx, w, fulltable.Merge(event, churn.Elements)); err != nil {
		return err
	}
	if err := line.seconds(ctx, end); err != nil {
		return err
	}
	if r.heap != nil {
		r.grown = max(r.heap(), before) - before
	}
	return line.line.End(ctx)
}

// feed adds elements of a world's peers.
func (r *run) feed(ctx context.Context, w *namedWorld, elements func(func(scenario.Element) bool)) (err error) {
	fulltable.Updates(w.Table, r.number, elements)(func(s *route.Session, u *route.Update, _ bool) bool {
		r.number = u.Number
		if err = r.seconds(ctx, u.Engine); err == nil {
			err = r.line.Add(ctx, u, s)
		}
		return err == nil
	})
	return err
}

// seconds ticks for every second up to a time, as an ingester does in silence.
func (r *run) seconds(ctx context.Context, at route.Time) error {
	if r.ticked == 0 {
		return r.tick(ctx, at)
	}
	for r.ticked+route.Second <= at {
		if err := r.tick(ctx, r.ticked+route.Second); err != nil {
			return err
		}
	}
	return nil
}
