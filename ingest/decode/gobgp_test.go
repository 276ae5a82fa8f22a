package decode_test

import (
	"net/netip"
	"slices"
	"testing"

	"detour/ingest/decode"
	"detour/route"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/osrg/gobgp/v3/pkg/packet/bgp"
)

// view is what both decoders must see alike in a message.
type view struct {
	Announced, Withdrawn []route.NLRI
	Path                 route.Path
	Origin               uint8
	MED, LocalPref       uint32
	Communities          int
	OTC                  route.ASN
}

func viewOf(u *route.Update) view {
	return view{u.Announced, u.Withdrawn, u.Path, u.Origin, u.MED, u.LocalPref, len(u.Communities), u.OTC}
}

// equal is cmp.Equal for some hundred thousand messages.
func (v view) equal(w view) bool {
	return slices.Equal(v.Announced, w.Announced) && slices.Equal(v.Withdrawn, w.Withdrawn) &&
		slices.Equal(v.Path.ASNs, w.Path.ASNs) && slices.Equal(v.Path.Segments, w.Path.Segments) &&
		v.Origin == w.Origin && v.MED == w.MED && v.LocalPref == w.LocalPref &&
		v.Communities == w.Communities && v.OTC == w.OTC
}

// gobgpView converts a message that gobgp parsed. known is false where gobgp
// cannot be taken as an oracle for the path: it guesses how wide ASNs are, and a
// guess other than the session's is wrong.
func gobgpView(up *bgp.BGPUpdate, s decode.Session) (v view, known bool) {
	known = true
	v.Announced, v.Withdrawn = own(up.NLRI), own(up.WithdrawnRoutes)
	for _, a := range up.PathAttributes {
		switch a := a.(type) {
		case *bgp.PathAttributeOrigin:
			v.Origin = a.Value
		case *bgp.PathAttributeMultiExitDisc:
			v.MED = a.Value
		case *bgp.PathAttributeLocalPref:
			v.LocalPref = a.Value
		case *bgp.PathAttributeCommunities:
			v.Communities = 4 * len(a.Value)
		case *bgp.PathAttributeMpReachNLRI:
			if a.SAFI == bgp.SAFI_UNICAST {
				v.Announced = append(v.Announced, mp(a.Value)...)
			}
		case *bgp.PathAttributeMpUnreachNLRI:
			if a.SAFI == bgp.SAFI_UNICAST {
				v.Withdrawn = append(v.Withdrawn, mp(a.Value)...)
			}
		case *bgp.PathAttributeUnknown:
			if a.Type == 35 {
				v.OTC = route.ASN(a.Value[0])<<24 | route.ASN(a.Value[1])<<16 | route.ASN(a.Value[2])<<8 | route.ASN(a.Value[3])
			}
		case *bgp.PathAttributeAs4Path:
			known = known && s.AS4 // on a narrow session ours is merged, gobgp's is not
		case *bgp.PathAttributeAsPath:
			for _, p := range a.Value {
				if _, wide := p.(*bgp.As4PathParam); wide != s.AS4 {
					known = false
				}
				addSegment(&v.Path, route.SegmentType(p.GetType()), p.GetAS())
			}
		}
	}
	if len(v.Path.Segments) == 1 && v.Path.Segments[0].Type == route.ASSequence {
		v.Path.Segments = nil
	}
	return v, known
}

func addSegment(p *route.Path, typ route.SegmentType, list []uint32) {
	for _, a := range list {
		p.ASNs = append(p.ASNs, route.ASN(a))
	}
	if n := len(p.Segments); n > 0 && typ == route.ASSequence && p.Segments[n-1].Type == typ {
		p.Segments[n-1].Count += uint16(len(list))
		return
	}
	p.Segments = append(p.Segments, route.Segment{Type: typ, Count: uint16(len(list))})
}

func own(list []*bgp.IPAddrPrefix) []route.NLRI {
	var out []route.NLRI
	for _, p := range list {
		a, _ := netip.AddrFromSlice(p.Prefix.To4())
		out = append(out, route.PrefixFrom(netip.PrefixFrom(a, int(p.Length))).NLRI(p.PathIdentifier()))
	}
	return out
}

func mp(list []bgp.AddrPrefixInterface) []route.NLRI {
	var out []route.NLRI
	for _, p := range list {
		switch p := p.(type) {
		case *bgp.IPAddrPrefix:
			out = append(out, own([]*bgp.IPAddrPrefix{p})...)
		case *bgp.IPv6AddrPrefix:
			a, _ := netip.AddrFromSlice(p.Prefix.To16())
			out = append(out, route.PrefixFrom(netip.PrefixFrom(a, int(p.Length))).NLRI(p.PathIdentifier()))
		}
	}
	return out
}

// option tells gobgp which families carry path identifiers, which its MRT
// reader does not do.
func option(s decode.Session) *bgp.MarshallingOption {
	modes := map[bgp.RouteFamily]bgp.BGPAddPathMode{}
	if s.AddPath4 {
		modes[bgp.RF_IPv4_UC] = bgp.BGP_ADD_PATH_BOTH
	}
	if s.AddPath6 {
		modes[bgp.RF_IPv6_UC] = bgp.BGP_ADD_PATH_BOTH
	}
	return &bgp.MarshallingOption{AddPath: modes}
}

func TestRecordingsDecodeAsGobgpDoes(t *testing.T) {
	for _, name := range []string{
		devFiles[0], devFiles[1],
		"bgpipe.sample.mrt",                      // 41 % IPv6
		"ris.updates.20070211.0141.gz",           // two-octet sessions, AS_SET
		"routeviews.sg.updates.20170706.2345.gz", // two-octet sessions with AS4_PATH, IPv6
		"small/bird-mrtdump_bgp",                 // path identifiers
		"small/bird6-mrtdump_bgp",
		"small/openbgpd_bgp",
	} {
		t.Run(name, func(t *testing.T) {
			var d decode.Decoder
			var u route.Update
			compared, paths := 0, 0
			for i, r := range records(readCorpus(t, name)) {
				if d.Message(r.msg, r.session, &u) != nil {
					continue // TestDevRecordings… holds that these are no updates
				}
				m, err := bgp.ParseBGPMessage(r.msg, option(r.session))
				if err != nil {
					t.Fatalf("record %d: gobgp: %v", i, err)
				}
				want, known := gobgpView(m.Body.(*bgp.BGPUpdate), r.session)
				got := viewOf(&u)
				if compared++; known {
					paths++
				} else {
					got.Path, want.Path = route.Path{}, route.Path{}
				}
				if !want.equal(got) {
					diff := cmp.Diff(want, got, cmpopts.EquateEmpty())
					t.Fatalf("record %d %x differs (-gobgp +ours):\n%s", i, r.msg, diff)
				}
			}
			if compared == 0 || paths == 0 {
				t.Errorf("compared %d messages, %d paths", compared, paths)
			}
			t.Logf("compared %d messages, %d paths", compared, paths)
		})
	}
}
