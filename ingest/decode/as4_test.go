package decode_test

import (
	"testing"

	"detour/ingest/decode"
	"detour/route"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const trans = 23456

func segs(list ...route.Segment) []route.Segment { return list }

func TestPathShape(t *testing.T) {
	seg := func(typ route.SegmentType, n uint16) route.Segment { return route.Segment{Type: typ, Count: n} }
	seq, set := route.ASSequence, route.ASSet
	tests := map[string]struct {
		value    []byte
		asns     []route.ASN
		segments []route.Segment
	}{
		"empty":                  {nil, nil, nil},
		"one sequence":           {seg4(2, 1, 2, 2), asns(1, 2, 2), nil},
		"adjacent sequences":     {b(seg4(2, 1, 2), seg4(2, 3)), asns(1, 2, 3), nil},
		"one set":                {seg4(1, 1, 2), asns(1, 2), segs(seg(set, 2))},
		"sequence then set":      {b(seg4(2, 1, 2), seg4(1, 3, 4)), asns(1, 2, 3, 4), segs(seg(seq, 2), seg(set, 2))},
		"adjacent sets stay two": {b(seg4(1, 1), seg4(1, 2)), asns(1, 2), segs(seg(set, 1), seg(set, 1))},
		"confederation segments": {
			b(seg4(3, 64512), seg4(4, 64513), seg4(2, 1), seg4(2, 2)), asns(64512, 64513, 1, 2),
			segs(seg(route.ASConfedSequence, 1), seg(route.ASConfedSet, 1), seg(seq, 2)),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var d decode.Decoder
			u := must(t, &d, update(nil, b(origin, attr(wellKnown, 2, tt.value), nextHop), ten8), wide)
			want := route.Path{ASNs: tt.asns, Segments: tt.segments}
			if diff := cmp.Diff(want, u.Path, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("path differs (-want +got):\n%s", diff)
			}
			if u.Flags&route.FlagHasPath == 0 {
				t.Error("no FlagHasPath")
			}
		})
	}
}

func TestPathLongerThanOneSegmentCanHold(t *testing.T) {
	long := make([]uint32, 255)
	for i := range long {
		long[i] = uint32(i + 1)
	}
	var d decode.Decoder
	u := must(t, &d, update(nil, b(origin, attr(wellKnown, 2, seg4(2, long...), seg4(2, 7)), nextHop), ten8), wide)
	if len(u.Path.ASNs) != 256 || u.Path.ASNs[255] != 7 || len(u.Path.Segments) != 0 {
		t.Errorf("got %d ASNs, %v", len(u.Path.ASNs), u.Path.Segments)
	}
}

// TestAS4PathMerge follows RFC 6793 §4.2.3.
func TestAS4PathMerge(t *testing.T) {
	seq := func(n uint16) route.Segment { return route.Segment{Type: route.ASSequence, Count: n} }
	set := func(n uint16) route.Segment { return route.Segment{Type: route.ASSet, Count: n} }
	confed := func(n uint16) route.Segment { return route.Segment{Type: route.ASConfedSequence, Count: n} }
	bad := counts{decode.ReasonAS4Path: 1}
	tests := map[string]struct {
		path, as4 []byte
		want      route.Path
		reasons   counts
	}{
		"same length replaces": {seg2(2, 10, trans), seg4(2, 10, 196615), route.Path{ASNs: asns(10, 196615)}, nil},
		"leading hops are kept": {
			seg2(2, 10, 20, trans), seg4(2, 20, 196615),
			route.Path{ASNs: asns(10, 20, 196615)},
			nil,
		},
		"a longer AS4_PATH is ignored": {seg2(2, 10, 20), seg4(2, 1, 2, 3), route.Path{ASNs: asns(10, 20)}, nil},
		"a set counts one hop": {
			b(seg2(2, 10, trans), seg2(1, trans, 30, 40)), b(seg4(2, 196615), seg4(1, 196616, 30, 40)),
			route.Path{ASNs: asns(10, 196615, 196616, 30, 40), Segments: segs(seq(2), set(3))},
			nil,
		},
		"a leading set is kept whole": {
			b(seg2(1, 1, 2), seg2(2, trans)), seg4(2, 196615),
			route.Path{ASNs: asns(1, 2, 196615), Segments: segs(set(2), seq(1))},
			nil,
		},
		"a set behind the cut goes": {
			b(seg2(2, 10), seg2(1, 1, 2)), b(seg4(1, 196615, 2)),
			route.Path{ASNs: asns(10, 196615, 2), Segments: segs(seq(1), set(2))},
			nil,
		},
		"a longer one by sets is ignored": {
			seg2(1, 1, 2, 3), seg4(2, 196615, 2),
			route.Path{ASNs: asns(1, 2, 3), Segments: segs(set(3))},
			nil,
		},
		"a leading confederation segment is kept": {
			b(seg2(3, 64512), seg2(2, 10, trans)), seg4(2, 10, 196615),
			route.Path{ASNs: asns(64512, 10, 196615), Segments: segs(confed(1), seq(2))},
			nil,
		},
		"one behind a kept segment is kept": {
			b(seg2(2, 10), seg2(3, 64512), seg2(2, trans)), seg4(2, 196615),
			route.Path{ASNs: asns(10, 64512, 196615), Segments: segs(seq(1), confed(1), seq(1))},
			nil,
		},
		"one behind a cut segment goes": {
			b(seg2(2, 10, trans), seg2(3, 64512)), seg4(2, 196615),
			route.Path{ASNs: asns(10, 196615)},
			nil,
		},
		"confederation segments of AS4_PATH are dropped": {
			seg2(2, 10, trans), b(seg4(3, 64512), seg4(2, 196615)),
			route.Path{ASNs: asns(10, 196615)},
			nil,
		},
		"sequences around a dropped one are joined": {
			seg2(2, 10, trans, trans),
			b(seg4(2, 196615), seg4(4, 9), seg4(2, 196616)),
			route.Path{ASNs: asns(10, 196615, 196616)},
			nil,
		},
		"an AS4_PATH of nothing else is ignored": {seg2(2, 10, 20), seg4(3, 64512), route.Path{ASNs: asns(10, 20)}, nil},
		"an empty AS4_PATH is discarded":         {seg2(2, 10, 20), nil, route.Path{ASNs: asns(10, 20)}, bad},
		"one with an unknown segment is":         {seg2(2, 10, 20), seg4(7, 1), route.Path{ASNs: asns(10, 20)}, bad},
		"one with an overrun is":                 {seg2(2, 10, 20), seg2(2, 1), route.Path{ASNs: asns(10, 20)}, bad},
		"one with AS 0 is":                       {seg2(2, 10, 20), seg4(2, 0), route.Path{ASNs: asns(10, 20)}, bad},
		"one with a segment of no ASN is":        {seg2(2, 10, 20), b(2, 0), route.Path{ASNs: asns(10, 20)}, bad},
		"an empty AS_PATH stays empty":           {nil, seg4(2, 1), route.Path{}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var d decode.Decoder
			// AS4_PATH first: the order of attributes must not matter.
			attrs := b(attr(optTransitive, 17, tt.as4), origin, attr(wellKnown, 2, tt.path), nextHop)
			u := must(t, &d, update(nil, attrs, ten8), narrow)
			if diff := cmp.Diff(tt.want, u.Path, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("path differs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.reasons, counts(reasons(&d)), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("reasons differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAS4Aggregator(t *testing.T) {
	path, as4Path := seg2(2, 10, trans), seg4(2, 10, 196615)
	merged, plain := asns(10, 196615), asns(10, trans)
	as4 := b(0, 3, 0, 7, 9, 9, 9, 9)
	tests := map[string]struct {
		aggregator, as4 []byte
		asn             route.ASN
		path            []route.ASN
	}{
		"neither, the path is merged":             {nil, nil, 0, merged},
		"another ASN has both attributes ignored": {b(0, 77, 1, 2, 3, 4), as4, 77, plain},
		"AS_TRANS takes the wide aggregator":      {b(91, 160, 1, 2, 3, 4), as4, 196615, merged},
		"no AS4_AGGREGATOR, the path is merged":   {b(0, 77, 1, 2, 3, 4), nil, 77, merged},
		"no AGGREGATOR, the path is merged":       {nil, as4, 0, merged},
		"a malformed AGGREGATOR is none":          {b(0, 77), as4, 0, merged},
		"a malformed AS4_AGGREGATOR is none":      {b(0, 77, 1, 2, 3, 4), b(1, 2), 77, merged},
		"AS 0 in AS4_AGGREGATOR is malformed":     {b(91, 160, 1, 2, 3, 4), make([]byte, 8), trans, merged},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			attrs := b(origin, attr(wellKnown, 2, path), nextHop)
			if len(tt.aggregator) > 0 {
				attrs = b(attrs, attr(optTransitive, 7, tt.aggregator))
			}
			attrs = b(attrs, attr(optTransitive, 17, as4Path))
			if tt.as4 != nil {
				attrs = b(attrs, attr(optTransitive, 18, tt.as4))
			}
			var d decode.Decoder
			u := must(t, &d, update(nil, attrs, ten8), narrow)
			if u.AggregatorASN != tt.asn || (u.Flags&route.FlagHasAggregator != 0) != (tt.asn != 0) {
				t.Errorf("aggregator is %d, want %d; flags %b", u.AggregatorASN, tt.asn, u.Flags)
			}
			if diff := cmp.Diff(tt.path, u.Path.ASNs); diff != "" {
				t.Errorf("path differs (-want +got):\n%s", diff)
			}
			if tt.asn == 196615 && u.AggregatorAddr != [4]byte{9, 9, 9, 9} {
				t.Errorf("aggregator address %v", u.AggregatorAddr)
			}
		})
	}
}

// On a four-octet session AS4_PATH would let anyone rewrite the path.
func TestAS4PathIsNotMergedOnWideSessions(t *testing.T) {
	var d decode.Decoder
	u := must(t, &d, update(nil, b(basic4, attr(optTransitive, 17, seg4(2, 666, 667))), ten8), wide)
	if diff := cmp.Diff(asns(3356, 196615), u.Path.ASNs); diff != "" {
		t.Errorf("path differs (-want +got):\n%s", diff)
	}
}
