package eval

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/internal/scenario"
	"detour/route"
)

// drawElements makes elements whose neighbours often fit into one update.
func drawElements(t *rapid.T) []scenario.Element {
	paths := [][]route.ASN{{1, 2, 3}, {1, 4, 3}, nil}
	comms := [][]byte{nil, {0, 1, 0, 2}}
	prefixes := []route.Prefix{
		route.MustPrefix("10.0.0.0/8"), route.MustPrefix("192.0.2.0/24"), route.MustPrefix("2001:db8::/32"),
	}
	var out []scenario.Element
	at := route.Time(1e15)
	for range rapid.IntRange(0, 40).Draw(t, "elements") {
		at += rapid.SampledFrom([]route.Time{0, 0, 1e6}).Draw(t, "later")
		e := scenario.Element{At: at, Peer: rapid.Uint32Range(0, 1).Draw(t, "peer")}
		if rapid.IntRange(0, 9).Draw(t, "event") == 0 {
			e.Kind = route.KindPeerUp
			out = append(out, e)
			continue
		}
		e.Prefix = rapid.SampledFrom(prefixes).Draw(t, "prefix")
		if e.Path = rapid.SampledFrom(paths).Draw(t, "path"); e.Path != nil {
			e.Communities = rapid.SampledFrom(comms).Draw(t, "communities")
			e.Table = rapid.Bool().Draw(t, "table")
			if e.HasOTC = rapid.Bool().Draw(t, "otc"); e.HasOTC {
				e.OTC = 7
			}
		}
		out = append(out, e)
	}
	return out
}

// TestPackedElementsComeBack holds that packing loses and reorders nothing.
func TestPackedElementsComeBack(t *testing.T) {
	fewer := false
	rapid.Check(t, func(t *rapid.T) {
		want := drawElements(t)
		list := pack(want)
		fewer = fewer || len(list) < len(want)
		var got []scenario.Element
		for i := range list {
			var u route.Update
			list[i].update(&u)
			e := scenario.Element{At: u.Engine, Peer: u.Peer, Kind: u.Kind}
			if u.Kind != route.KindUpdate {
				got = append(got, e)
				continue
			}
			e.Path, e.Communities, e.OTC = u.Path.ASNs, u.Communities, u.OTC
			e.HasOTC, e.Table = u.Flags&route.FlagHasOTC != 0, u.Flags&route.FlagTableDump != 0
			for _, n := range slices.Concat(u.Announced, u.Withdrawn) {
				e.Prefix = n.Prefix()
				got = append(got, e)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("(-elements +packed):\n%s", d)
		}
	})
	if !fewer {
		t.Error("no two elements shared an update")
	}
}

func TestPathsAreLaidFlat(t *testing.T) {
	seq := func(n uint16) route.Segment { return route.Segment{Type: route.ASSequence, Count: n} }
	set := func(n uint16) route.Segment { return route.Segment{Type: route.ASSet, Count: n} }
	confed := func(n uint16) route.Segment { return route.Segment{Type: route.ASConfedSequence, Count: n} }
	path := func(segments []route.Segment, asns ...route.ASN) route.Path {
		return route.Path{ASNs: asns, Segments: segments}
	}
	for name, c := range map[string]struct {
		path route.Path
		want []route.ASN
	}{
		"a sequence":               {path(nil, 1, 2, 2), []route.ASN{1, 2, 2}},
		"a set of one":             {path([]route.Segment{seq(1), set(1)}, 1, 2), []route.ASN{1, 2}},
		"a set of two ends it":     {path([]route.Segment{seq(1), set(2), seq(1)}, 1, 2, 3, 4), []route.ASN{1, 0}},
		"a confederation is not":   {path([]route.Segment{confed(2), seq(1)}, 9, 8, 1), []route.ASN{1}},
		"a sequence, in two parts": {path([]route.Segment{seq(1), confed(1), seq(1)}, 1, 5, 2), []route.ASN{1, 2}},
	} {
		l := &loader{paths: map[string][]route.ASN{}}
		if got := l.path(&c.path); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if again := l.path(&c.path); &again[0] != &l.path(&c.path)[0] {
			t.Errorf("%s: equal paths do not share memory", name)
		}
	}
}
