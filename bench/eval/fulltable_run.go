package eval

import (
	"context"
	"iter"

	"detour/alert"
	"detour/internal/scenario"
	"detour/internal/scenario/fulltable"
	"detour/internal/scenario/topo"
	"detour/processor"
	"detour/route"
)

const (
	// churnRate is route elements a second of ordinary traffic over the table.
	churnRate = 100
	// churnBefore is how long there is ordinary traffic before the story.
	churnBefore = 10 * route.Minute
	// dumpRate spreads a table over engine time, so that evidence of it does
	// not wait for its end: updates a second.
	dumpRate = 20_000
	// dumpBefore is how long before the traffic the table begins.
	dumpBefore = route.Hour
)

// tableStory is something that happens over a generated table, which is given
// first.
type tableStory struct {
	name       string
	table      *topo.Table
	elements   iter.Seq[scenario.Element]
	start, end route.Time
	churn      fulltable.ChurnConfig // its From and To are set
	leakOver   route.Time            // when the phase costLeak ends
	costs      *costs
}

// run lays the story over ordinary traffic and returns what was said from its
// start on.
func (t *tableStory) run(ctx context.Context, s Setup) (*Outcome, error) {
	r := &run{tally: newTally(t.start)}
	sessions := t.table.Sessions()
	for i := range sessions {
		r.sessions = append(r.sessions, &sessions[i])
	}
	s.costs = t.costs
	var err error
	if r.line, err = processor.NewLine(s.config(), func(a *alert.Alert) { r.tally.take(a) }); err != nil {
		return nil, err
	}
	from, until := t.start-churnBefore, t.end+settle
	if err := r.dump(ctx, t.table, from); err != nil {
		return nil, err
	}
	r.phases.primed = r.line.Stats()
	t.churn.From, t.churn.To = from, until
	churn := fulltable.NewChurn(t.table, t.churn, 1)
	if err := t.feed(ctx, r, fulltable.Merge(t.elements, churn.Elements)); err != nil {
		return nil, err
	}
	if err := r.tick(ctx, until); err != nil {
		return nil, err
	}
	if err := r.line.End(ctx); err != nil {
		return nil, err
	}
	o := r.tally.outcome(&scenario.Case{Name: t.name})
	o.Line, o.Primed, o.Quiet, o.Bad = r.line.Stats(), r.phases.primed, r.phases.quiet, r.phases.bad
	return o, nil
}

// feed feeds elements and notes what of them is bad.
func (t *tableStory) feed(ctx context.Context, r *run, elements iter.Seq[scenario.Element]) (err error) {
	t.costs.phase = costQuiet
	fulltable.Updates(t.table, r.number, elements)(func(s *route.Session, u *route.Update, bad bool) bool {
		if bad && t.costs.phase == costQuiet {
			t.costs.phase, r.phases.quiet = costLeak, r.line.Stats()
		}
		if t.costs.phase == costLeak && t.leakOver != 0 && u.Engine >= t.leakOver {
			t.costs.phase, r.phases.bad = costAfter, r.line.Stats()
		}
		if bad {
			for _, list := range [][]route.NLRI{u.Announced, u.Withdrawn} {
				for _, n := range list {
					r.tally.elements = append(r.tally.elements, badElement{u.Engine, n.Prefix()})
				}
			}
		}
		r.number = u.Number
		if err = r.tick(ctx, u.Engine); err == nil {
			err = r.line.Add(ctx, u, s)
		}
		return err == nil
	})
	return err
}

// dump primes with the whole table, which ends before the moment given, and
// states its end.
func (r *run) dump(ctx context.Context, table *topo.Table, before route.Time) (err error) {
	at := before - dumpBefore
	table.Each(func(s *route.Session, u *route.Update) bool {
		if r.number%dumpRate == dumpRate-1 {
			at = min(at+route.Second, before)
		}
		r.number++
		u.Number, u.Engine, u.Collected = r.number, at, at
		if err = r.tick(ctx, at); err == nil {
			err = r.line.Add(ctx, u, s)
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	return r.add(ctx, &packed{kind: route.KindEndOfRIB, peer: route.AllPeers, at: at}, at)
}
