package decode_test

import (
	"bytes"
	"testing"

	"detour/ingest/decode"
	"detour/route"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/osrg/gobgp/v3/pkg/packet/bgp"
	"pgregory.net/rapid"
)

func drawNLRI(t *rapid.T, f route.Family, addPath bool, name string) []route.NLRI {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) route.NLRI {
		p := route.Prefix{Family: f, Bits: uint8(rapid.IntRange(0, f.MaxBits()).Draw(t, "bits"))}
		hi, lo := route.Mask(p.Bits)
		p.Hi = rapid.Uint64().Draw(t, "hi") & hi
		if f == route.IPv6 {
			p.Lo = rapid.Uint64().Draw(t, "lo") & lo
		}
		var id uint32
		if addPath {
			id = rapid.Uint32().Draw(t, "id")
		}
		return p.NLRI(id)
	}), 0, 6).Draw(t, name)
}

func toIPv4(list []route.NLRI) []*bgp.IPAddrPrefix {
	var out []*bgp.IPAddrPrefix
	for _, n := range list {
		p := bgp.NewIPAddrPrefix(n.Bits, n.Prefix().Addr().String())
		p.SetPathIdentifier(n.PathID)
		p.SetPathLocalIdentifier(n.PathID)
		out = append(out, p)
	}
	return out
}

func toIPv6(list []route.NLRI) []bgp.AddrPrefixInterface {
	var out []bgp.AddrPrefixInterface
	for _, n := range list {
		p := bgp.NewIPv6AddrPrefix(n.Bits, n.Prefix().Addr().String())
		p.SetPathIdentifier(n.PathID)
		p.SetPathLocalIdentifier(n.PathID)
		out = append(out, p)
	}
	return out
}

// drawPath draws segments and returns them for gobgp and as route.Path.
func drawPath(t *rapid.T, wide bool) (*bgp.PathAttributeAsPath, route.Path) {
	var params []bgp.AsPathParamInterface
	var path route.Path
	for range rapid.IntRange(0, 4).Draw(t, "segments") {
		typ := rapid.SampledFrom([]uint8{2, 2, 2, 1, 3, 4}).Draw(t, "type")
		list := rapid.SliceOfN(rapid.Uint32Range(1, 65535), 1, 5).Draw(t, "asns")
		if wide {
			for i := range list {
				list[i] += 65536 * rapid.Uint32Range(0, 65534).Draw(t, "high")
			}
			params = append(params, bgp.NewAs4PathParam(typ, list))
		} else {
			var short []uint16
			for _, a := range list {
				short = append(short, uint16(a))
			}
			params = append(params, bgp.NewAsPathParam(typ, short))
		}
		addSegment(&path, route.SegmentType(typ), list)
	}
	if len(path.Segments) == 1 && path.Segments[0].Type == route.ASSequence {
		path.Segments = nil
	}
	return bgp.NewPathAttributeAsPath(params), path
}

// TestGobgpMessagesRoundTrip serializes random updates with gobgp, their
// attributes in random order, and expects back what went in.
func TestGobgpMessagesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := decode.Session{
			AS4: rapid.Bool().Draw(t, "as4"), AddPath4: rapid.Bool().Draw(t, "add4"),
			AddPath6: rapid.Bool().Draw(t, "add6"),
		}
		ann4, wd4 := drawNLRI(t, route.IPv4, s.AddPath4, "ann4"), drawNLRI(t, route.IPv4, s.AddPath4, "wd4")
		ann6, wd6 := drawNLRI(t, route.IPv6, s.AddPath6, "ann6"), drawNLRI(t, route.IPv6, s.AddPath6, "wd6")
		pathAttr, path := drawPath(t, s.AS4)
		num := rapid.Uint32()
		want := view{
			Announced: append(ann4, ann6...), Withdrawn: append(wd4, wd6...), Path: path,
			Origin: uint8(rapid.IntRange(0, 2).Draw(t, "origin")), MED: num.Draw(t, "med"),
			LocalPref: num.Draw(t, "pref"), OTC: route.ASN(num.Draw(t, "otc")),
		}
		communities := rapid.SliceOfN(num, 1, 90).Draw(t, "communities")
		want.Communities = 4 * len(communities)
		otc := []byte{byte(want.OTC >> 24), byte(want.OTC >> 16), byte(want.OTC >> 8), byte(want.OTC)}
		attrs := []bgp.PathAttributeInterface{
			bgp.NewPathAttributeOrigin(want.Origin), pathAttr, bgp.NewPathAttributeNextHop("192.0.2.1"),
			bgp.NewPathAttributeMultiExitDisc(want.MED), bgp.NewPathAttributeLocalPref(want.LocalPref),
			bgp.NewPathAttributeCommunities(communities),
			bgp.NewPathAttributeUnknown(bgp.BGP_ATTR_FLAG_OPTIONAL|bgp.BGP_ATTR_FLAG_TRANSITIVE, 35, otc),
		}
		if len(ann6) > 0 {
			attrs = append(attrs, bgp.NewPathAttributeMpReachNLRI("2001:db8::1", toIPv6(ann6)))
		}
		if len(wd6) > 0 {
			attrs = append(attrs, bgp.NewPathAttributeMpUnreachNLRI(toIPv6(wd6)))
		}
		if rapid.Bool().Draw(t, "shuffle") {
			attrs = rapid.Permutation(attrs).Draw(t, "order")
		}
		msg, err := bgp.NewBGPUpdateMessage(toIPv4(wd4), attrs, toIPv4(ann4)).Serialize(option(s))
		if err != nil {
			t.Fatal(err)
		}
		var d decode.Decoder
		var u route.Update
		if err := d.Message(msg, s, &u); err != nil {
			t.Fatalf("%x: %v", msg, err)
		}
		if diff := cmp.Diff(want, viewOf(&u), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%x differs (-want +got):\n%s", msg, diff)
		}
		if u.MPAnnounced != len(ann4) || u.MPWithdrawn != len(wd4) {
			t.Fatalf("bounds are %d and %d, want %d and %d", u.MPAnnounced, u.MPWithdrawn, len(ann4), len(wd4))
		}
		if hop := u.NextHop.Bytes[:u.NextHop.Len]; !bytes.Equal(hop, []byte{192, 0, 2, 1}) {
			t.Fatalf("next hop %v", hop)
		}
		if (len(ann6) > 0) != (u.MPNextHop.Len == 16) {
			t.Fatalf("next hop of MP_REACH has %d octets", u.MPNextHop.Len)
		}
	})
}
