package correlate

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"detour/route"
)

// TestRecentKeepsTheDeparturesThatMatter compares with a list of everything: of the
// departures those stay that follow a change of the same route which is still held.
func TestRecentKeepsTheDeparturesThatMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 2000).Draw(t, "limit")
		var lost uint64
		r := newRecent(limit, &lost)
		var want []moment
		var dropped uint64
		now := route.Time(1)
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			m := moment{
				at: now, prefix: prefixID(rapid.IntRange(1, 3).Draw(t, "prefix")),
				session: rapid.Uint32Range(0, 2).Draw(t, "session"),
			}
			stands := false
			for i := range want {
				if want[i].prefix == m.prefix && want[i].session == m.session {
					stands = want[i].next != 0
				}
			}
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				now++
			case 1:
				old := now - route.Time(rapid.IntRange(0, 9).Draw(t, "age"))
				r.expire(old)
				want = slices.DeleteFunc(want, func(m moment) bool { return m.at < old })
			case 2:
				m.next = 7
				stands = true
				fallthrough
			default:
				if m.next != 0 {
					r.add(&m)
				} else {
					r.leaves(&m)
				}
				if stands {
					want = append(want, m)
				}
			}
			if len(want) > limit {
				want = want[1:]
				dropped++
			}
			var got []moment
			for i := range r.n {
				got = append(got, *r.at(i))
			}
			if !slices.Equal(got, want) || lost != dropped {
				t.Fatalf("holds %v and lost %d, want %v and %d", got, lost, want, dropped)
			}
		}
		r.expire(now + 1)
		if r.n != 0 || r.stand.Len() != 0 {
			t.Fatalf("%d moments and %d routes are left of none", r.n, r.stand.Len())
		}
	})
}
