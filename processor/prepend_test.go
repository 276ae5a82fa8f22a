package processor

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/route"
	"detour/wire"
)

// TestChangedPrependsOfAWatchedPrefixAreTold holds when a record of them is
// made, and what it says.
func TestChangedPrependsOfAWatchedPrefixAreTold(t *testing.T) {
	const p, q = "104.16.0.0/12", "192.0.2.0/24"
	s := script{now: 1e15}
	s.announce(route.FlagTableDump, 0, p, 10, 1)
	s.announce(route.FlagTableDump, 0, q, 10, 1)
	s.announce(0, 0, p, 10, 1)           // the same
	s.announce(0, 0, p, 10, 1, 1, 1)     // more
	s.announce(0, 0, q, 10, 1, 1, 1)     // of what nobody watches
	s.announce(0, 0, p, 10, 10, 1)       // fewer, and of another
	s.announce(0, 0, p, 10, 20, 1, 1, 1) // another path
	s.announce(0, 0, p, 10, 20, 1)       // fewer
	s.announce(0, 1, p, 10, 1, 1, 1, 1)  // the first of another peer
	s.withdraw(0, p)                     //
	s.announce(0, 0, p, 10, 20, 1, 1)    // up again
	s.announce(route.FlagTableDump, 0, p, 10, 20, 1, 1, 1)
	cfg := Config{Shards: 1, Watched: func(x route.Prefix, _ route.ASN) bool { return x == route.MustPrefix(p) }}
	e := newEngine(cfg)
	var got []string
	for i, f := range split("i", s.updates, 1, func() bool { return true })[0].frames {
		if err := e.apply(uint64(i)+1, 0, f); err != nil {
			t.Fatal(err)
		}
		_, records := lines(t, e.finishRange(1, uint64(i)+1, uint64(i)+2))
		for _, r := range records {
			if r.Flags&wire.RecordPrepended != 0 {
				got = append(got, fmt.Sprintf("#%d %v %d to %d watched %v same path %v", r.Number, r.Prefix, r.Routes, r.Raised,
					r.Flags&wire.RecordWatched != 0, r.Prev != 0 && r.Prev == r.Next))
			}
		}
		e.startRange()
	}
	want := []string{
		"#4 104.16.0.0/12 3 to 5 watched true same path true",
		"#6 104.16.0.0/12 5 to 4 watched true same path true",
		"#8 104.16.0.0/12 6 to 4 watched true same path true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
