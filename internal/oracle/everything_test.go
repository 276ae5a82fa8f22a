package oracle_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"detour/internal/oracle"
	"detour/route"
)

func TestEverything(t *testing.T) {
	for _, c := range []struct {
		name  string
		paths []string // from peer A
		last  asns     // what is new on the last
	}{
		{"the first path is all new", []string{"100 701 174 13335"}, asns{701, 174}},
		{"a pair is new once", []string{"100 701 174 13335", "100 3356 701 13335"}, asns{3356}},
		{"per origin", []string{"100 701 13335", "100 701 15169"}, asns{701}},
		{"the origin is not on the way to itself", []string{"100 13335", "100 701 13335"}, asns{701}},
		{"nothing across a break", []string{"100 701 64512 174 13335"}, asns{174}},
		{"what stood before a break is still new", []string{"100 701 64512 13335", "100 701 13335"}, asns{701}},
		{"nothing towards an unknown origin", []string{"100 701 {1 2}"}, nil},
		{"judged hops only", []string{"100 701 174 701 3356 13335"}, asns{701, 174}},
		{"but hops beyond a repeat were seen", []string{"100 701 174 701 3356 13335", "100 3356 13335"}, nil},
		{"an empty tail has no pair", []string{"100"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := oracle.NewEverything()
			var got asns
			for _, text := range c.paths {
				p := parsePath(text)
				tail, _, _ := oracle.CleanPath(p, peers["A"])
				got = nil
				for _, i := range e.Announce(p, peers["A"]) {
					got = append(got, tail[i])
				}
			}
			if !slices.Equal(got, c.last) {
				t.Errorf("new: %v, want %v", got, c.last)
			}
		})
	}
}

// Operations of a random run.
type runner struct {
	shard *oracle.Shard
	all   *oracle.Everything
	now   route.Time
}

var (
	names    = []string{"A", "B", "C", "I"}
	prefixes = []string{"1.2.0.0/16", "1.2.3.0/24", "1.2.3.128/25", "9.0.0.0/8", "9.9.0.0/16", "2001:db8::/32"}
	transits = asns{701, 174, 1299, 6939, 2914, 3257, 13335, 64512} // an origin, too, and a break
	origins  = asns{13335, 13335, 13335, 15169, 3356, 64512}        // mostly one; the last is unknown
)

// TestWhatIsNewGloballyIsReported holds that a shard lets no globally new pair
// slip, whatever the origins of a prefix and wherever its paths break.
func TestWhatIsNewGloballyIsReported(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := runner{oracle.New(func(p route.Prefix) uint64 { return p.Hi }), oracle.NewEverything(), 0}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			r.step(t)
		}
		r.checkBounds(t)
	})
}

func (r *runner) step(t *rapid.T) {
	r.now += rapid.SampledFrom([]route.Time{
		0, route.Second, 299 * route.Second, 301 * route.Second, 6 * route.Hour, 31 * 24 * route.Hour,
	}).Draw(t, "pause")
	peer := peers[rapid.SampledFrom(names).Draw(t, "peer")]
	p := route.MustPrefix(rapid.SampledFrom(prefixes).Draw(t, "prefix"))
	addPath := peer.ASN == 300
	id := uint32(0)
	if addPath {
		id = rapid.Uint32Range(1, 4).Draw(t, "id")
	}
	switch op := rapid.IntRange(0, 9).Draw(t, "op"); op {
	case 0:
		r.shard.Reset(peer)
		r.shard.Sweep()
	case 1, 2:
		r.shard.Withdraw(r.now, peer, p, id, addPath)
	default:
		path := route.Path{ASNs: asns{peer.ASN}}
		for range rapid.IntRange(0, 5).Draw(t, "hops") {
			path.ASNs = append(path.ASNs, rapid.SampledFrom(transits).Draw(t, "hop"))
		}
		path.ASNs = append(path.ASNs, rapid.SampledFrom(origins).Draw(t, "origin"))
		from := map[int]oracle.Source{3: oracle.Table, 4: oracle.Transfer}[op]
		f := r.shard.Announce(r.now, peer, p, id, addPath, path, from)
		units := r.all.Units(r.now, path, peer, from)
		if f.Outcome == oracle.Nothing {
			return // a table dump that met a slot in use: the shard never saw this path
		}
		fresh := r.all.Announce(path, peer)
		if f.Outcome != oracle.Changed && f.Outcome != oracle.Extra {
			if len(fresh) > 0 && from != oracle.Table {
				t.Fatalf("%v %v: %v, but %v of the path are new", p, path.ASNs, f.Outcome, fresh)
			}
			return
		}
		for _, i := range fresh {
			if !slices.Contains(f.Reported, i) {
				t.Fatalf("%v %v: hop %d is new and not reported: %s\n%s", p, path.ASNs, i, brief(f), r.shard.Dump())
			}
		}
		for _, i := range units {
			if !slices.Contains(f.Young, i) && !follow(f.Prev, f.Next[i], f.Next[i+1]) {
				t.Fatalf("%v %v: the way from hop %d is news and not young: %s", p, path.ASNs, i, brief(f))
			}
		}
	}
}

// follow reports whether b stands right behind a.
func follow(tail asns, a, b route.ASN) bool {
	for i := range tail {
		if i+1 < len(tail) && tail[i] == a && tail[i+1] == b {
			return true
		}
	}
	return false
}

// checkBounds looks for what no state may be.
func (r *runner) checkBounds(t *rapid.T) {
	for _, text := range prefixes {
		section := dumpOf(r.shard, text)
		if n := countLines(section, "  newcomer "); n > 16 {
			t.Fatalf("%d newcomers:\n%s", n, section)
		}
		if ids, up := countLines(section, "    main id"), countLines(section, "  slot C up"); ids != up {
			t.Fatalf("%d main ids for %d slots with ADD-PATH that are up:\n%s", ids, up, section)
		}
	}
}
