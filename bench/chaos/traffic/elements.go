package traffic

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"

	"detour/internal/scenario"
	"detour/internal/scenario/fulltable"
	"detour/route"
)

// Churn of an hour is told within the run; the leak lasts longer than any.
const (
	churnFor = route.Hour
	leakRamp = 16 * route.Second
	leakHold = 3 * route.Hour
)

// elements yields all that the peers tell, in order of time.
func (w *world) elements() iter.Seq[scenario.Element] {
	length := w.shape.engine(w.shape.Length)
	return fulltable.Merge(
		w.marks(0), slices.Values(w.churn), until(Start+length, w.leak.Elements), w.hijacks, w.marks(length),
	)
}

// churnMore is how much more churn is asked for than is told: a table gives less
// of it where the same prefixes would change too often.
const churnMore = 1.6

// makeChurn makes ordinary traffic of an hour, at an even rate within the run.
func (w *world) makeChurn() error {
	length := w.shape.engine(w.shape.Length)
	quiet := map[route.ASN]bool{fulltable.Leaker: true, fulltable.Source: true}
	for i := range w.targets {
		quiet[w.targets[i].origin] = true
	}
	want := int(float64(w.shape.Rate) * w.shape.Length.Seconds())
	list := slices.Collect(fulltable.NewChurn(w.table, fulltable.ChurnConfig{
		From: Start, To: Start + churnFor, Rate: churnMore * float64(want) / float64(churnFor/route.Second),
		// Of the leak's prefixes it would hang on who comes first what is told.
		Except: func(a route.ASN) bool { return quiet[a] || w.victims[a] },
	}, seed).Elements)
	if len(list) < want {
		return fmt.Errorf("%d elements of churn of %d: the table is too small", len(list), want)
	}
	slices.SortStableFunc(list, func(a, b scenario.Element) int { return cmp.Compare(a.At, b.At) })
	list = list[:want]
	var was, is route.Time // of those that come at once
	for i := range list {
		if list[i].At != was {
			was, is = list[i].At, Start+route.Time(i)*length/route.Time(want)
		}
		list[i].At = is
	}
	w.churn = list
	return nil
}

// history yields every way that the churn will show, once, with one of the
// prefixes: an hour within minutes would look like news to whoever never saw it.
func (w *world) history(yield func(scenario.Element) bool) {
	seen := map[string]bool{}
	var key []byte
	for _, e := range w.churn {
		if e.Path == nil {
			continue
		}
		key = key[:0]
		for _, a := range e.Path {
			key = binary.BigEndian.AppendUint32(key, uint32(a))
		}
		if seen[string(key)] {
			continue
		}
		seen[string(key)] = true
		e.At = Start
		if !yield(e) {
			return
		}
	}
}

// marks has one peer of each ingester say what it has said before, so that all
// recordings begin and end at the same moments.
func (w *world) marks(after route.Time) iter.Seq[scenario.Element] {
	return func(yield func(scenario.Element) bool) {
		view := w.table.NewView()
		for i := range Ingesters {
			peer, _ := w.own(i)
			for a := range uint32(w.table.NumAtoms()) {
				atom := w.table.AtomAt(a)
				path, ok := view.AppendPath(nil, peer, atom)
				if !ok || len(atom.Prefixes) == 0 {
					continue
				}
				if !yield(scenario.Element{
					At: Start + after, Peer: uint32(peer), Kind: route.KindUpdate, Prefix: atom.Prefixes[0], Path: path,
				}) {
					return
				}
				break
			}
		}
	}
}

func until(end route.Time, list iter.Seq[scenario.Element]) iter.Seq[scenario.Element] {
	return func(yield func(scenario.Element) bool) {
		for e := range list {
			if e.At >= end || !yield(e) {
				return
			}
		}
	}
}
