package fulltable

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"detour/route"
)

// TestAnAgendaSortsByTime holds it against a sorted list.
func TestAnAgendaSortsByTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const horizon = 10 * route.Second
		a := newAgenda[int](5*route.Second, horizon)
		var want, got []timed[int]
		now := 5 * route.Second
		for n := range rapid.IntRange(1, 60).Draw(t, "events") {
			if rapid.IntRange(0, 3).Draw(t, "go on") == 0 {
				now += route.Time(rapid.Int64Range(0, int64(15*route.Second)).Draw(t, "by"))
				a.until(now, func(at route.Time, v int) bool {
					got = append(got, timed[int]{at, v})
					return true
				})
			}
			at := now + route.Time(rapid.Int64Range(0, int64(horizon-grain)).Draw(t, "ahead"))
			a.put(at, n)
			want = append(want, timed[int]{at, n})
		}
		a.until(now+2*horizon, func(at route.Time, v int) bool {
			got = append(got, timed[int]{at, v})
			return true
		})
		slices.SortStableFunc(want, func(x, y timed[int]) int { return cmp.Compare(x.at, y.at) })
		if !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}
