package eval

import (
	"context"

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
	// churnBefore is how long there is ordinary traffic before the leak.
	churnBefore = 10 * route.Minute
	// dumpRate spreads a table over engine time, so that evidence of it does
	// not wait for its end: updates a second.
	dumpRate = 20_000
	// dumpBefore is how long before the traffic the table begins.
	dumpBefore = route.Hour
)

// runFull primes a Line with a whole table and lets the leak and churn of other
// networks run over it.
func runFull(
	ctx context.Context, s Setup, table *topo.Table, v *fulltable.Verizon, ramp route.Time, c *costs,
) (*Outcome, error) {
	facts := v.Facts()
	r := &run{tally: newTally(facts.Start)}
	sessions := table.Sessions()
	for i := range sessions {
		r.sessions = append(r.sessions, &sessions[i])
	}
	var err error
	if r.line, err = processor.NewLine(s.config(), func(a *alert.Alert) { r.tally.take(a) }); err != nil {
		return nil, err
	}
	from := facts.Start - churnBefore
	if err := r.dump(ctx, table, from); err != nil {
		return nil, err
	}
	r.phases.primed = r.line.Stats()
	churn := fulltable.NewChurn(table, fulltable.ChurnConfig{
		From: from, To: facts.Gone + settle, Rate: churnRate,
		Except: func(a route.ASN) bool { return a == fulltable.Leaker || a == fulltable.Source },
	}, 1)
	c.phase = costQuiet
	leakOver := facts.Start + ramp + 30*route.Second
	quiet, over := false, false
	feed := fulltable.Updates(table, r.number, fulltable.Merge(v.Elements, churn.Elements))
	feed(func(s *route.Session, u *route.Update, bad bool) bool {
		if !quiet && bad {
			quiet, r.phases.quiet = true, r.line.Stats()
			c.phase = costLeak
		}
		if !over && u.Engine >= leakOver {
			over, r.phases.bad = true, r.line.Stats()
			c.phase = costAfter
		}
		if bad {
			for _, n := range u.Announced {
				r.tally.elements = append(r.tally.elements, badElement{u.Engine, n.Prefix()})
			}
		}
		r.number = u.Number
		if err = r.tick(ctx, u.Engine); err == nil {
			err = r.line.Add(ctx, u, s)
		}
		return err == nil
	})
	if err != nil {
		return nil, err
	}
	if err := r.tick(ctx, facts.Gone+settle); err != nil {
		return nil, err
	}
	if err := r.line.End(ctx); err != nil {
		return nil, err
	}
	o := r.tally.outcome(&scenario.Case{Name: "2019-06-24"})
	o.Line, o.Primed, o.Quiet, o.Bad = r.line.Stats(), r.phases.primed, r.phases.quiet, r.phases.bad
	return o, nil
}

// dump primes with the whole table, so that it ends before the moment given.
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
	r.number++
	return r.line.Add(ctx, &route.Update{
		Kind: route.KindEndOfRIB, Peer: route.AllPeers, Number: r.number, Engine: at, Collected: at,
	}, nil)
}
