package decode_test

import (
	"bytes"
	"errors"
	"testing"

	"detour/ingest/decode"
	"detour/route"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const hasBasic = route.FlagHasOrigin | route.FlagHasPath

func hop4(a, b, c, d byte) route.NextHop {
	return route.NextHop{Len: 4, Bytes: [32]byte{a, b, c, d}}
}

func hop6() route.NextHop {
	return route.NextHop{Len: 16, Bytes: [32]byte{0x20, 0x01, 0x0d, 0xb8, 15: 1}}
}

// clean is a message without a fault and what it must give.
type clean struct {
	msg     []byte
	session decode.Session
	want    route.Update
}

func checkClean(t *testing.T, tests map[string]clean) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var d decode.Decoder
			got := must(t, &d, tt.msg, tt.session)
			if diff := cmp.Diff(&tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("update differs (-want +got):\n%s", diff)
			}
			if r := reasons(&d); len(r) > 0 {
				t.Errorf("a clean message counted %v", r)
			}
		})
	}
}

func TestMessageDecodesRoutes(t *testing.T) {
	path := route.Path{ASNs: asns(3356, 196615)}
	checkClean(t, map[string]clean{
		"an announcement": {
			update(nil, basic4, b(docs24, ten8)), wide,
			route.Update{
				Flags: hasBasic, Path: path, NextHop: hop4(192, 0, 2, 1),
				Announced: []route.NLRI{nlri("192.0.2.0/24"), nlri("10.0.0.0/8")}, MPAnnounced: 2,
			},
		},
		"a withdrawal": {
			update(b(docs24, 0, 32, 1, 2, 3, 4), nil, nil), wide,
			route.Update{Withdrawn: []route.NLRI{nlri("192.0.2.0/24"), nlri("0.0.0.0/0"), nlri("1.2.3.4/32")}, MPWithdrawn: 3},
		},
		"IPv6 in MP_REACH and MP_UNREACH": {
			update(nil, b(unreach6, origin, path4, reach6), nil), wide,
			route.Update{
				Flags: hasBasic, Path: path, MPNextHop: hop6(),
				Announced: []route.NLRI{nlri("2001:db8::/32")}, Withdrawn: []route.NLRI{nlri("2001:db8::/32")},
			},
		},
		"own routes before those of MP attributes": {
			update(ten8, b(unreach6, basic4, reach6), docs24), wide,
			route.Update{
				Flags: hasBasic, Path: path, NextHop: hop4(192, 0, 2, 1), MPNextHop: hop6(),
				Announced: []route.NLRI{nlri("192.0.2.0/24"), nlri("2001:db8::/32")}, MPAnnounced: 1,
				Withdrawn: []route.NLRI{nlri("10.0.0.0/8"), nlri("2001:db8::/32")}, MPWithdrawn: 1,
			},
		},
		"IPv4 routes with an IPv6 next hop": {
			update(nil, b(origin, path4, attr(optional, 14, 0, 1, 1, 16, next6, 0, docs24)), nil), wide,
			route.Update{Flags: hasBasic, Path: path, MPNextHop: hop6(), Announced: []route.NLRI{nlri("192.0.2.0/24")}},
		},
		"MP_REACH without a route": {
			update(nil, attr(optional, 14, 0, 2, 1, 16, next6, 0), nil), wide, route.Update{MPNextHop: hop6()},
		},
		"a link-local next hop beside the global one": {
			update(nil, b(origin, path4, attr(optional, 14, 0, 2, 1, 32, next6, 0xfe, 0x80, make([]byte, 14), 0, docs6)), nil),
			wide,
			route.Update{
				Flags: hasBasic, Path: path, Announced: []route.NLRI{nlri("2001:db8::/32")},
				MPNextHop: route.NextHop{Len: 32, Bytes: [32]byte{0x20, 0x01, 0x0d, 0xb8, 15: 1, 16: 0xfe, 17: 0x80}},
			},
		},
		"path identifiers of both families": {
			update(b(0, 0, 0, 9, ten8), b(basic4, attr(optional, 14, 0, 2, 1, 16, next6, 0, 0, 0, 1, 0, docs6)),
				b(1, 0, 0, 7, docs24, 0, 0, 0, 0, 0)),
			decode.Session{AS4: true, AddPath4: true, AddPath6: true},
			route.Update{
				Flags: hasBasic | route.FlagPathIDs, Path: path, NextHop: hop4(192, 0, 2, 1), MPNextHop: hop6(),
				Announced: []route.NLRI{
					route.MustPrefix("192.0.2.0/24").NLRI(1<<24 + 7), nlri("0.0.0.0/0"),
					route.MustPrefix("2001:db8::/32").NLRI(256),
				}, MPAnnounced: 2,
				Withdrawn: []route.NLRI{route.MustPrefix("10.0.0.0/8").NLRI(9)}, MPWithdrawn: 1,
			},
		},
		"path identifiers of IPv6 only": {
			update(nil, b(basic4, attr(optional, 14, 0, 2, 1, 16, next6, 0, 0, 0, 1, 0, docs6)), docs24),
			decode.Session{AS4: true, AddPath6: true},
			route.Update{
				Flags: hasBasic | route.FlagPathIDs, Path: path, NextHop: hop4(192, 0, 2, 1), MPNextHop: hop6(),
				Announced:   []route.NLRI{nlri("192.0.2.0/24"), route.MustPrefix("2001:db8::/32").NLRI(256)},
				MPAnnounced: 1,
			},
		},
	})
}

func TestMessageDecodesAttributes(t *testing.T) {
	path := route.Path{ASNs: asns(3356, 196615)}
	checkClean(t, map[string]clean{
		"every attribute that is kept": {
			update(nil, b(basic4, attr(optional, 4, 0, 0, 1, 0), attr(wellKnown, 5, 0, 0, 0, 100), attr(wellKnown, 6),
				attr(optTransitive, 7, 0, 3, 0, 7, 9, 8, 7, 6), attr(optTransitive, 8, 1, 2, 3, 4),
				attr(optTransitive, 32, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), attr(optTransitive, 35, 0, 0, 13, 28)), ten8),
			wide,
			route.Update{
				Flags: hasBasic | route.FlagHasMED | route.FlagHasLocalPref | route.FlagAtomicAggregate |
					route.FlagHasAggregator | route.FlagHasOTC,
				Path: path, NextHop: hop4(192, 0, 2, 1), MED: 256, LocalPref: 100, OTC: 3356,
				AggregatorASN: 196615, AggregatorAddr: [4]byte{9, 8, 7, 6},
				Communities: b(1, 2, 3, 4), LargeCommunities: b(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
				Announced: []route.NLRI{nlri("10.0.0.0/8")}, MPAnnounced: 1,
			},
		},
		"two-octet ASNs": {
			update(nil, b(attr(wellKnown, 1, 2), attr(wellKnown, 2, seg2(2, 3356, 65000)), nextHop,
				attr(optTransitive, 7, 255, 1, 9, 8, 7, 6)), ten8), narrow,
			route.Update{
				Flags: hasBasic | route.FlagHasAggregator, Origin: 2, Path: route.Path{ASNs: asns(3356, 65000)},
				NextHop: hop4(192, 0, 2, 1), AggregatorASN: 65281, AggregatorAddr: [4]byte{9, 8, 7, 6},
				Announced: []route.NLRI{nlri("10.0.0.0/8")}, MPAnnounced: 1,
			},
		},
		"attributes with the extended length bit": {
			update(nil, b(attr(wellKnown|extended, 1, 1), attr(wellKnown|extended, 2, seg4(2, 3356, 196615)),
				attr(wellKnown|extended, 3, 192, 0, 2, 1)), ten8), wide,
			route.Update{
				Flags: hasBasic, Origin: 1, Path: path, NextHop: hop4(192, 0, 2, 1),
				Announced: []route.NLRI{nlri("10.0.0.0/8")}, MPAnnounced: 1,
			},
		},
		"the Partial bit and unused flag bits": {
			update(nil, b(basic4, attr(optTransitive|0x2f, 8, 1, 2, 3, 4)), ten8), wide,
			route.Update{
				Flags: hasBasic, Path: path, NextHop: hop4(192, 0, 2, 1), Communities: b(1, 2, 3, 4),
				Announced: []route.NLRI{nlri("10.0.0.0/8")}, MPAnnounced: 1,
			},
		},
		"an unknown optional attribute": {
			update(nil, b(basic4, attr(optTransitive, 200, 1, 2, 3)), ten8), wide,
			route.Update{
				Flags: hasBasic, Path: path, NextHop: hop4(192, 0, 2, 1),
				Announced: []route.NLRI{nlri("10.0.0.0/8")}, MPAnnounced: 1,
			},
		},
	})
}

func TestCommunitiesAreViewsIntoTheMessage(t *testing.T) {
	var d decode.Decoder
	msg := update(nil, b(basic4, attr(optTransitive, 8, 1, 2, 3, 4)), ten8)
	u := must(t, &d, msg, wide)
	at := bytes.Index(msg, b(1, 2, 3, 4))
	if &u.Communities[0] != &msg[at] || cap(u.Communities) != 4 {
		t.Errorf("communities are no capped view: cap %d", cap(u.Communities))
	}
}

func TestExtendedMessageOf65535Octets(t *testing.T) {
	run := bytes.Repeat(docs24, (65535-23)/4)
	msg := update(run, nil, nil)
	var d decode.Decoder
	if u := must(t, &d, msg, wide); len(u.Withdrawn) != len(run)/4 {
		t.Errorf("got %d withdrawn, want %d", len(u.Withdrawn), len(run)/4)
	}
}

func TestEndOfRIB(t *testing.T) {
	unreach := func(afi, safi int) []byte { return attr(optional, 15, 0, afi, safi) }
	tests := map[string]struct {
		msg    []byte
		kind   route.Kind
		family route.Family
	}{
		"an empty update ends IPv4":           {update(nil, nil, nil), route.KindEndOfRIB, route.IPv4},
		"an empty MP_UNREACH ends IPv6":       {update(nil, unreach(2, 1), nil), route.KindEndOfRIB, route.IPv6},
		"an empty MP_UNREACH ends IPv4":       {update(nil, unreach(1, 1), nil), route.KindEndOfRIB, route.IPv4},
		"one of another family is no marker":  {update(nil, unreach(1, 128), nil), route.KindUpdate, 0},
		"withdrawn routes make it an update":  {update(ten8, unreach(2, 1), nil), route.KindUpdate, 0},
		"another attribute makes it one":      {update(nil, b(unreach(2, 1), origin), nil), route.KindUpdate, 0},
		"routes in MP_UNREACH make it one":    {update(nil, unreach6, nil), route.KindUpdate, 0},
		"announced routes make it an update":  {update(nil, b(unreach(2, 1), basic4), ten8), route.KindUpdate, 0},
		"bare announced routes make it one":   {update(nil, nil, ten8), route.KindUpdate, 0},
		"wrong flags on MP_UNREACH forbid it": {update(nil, attr(wellKnown, 15, 0, 2, 1), nil), route.KindUpdate, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var d decode.Decoder
			u := must(t, &d, tt.msg, wide)
			if u.Kind != tt.kind || d.EndOfRIB != tt.family {
				t.Errorf("got kind %d family %d, want %d %d", u.Kind, d.EndOfRIB, tt.kind, tt.family)
			}
			if marker := tt.kind == route.KindEndOfRIB; (d.Counters.EndOfRIB == 1) != marker {
				t.Errorf("counted %d markers", d.Counters.EndOfRIB)
			}
		})
	}
}

func TestOtherMessageTypesAreNoFault(t *testing.T) {
	for typ := range 256 {
		if typ == 2 {
			continue
		}
		var d decode.Decoder
		var u route.Update
		err := d.Message(message(typ, nil), wide, &u)
		var e *decode.Error
		if !errors.Is(err, decode.ErrNotUpdate) || !errors.As(err, &e) || int(e.Type) != typ {
			t.Fatalf("type %d: got %v", typ, err)
		}
		if d.Counters.Undecodable != 0 || d.Counters.Reasons[decode.ReasonNotUpdate] != 1 {
			t.Fatalf("type %d: counters %+v", typ, d.Counters)
		}
	}
}
