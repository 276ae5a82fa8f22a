package main

import (
	"iter"

	"detour/internal/scenario"
	"detour/internal/scenario/fulltable"
	"detour/route"
)

// Times of the story, in engine time.

// closed is when all of the leak is over and told.
func (w *demoWorld) closed() route.Time { return w.facts.Gone + 4*route.Minute }

// busy is when the hour of 2020-07-17 begins. It follows the leak, over the same
// table.
func (w *demoWorld) busy() route.Time { return w.closed() + route.Minute }

func (w *demoWorld) end() route.Time { return w.busy() + route.Hour }

// Rates of ordinary traffic over a table of full size, in route elements a
// second.
const (
	demoChurn     = 100
	demoBusyChurn = 50 // of AS13335, in the hour of 2020-07-17
)

// size is that of the table as a part of the real one; what is too small to have
// traffic counts as a twentieth.
func (w *demoWorld) size() float64 { return max(float64(w.table.Len())/1e6, 0.05) }

const demoBusy route.ASN = 13335

// story is the leak over ordinary traffic, in which nobody is cut off, and behind
// it an hour in which one network is busy as well.
func (w *demoWorld) story() iter.Seq[scenario.Element] {
	quiet := fulltable.NewChurn(w.table, fulltable.ChurnConfig{
		From: route.TimeOf(demoTableAt) + route.Second, To: w.end(), Rate: demoChurn * w.size(),
		Except: func(a route.ASN) bool {
			return a == fulltable.Leaker || a == fulltable.Source || a == demoBusy
		},
		Steady: func(route.ASN) bool { return true },
	}, demoSeed)
	busy := fulltable.NewChurn(w.table, fulltable.ChurnConfig{
		From: w.busy(), To: w.end(), Rate: demoBusyChurn * w.size(), Busy: []route.ASN{demoBusy}, BusyPercent: 100,
		Except: func(a route.ASN) bool { return a != demoBusy },
		Steady: func(route.ASN) bool { return true },
	}, demoSeed)
	counted := func(yield func(scenario.Element) bool) {
		busy.Elements(func(e scenario.Element) bool {
			w.own.Add(1)
			return yield(e)
		})
	}
	return fulltable.Merge(w.leak.Elements, quiet.Elements, counted)
}
