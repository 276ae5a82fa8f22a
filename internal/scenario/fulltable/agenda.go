package fulltable

import (
	"cmp"
	"slices"

	"detour/route"
)

// grain is the length of one bucket of an agenda.
const grain = 100 * route.Millisecond

// agenda holds what is to happen within the next minutes, and gives it back in
// the order of time; what happens at once comes in the order of arrival. Nothing
// may be put before the time that it has reached, nor horizon after it.
type agenda[T any] struct {
	start   route.Time
	next    int // bucket that is given back next
	buckets [][]timed[T]
	held    int
}

type timed[T any] struct {
	at route.Time
	v  T
}

// newAgenda makes an agenda that begins at start and reaches horizon ahead.
func newAgenda[T any](start, horizon route.Time) *agenda[T] {
	return &agenda[T]{start: start, buckets: make([][]timed[T], int(horizon/grain)+2)}
}

// put adds v at a time, which is pushed into the agenda's range if it must.
func (a *agenda[T]) put(at route.Time, v T) {
	n := min(max(int((at-a.start)/grain), a.next), a.next+len(a.buckets)-1)
	b := &a.buckets[n%len(a.buckets)]
	*b = append(*b, timed[T]{at, v})
	a.held++
}

// until gives back whole buckets as long as all in them is before t, and
// reports false when yield does.
func (a *agenda[T]) until(t route.Time, yield func(at route.Time, v T) bool) bool {
	for ; a.start+route.Time(a.next+1)*grain <= t; a.next++ {
		if a.held == 0 {
			a.next = max(a.next, int((t-a.start)/grain)-1)
			continue
		}
		b := &a.buckets[a.next%len(a.buckets)]
		slices.SortStableFunc(*b, func(x, y timed[T]) int { return cmp.Compare(x.at, y.at) })
		for _, e := range *b {
			if !yield(e.at, e.v) {
				return false
			}
		}
		a.held -= len(*b)
		clear(*b)
		*b = (*b)[:0]
	}
	return true
}
