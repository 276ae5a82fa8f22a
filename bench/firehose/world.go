package firehose

import (
	"bytes"
	"fmt"
	"time"

	"detour/internal/scenario/fulltable"
	"detour/internal/scenario/topo"
	"detour/processor/reference"
	"detour/route"
)

// seed makes every world of a size the same.
const seed = 1

// Shape is the size of a world.
type Shape struct {
	Prefixes, Peers int
	Churn           int // elements of the churn tape, roughly
	Targets         int // watched prefixes, one for each labelled event
}

// world is the traffic of all runs: a table, churn over it, and the prefixes that
// are watched, of which nothing is told but in labelled events.
type world struct {
	shape    Shape
	at       route.Time // of the table
	sessions []route.Session
	dump     tape
	churn    tape
	targets  []target
	watch    *reference.Watch
}

// Sizes of a made-up Internet.
const (
	networksMax = 75_000
	networksMin = 1000
	perNetwork  = 10 // prefixes
)

// Engine times of what comes before the clock starts: the table and the churn are
// that old when it does, so that the ways they show are known by then.
const (
	tableAge = 10 * route.Hour
	churnAge = 9 * route.Hour
	churnFor = route.Hour
)

// makeWorld makes everything that is sent. It takes seconds for 100,000 prefixes.
func makeWorld(shape Shape, now time.Time) (*world, error) {
	g, err := topo.Generate(topo.Config{ASes: min(networksMax, max(networksMin, shape.Prefixes/perNetwork))}, seed)
	if err != nil {
		return nil, fmt.Errorf("make traffic: %w", err)
	}
	w := &world{shape: shape, at: route.TimeOf(now) - tableAge}
	table, err := topo.NewTable(g, topo.TableConfig{
		Collector: "bench", At: w.at, Peers: shape.Peers, Prefixes4: shape.Prefixes,
	}, seed)
	if err != nil {
		return nil, fmt.Errorf("make traffic: %w", err)
	}
	w.sessions = table.Sessions()
	quiet, err := w.choose(table)
	if err != nil {
		return nil, err
	}
	table.Each(func(_ *route.Session, u *route.Update) bool {
		w.dump.add(u)
		return true
	})
	span := churnFor
	churn := fulltable.NewChurn(table, fulltable.ChurnConfig{
		To: span, Rate: float64(shape.Churn) / (float64(span) / float64(route.Second)), Except: quiet,
	}, seed)
	fulltable.Updates(table, 0, churn.Elements)(func(_ *route.Session, u *route.Update, _ bool) bool {
		w.churn.add(u)
		return true
	})
	return w, nil
}

// choose draws the watched prefixes, one of a network, and returns who has them.
func (w *world) choose(table *topo.Table) (quiet func(route.ASN) bool, err error) {
	asns := table.Graph().ASNs()
	owners := map[route.ASN]bool{}
	view := table.NewView()
	var list bytes.Buffer
	step := max(1, len(asns)/(2*w.shape.Targets+1))
	for i := step / 2; i < len(asns) && len(w.targets) < w.shape.Targets; i += step {
		if t, ok := newTarget(table, view, asns[i], len(w.targets)); ok {
			owners[asns[i]] = true
			w.targets = append(w.targets, t)
			fmt.Fprintf(&list, "%v AS%v\n", t.prefix, asns[i])
		}
	}
	if len(w.targets) < w.shape.Targets {
		return nil, fmt.Errorf("make traffic: %d prefixes to be watched of %d: the table is too small",
			len(w.targets), w.shape.Targets)
	}
	if len(w.targets) > 0 {
		if w.watch, err = reference.ReadWatch(&list, "watch list"); err != nil {
			return nil, fmt.Errorf("make traffic: %w", err)
		}
	}
	return func(a route.ASN) bool { return owners[a] }, nil
}

// watched is what processor.Config.Watched asks for.
func (w *world) watched() func(route.Prefix, route.ASN) bool {
	if w.watch == nil {
		return nil
	}
	return func(p route.Prefix, origin route.ASN) bool {
		return w.watch.Match(p) != nil || w.watch.ASN(origin) != nil
	}
}
