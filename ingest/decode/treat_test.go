package decode_test

import (
	"bytes"
	"testing"

	"detour/ingest/decode"
	"detour/route"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

type counts map[decode.Reason]uint64

// TestTreatAsWithdraw holds the attribute faults for which RFC 7606 (and 7607,
// 8092, 9234) have the announced routes withdrawn.
func TestTreatAsWithdraw(t *testing.T) {
	flags := counts{decode.ReasonAttributeFlags: 1}
	origPath, pathHop := b(origin, path4), b(path4, nextHop)
	path := func(v ...any) []byte { return b(origin, nextHop, attr(wellKnown, 2, v...)) }
	also := func(flags, typ int, v ...any) []byte { return b(basic4, attr(flags, typ, v...)) }
	one := func(r decode.Reason) counts { return counts{r: 1} }
	tests := map[string]struct {
		attrs []byte
		want  counts
	}{
		"ORIGIN of two octets":      {b(pathHop, attr(wellKnown, 1, 0, 0)), one(decode.ReasonOrigin)},
		"ORIGIN empty":              {b(pathHop, attr(wellKnown, 1)), one(decode.ReasonOrigin)},
		"ORIGIN undefined":          {b(pathHop, attr(wellKnown, 1, 3)), one(decode.ReasonOrigin)},
		"AS_PATH of one octet":      {path(2), one(decode.ReasonASPath)},
		"AS_PATH segment type 0":    {path(seg4(0, 1)), one(decode.ReasonASPath)},
		"AS_PATH segment type 5":    {path(seg4(5, 1)), one(decode.ReasonASPath)},
		"AS_PATH segment of no ASN": {path(2, 0), one(decode.ReasonASPath)},
		"AS_PATH segment overrun":   {path(2, 2, 0, 0, 0, 1), one(decode.ReasonASPath)},
		"AS_PATH one octet left":    {path(seg4(2, 1), 2), one(decode.ReasonASPath)},
		"AS_PATH with AS 0":         {path(seg4(2, 1, 0, 2)), one(decode.ReasonASZero)},
		"AS_PATH with AS 0, in its place": {
			b(origin, attr(wellKnown, 2, seg4(2, 1, 0, 2)), nextHop),
			one(decode.ReasonASZero),
		},
		"AS_PATH with AS 0 in a set":     {path(seg4(2, 1), seg4(1, 0)), one(decode.ReasonASZero)},
		"AS_PATH of the wrong width":     {path(seg2(2, 1, 2)), one(decode.ReasonASPath)},
		"NEXT_HOP of five octets":        {b(origPath, attr(wellKnown, 3, 1, 2, 3, 4, 5)), one(decode.ReasonNextHop)},
		"MED of three octets":            {also(optional, 4, 1, 2, 3), one(decode.ReasonMED)},
		"LOCAL_PREF of five octets":      {also(wellKnown, 5, 1, 2, 3, 4, 5), one(decode.ReasonLocalPref)},
		"COMMUNITIES of five octets":     {also(optTransitive, 8, 1, 2, 3, 4, 5), one(decode.ReasonCommunities)},
		"COMMUNITIES empty":              {also(optTransitive, 8), one(decode.ReasonCommunities)},
		"extended ones of four octets":   {also(optTransitive, 16, 1, 2, 3, 4), one(decode.ReasonExtendedCommunities)},
		"IPv6 ones of eight octets":      {also(optTransitive, 25, make([]byte, 8)), one(decode.ReasonExtendedCommunities)},
		"large ones of eight octets":     {also(optTransitive, 32, make([]byte, 8)), one(decode.ReasonLargeCommunities)},
		"large ones empty":               {also(optTransitive, 32), one(decode.ReasonLargeCommunities)},
		"OTC of two octets":              {also(optTransitive, 35, 1, 2), one(decode.ReasonOTC)},
		"ORIGIN optional":                {b(pathHop, attr(optTransitive, 1, 0)), flags},
		"AS_PATH not transitive":         {b(origin, nextHop, attr(0, 2, seg4(2, 1))), flags},
		"AS_PATH optional, in its place": {b(origin, attr(optTransitive, 2, seg4(2, 1)), nextHop), flags},
		"MED transitive":                 {also(optTransitive, 4, 1, 2, 3, 4), flags},
		"COMMUNITIES not transitive":     {also(optional, 8, 1, 2, 3, 4), flags},
		"MP_REACH transitive":            {also(optTransitive, 14, 0, 2, 1, 16, next6, 0, docs6), flags},
		"no ORIGIN":                      {pathHop, one(decode.ReasonMissingOrigin)},
		"no AS_PATH":                     {b(origin, nextHop), one(decode.ReasonMissingASPath)},
		"no NEXT_HOP":                    {origPath, one(decode.ReasonMissingNextHop)},
		"no NEXT_HOP beside MP_REACH":    {b(origPath, reach6), one(decode.ReasonMissingNextHop)},
		"an attribute cut by the block": {
			b(basic4, optTransitive, 8, 8, 1, 2, 3, 4),
			one(decode.ReasonAttributeOverrun),
		},
		"two octets left in the block": {b(basic4, optTransitive, 8), one(decode.ReasonAttributeOverrun)},
		"half an extended length": {
			b(basic4, optTransitive|extended, 8, 0),
			one(decode.ReasonAttributeOverrun),
		},
		"two faults count both": {
			b(nextHop, attr(wellKnown, 1, 9), attr(wellKnown, 2, 9)),
			counts{decode.ReasonOrigin: 1, decode.ReasonASPath: 1},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { checkWithdrawn(t, tt.attrs, tt.want) })
	}
}

// checkWithdrawn announces 10.0.0.0/8 with attrs that must turn it into a
// withdrawal, for the reasons of want.
func checkWithdrawn(t *testing.T, attrs []byte, want counts) {
	t.Helper()
	var d decode.Decoder
	u := must(t, &d, update(docs24, attrs, ten8), wide)
	withdrawn := []route.NLRI{nlri("192.0.2.0/24"), nlri("10.0.0.0/8")}
	if bytes.Contains(attrs, docs6) {
		withdrawn = append(withdrawn, nlri("2001:db8::/32"))
	}
	wantUpdate := route.Update{Flags: route.FlagTreatAsWithdraw, Withdrawn: withdrawn, MPWithdrawn: 2}
	if diff := cmp.Diff(&wantUpdate, u, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("update differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, counts(reasons(&d))); diff != "" {
		t.Errorf("reasons differ (-want +got):\n%s", diff)
	}
	if d.Counters.TreatAsWithdraw != 1 || d.Counters.Updates != 1 || d.Counters.Undecodable != 0 {
		t.Errorf("counters %+v", d.Counters)
	}
	for r := range want {
		if r.Class() != decode.ClassWithdraw {
			t.Errorf("%v is of class %d", r, r.Class())
		}
	}
}

func TestTreatAsWithdrawKeepsOwnRoutesBeforeThoseOfMPAttributes(t *testing.T) {
	other6 := b(48, 0x20, 0x01, 0x0d, 0xb8, 0, 1)
	msg := update(b(docs24, 0), b(attr(wellKnown, 1, 9), path4, nextHop, attr(optional, 15, 0, 2, 1, docs6, 0),
		attr(optional, 14, 0, 2, 1, 16, next6, 0, other6)), b(ten8, 8, 11, 8, 12))
	var d decode.Decoder
	u := must(t, &d, msg, wide)
	want := route.Update{Flags: route.FlagTreatAsWithdraw, MPWithdrawn: 5, Withdrawn: []route.NLRI{
		nlri("192.0.2.0/24"), nlri("0.0.0.0/0"), nlri("10.0.0.0/8"), nlri("11.0.0.0/8"), nlri("12.0.0.0/8"),
		nlri("2001:db8::/32"), nlri("::/0"), nlri("2001:db8:1::/48"),
	}}
	if diff := cmp.Diff(&want, u, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("update differs (-want +got):\n%s", diff)
	}
}

// Two-octet paths have their own loop; AS4_PATH cannot heal a malformed path.
func TestTreatAsWithdrawOfTwoOctetPaths(t *testing.T) {
	for name, path := range map[string][]byte{
		"AS 0":              seg2(2, 1, 0),
		"AS 0 behind a set": b(seg2(1, 1), seg2(2, 0)),
		"cut short":         seg2(2, 1, 2)[:5],
	} {
		t.Run(name, func(t *testing.T) {
			var d decode.Decoder
			attrs := b(origin, attr(wellKnown, 2, path), nextHop, attr(optTransitive, 17, seg4(2, 196615)))
			u := must(t, &d, update(nil, attrs, ten8), narrow)
			want := route.Update{Flags: route.FlagTreatAsWithdraw, MPWithdrawn: 1, Withdrawn: []route.NLRI{nlri("10.0.0.0/8")}}
			if diff := cmp.Diff(&want, u, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("update differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTreatAsWithdrawKeepsPathIdentifiers(t *testing.T) {
	var d decode.Decoder
	u := must(t, &d, update(nil, nil, b(0, 0, 0, 3, ten8)), decode.Session{AS4: true, AddPath4: true})
	want := route.Update{
		Flags: route.FlagTreatAsWithdraw | route.FlagPathIDs, MPWithdrawn: 1,
		Withdrawn: []route.NLRI{route.MustPrefix("10.0.0.0/8").NLRI(3)},
	}
	if diff := cmp.Diff(&want, u, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("update differs (-want +got):\n%s", diff)
	}
}

// TestDiscard holds the faults that cost one attribute only.
func TestDiscard(t *testing.T) {
	tests := map[string]struct {
		attr []byte
		want decode.Reason
	}{
		"ATOMIC_AGGREGATE of one octet":      {attr(wellKnown, 6, 0), decode.ReasonAtomicAggregate},
		"AGGREGATOR of six octets":           {attr(optTransitive, 7, 0, 1, 1, 2, 3, 4), decode.ReasonAggregator},
		"AGGREGATOR empty":                   {attr(optTransitive, 7), decode.ReasonAggregator},
		"AGGREGATOR with AS 0":               {attr(optTransitive, 7, 0, 0, 0, 0, 1, 2, 3, 4), decode.ReasonAggregator},
		"ORIGINATOR_ID of three octets":      {attr(optional, 9, 1, 2, 3), decode.ReasonReflection},
		"CLUSTER_LIST empty":                 {attr(optional, 10), decode.ReasonReflection},
		"AS4_PATH on a wide session":         {attr(optTransitive, 17, seg4(2, 7, 8)), decode.ReasonAS4Unwanted},
		"AS4_AGGREGATOR on a wide session":   {attr(optTransitive, 18, make([]byte, 8)), decode.ReasonAS4Unwanted},
		"a second ORIGIN, even a bad one":    {attr(wellKnown, 1, 9), decode.ReasonDuplicate},
		"a second AS_PATH":                   {attr(wellKnown, 2, seg4(2, 9)), decode.ReasonDuplicate},
		"a second NEXT_HOP, wrongly flagged": {attr(optional, 3, 9, 9, 9, 9), decode.ReasonDuplicate},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var d decode.Decoder
			u := must(t, &d, update(nil, b(basic4, tt.attr), ten8), wide)
			want := route.Update{
				Flags: hasBasic, Path: route.Path{ASNs: asns(3356, 196615)},
				NextHop: hop4(192, 0, 2, 1), Announced: []route.NLRI{nlri("10.0.0.0/8")}, MPAnnounced: 1,
			}
			if diff := cmp.Diff(&want, u, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("update differs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(counts{tt.want: 1}, counts(reasons(&d))); diff != "" {
				t.Errorf("reasons differ (-want +got):\n%s", diff)
			}
			if tt.want.Class() != decode.ClassDiscard {
				t.Errorf("%v is of class %d", tt.want, tt.want.Class())
			}
		})
	}
}

// Every attribute type has its own bit, those above 63 too.
func TestDuplicatesOfUnreadTypesCount(t *testing.T) {
	var d decode.Decoder
	twice := b(attr(optTransitive, 130, 1), attr(optTransitive, 130, 2), attr(optTransitive, 66, 1))
	must(t, &d, update(nil, b(basic4, twice), ten8), wide)
	if n := d.Counters.Reasons[decode.ReasonDuplicate]; n != 1 {
		t.Errorf("counted %d duplicates, want 1", n)
	}
}

func TestMandatoryAttributesMatterOnlyToAnnouncements(t *testing.T) {
	med := attr(optional, 4, 0, 0, 0, 1)
	for name, msg := range map[string][]byte{
		"withdrawn routes":            update(ten8, med, nil),
		"routes of MP_UNREACH":        update(nil, b(med, unreach6), nil),
		"announced of another family": update(nil, attr(optional, 14, 0, 1, 128, 12, make([]byte, 12), 0, 88, 1, 2, 3), nil),
	} {
		t.Run(name, func(t *testing.T) {
			var d decode.Decoder
			if u := must(t, &d, msg, wide); u.Flags&route.FlagTreatAsWithdraw != 0 {
				t.Error("treated as withdraw")
			}
		})
	}
}

func TestOtherFamiliesAreCountedNotParsed(t *testing.T) {
	vpn := attr(optional, 14, 0, 1, 128, 12, make([]byte, 12), 0, 88, 1, 2, 3)
	flow := attr(optional, 15, 0, 1, 133, 3, 1, 2)
	var d decode.Decoder
	u := must(t, &d, update(nil, b(flow, basic4, vpn), ten8), wide)
	if len(u.Announced) != 1 || len(u.Withdrawn) != 0 || u.MPNextHop.Len != 0 {
		t.Errorf("got %+v", u)
	}
	if diff := cmp.Diff(counts{decode.ReasonFamily: 2}, counts(reasons(&d))); diff != "" {
		t.Errorf("reasons differ (-want +got):\n%s", diff)
	}
}

// An attribute error in a message whose only routes are of a family that is not
// carried stays within that message: the routes were found (RFC 7606 §5.2).
func TestFaultBesideRoutesOfAnotherFamily(t *testing.T) {
	vpn := attr(optional, 14, 0, 1, 128, 12, make([]byte, 12), 0, 88, 1, 2, 3)
	var d decode.Decoder
	u := must(t, &d, update(docs24, b(attr(wellKnown, 1, 9), vpn), nil), wide)
	if u.Flags != route.FlagTreatAsWithdraw || len(u.Withdrawn) != 1 {
		t.Errorf("got %+v", u)
	}
}

func TestRoutesThatARouterWroteAnewNeedNoNextHop(t *testing.T) {
	msg := update(nil, b(attr(wellKnown, 1, 0), attr(wellKnown, 2, seg4(2, 64500))), b(24, 192, 0, 2))
	var d decode.Decoder
	var u route.Update
	for _, free := range []bool{false, true} {
		if err := d.Message(msg, decode.Session{AS4: true, NoNextHop: free}, &u); err != nil {
			t.Fatal(err)
		}
		if announced := len(u.Announced) == 1; announced != free {
			t.Errorf("NoNextHop %v: %d announced, %d withdrawn", free, len(u.Announced), len(u.Withdrawn))
		}
	}
}
