package rib_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/internal/oracle"
	"detour/processor/rib"
	"detour/route"
)

// dumpOf writes views in the words of Dump.
func dumpOf(views []*rib.View, peers []route.Peer) string {
	var b strings.Builder
	for _, v := range views {
		kind := "own"
		if !v.Base.Known {
			kind = "unknown"
		} else if v.Inherited {
			kind = "inherited"
		}
		fmt.Fprintf(&b, "%v %s\n", v.Prefix, kind)
		if v.Base.Known {
			fmt.Fprintf(&b, "  current %v origins %v\n", v.Base.ASNs, v.Base.Origins)
			fmt.Fprintf(&b, "  old %v origins %v\n", v.Old.ASNs, v.Old.Origins)
		}
		for _, origin := range []bool{false, true} {
			list := slices.DeleteFunc(slices.Clone(v.Newcomers), func(n rib.Newcomer) bool { return n.Origin != origin })
			slices.SortFunc(list, func(a, b rib.Newcomer) int { return cmp.Compare(a.ASN, b.ASN) })
			for _, n := range list {
				word := map[bool]string{false: "as", true: "origin"}[origin]
				fmt.Fprintf(&b, "  newcomer %s %d first %d\n", word, n.ASN, n.First/route.Second)
			}
		}
		routes := slices.Clone(v.Routes)
		slices.SortFunc(routes, func(a, b rib.Route) int {
			return cmp.Compare(oracle.PeerText(peers[a.Peer]), oracle.PeerText(peers[b.Peer]))
		})
		for _, r := range routes {
			state := map[bool]string{true: "up", false: "down"}[r.Up]
			if r.Reset {
				state = "reset"
			}
			fmt.Fprintf(&b, "  slot %s %s stated=%t held=%t longest=%d path %v\n",
				oracle.PeerText(peers[r.Peer]), state, r.Stated, r.Held, r.Longest, r.Path)
		}
		fmt.Fprintf(&b, "  up %d lost %d low=%t\n", v.Up, v.Lost, v.Low)
	}
	return b.String()
}

// withoutIDs drops what Query does not tell: ADD-PATH identifiers.
func withoutIDs(dump string) string {
	var keep []string
	for line := range strings.Lines(dump) {
		if !strings.HasPrefix(line, "    ") {
			keep = append(keep, line)
		}
	}
	return strings.Join(keep, "")
}

// TestQuerySaysWhatTheStateHolds holds Query against the dump that the oracle is
// compared with, and that it changes nothing.
func TestQuerySaysWhatTheStateHolds(t *testing.T) {
	extras, marked := 0, 0
	check := func(rt *rapid.T) {
		m := newMachine(oraclePeers)
		rt.Repeat(map[string]func(*rapid.T){
			"announce": m.announce, "withdraw": m.withdraw, "reset": m.reset, "sweep": m.sweep,
		})
		want := m.r.Dump(m.who)
		var views []*rib.View
		for _, text := range oraclePrefixes {
			p := route.MustPrefix(text)
			v, ok := m.r.Query(p)
			if !ok {
				continue
			}
			views = append(views, v)
			for _, r := range v.Routes {
				extras += len(r.Extras)
				marked += len(r.New)
				path, up := m.r.PathOf(r.Peer, p)
				if up != r.Up || up && !slices.Equal(path, r.Path) {
					rt.Fatalf("PathOf says %v, %t of %v", path, up, r)
				}
				for i, asn := range r.Path {
					known := slices.Contains(v.Base.ASNs, asn) || slices.Contains(v.Old.ASNs, asn)
					isNew := v.Base.Known && asn != 0 && i < len(r.Path)-1 && !known
					if isNew && !slices.Contains(r.New, asn) {
						rt.Fatalf("AS%d of %v is new, but not among %v", asn, r.Path, r.New)
					}
				}
			}
		}
		slices.SortFunc(views, func(a, b *rib.View) int {
			if a.Prefix.Less(b.Prefix) {
				return -1
			}
			return 1
		})
		if d := gocmp.Diff(withoutIDs(want), dumpOf(views, m.who)); d != "" {
			rt.Fatalf("dump (-state +views):\n%s", d)
		}
		if got := m.r.Dump(m.who); got != want {
			rt.Fatalf("asking changed the state:\n%s", gocmp.Diff(want, got))
		}
	}
	for range 10 { // further ADD-PATH paths are seldom there at the end
		if rapid.Check(t, check); extras > 0 || t.Failed() {
			break
		}
	}
	if extras == 0 || marked == 0 {
		t.Errorf("%d further paths, %d new hops: not all was compared", extras, marked)
	}
}

func TestQueryKnowsItsSurroundings(t *testing.T) {
	s := newShard(t, rib.Config{}, 1)
	for _, p := range []string{"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.3.0/24", "11.0.0.0/8"} {
		s.table(0, p, 10, 1)
	}
	if _, ok := s.r.Query(route.MustPrefix("10.9.0.0/16")); ok {
		t.Error("a prefix that nobody announced is known")
	}
	if cover, ok := s.r.CoverOf(route.MustPrefix("10.9.0.0/16")); !ok || cover != route.MustPrefix("10.0.0.0/8") {
		t.Errorf("cover of 10.9.0.0/16: %v, %t", cover, ok)
	}
	if v, ok := s.r.Query(route.MustPrefix("10.1.2.0/24")); !ok || v.Cover != route.MustPrefix("10.1.0.0/16") {
		t.Errorf("10.1.2.0/24: %+v, %t", v, ok)
	}
	if _, ok := s.r.CoverOf(route.MustPrefix("11.0.0.0/8")); ok {
		t.Error("11.0.0.0/8 has a cover")
	}
	list, n := s.r.Within(route.MustPrefix("10.0.0.0/8"), 2)
	if n != 3 || fmt.Sprint(list) != "[10.1.0.0/16 10.1.2.0/24]" {
		t.Errorf("within 10.0.0.0/8: %v of %d", list, n)
	}
}

func TestQueryTellsWhenNewcomersBecomeNormalAndBaselinesAge(t *testing.T) {
	s := newShard(t, rib.Config{}, 1)
	s.table(0, "10.0.0.0/8", 10, 1)
	s.announce(0, "10.0.0.0/8", 20, 1)
	v, _ := s.r.Query(route.MustPrefix("10.0.0.0/8"))
	want := []rib.Newcomer{{ASN: 20, First: 1e15, Normal: 1e15 + 6*route.Hour}}
	if d := gocmp.Diff(want, v.Newcomers); d != "" {
		t.Errorf("newcomers (-want +got):\n%s", d)
	}
	if r := v.Routes[0]; r.Changed != 1e15 || r.Held || fmt.Sprint(r.New) != "[20]" {
		t.Errorf("route %+v", r)
	}
	// One second before it ages nothing happens at a touch, at that second it does.
	for _, c := range []struct {
		at  route.Time
		old bool
	}{{v.Ages - route.Second, false}, {v.Ages, true}} {
		s.r.Advance(c.at)
		s.announce(0, "10.0.0.0/8", 30, 1)
		s.announce(0, "10.0.0.0/8", 10, 1)
		if w, _ := s.r.Query(route.MustPrefix("10.0.0.0/8")); w.Old.Known != c.old {
			t.Errorf("at %v the baseline of before is known: %t, want %t", c.at, w.Old.Known, c.old)
		}
	}
}
