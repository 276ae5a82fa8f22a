package wire

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"detour/route"
)

func testSession(id uint32) *route.Session {
	return &route.Session{
		Peer: route.Peer{
			Collector: "rrc00", Addr: netip.MustParseAddr("192.0.2.1"), ASN: 3333 + route.ASN(id), LocalASN: 12654,
		},
		ID: id, Start: 1_561_374_000 * route.Second, Feed4: route.FeedFull, Feed6: route.FeedPartial,
	}
}

func nlri(prefixes ...string) []route.NLRI {
	var out []route.NLRI
	for _, p := range prefixes {
		out = append(out, route.MustPrefix(p).NLRI(0))
	}
	return out
}

func nextHop(a string) (h route.NextHop) {
	h.Len = uint8(copy(h.Bytes[:], netip.MustParseAddr(a).AsSlice()))
	return h
}

func testUpdate() route.Update {
	return route.Update{
		Flags:       route.FlagHasOrigin | route.FlagHasPath | route.FlagHasOTC | route.FlagPathIDs,
		Origin:      route.OriginIncomplete,
		Peer:        7,
		Number:      1000,
		Engine:      1_561_375_000 * route.Second,
		Collected:   1_561_374_999 * route.Second,
		OTC:         701,
		Path:        route.Path{ASNs: []route.ASN{3340, 701, 396531, 33154, 13335}},
		NextHop:     nextHop("192.0.2.1"),
		MPNextHop:   nextHop("2001:db8::1"),
		Communities: []byte{0x02, 0xbd, 0, 1, 0x02, 0xbd, 0, 2}, LargeCommunities: make([]byte, 12),
		Announced: nlri("104.20.0.0/21", "0.0.0.0/0", "2606:4700::/32", "2001:db8::1/128"),
		Withdrawn: nlri("192.0.2.1/32", "::/0", "2001:db8:0:8000::/65"),
	}
}

// readFrame decodes b and copies all that it yields.
func readFrame(t testing.TB, b []byte) (sessions []route.Session, updates []route.Update) {
	t.Helper()
	var f Frame
	if err := f.Decode(b); err != nil {
		t.Fatal(err)
	}
	return frameContents(&f)
}

func frameContents(f *Frame) (sessions []route.Session, updates []route.Update) {
	sr := f.Sessions()
	for v := (SessionView{}); sr.Next(&v); {
		sessions = append(sessions, v.Session())
	}
	ur := f.Updates()
	for {
		var u route.Update
		if !ur.Next(&u) {
			return sessions, updates
		}
		updates = append(updates, u)
	}
}

func diff(want, got any) string {
	return cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b netip.Addr) bool { return a == b }))
}

func TestFrameKeepsWhatItCarries(t *testing.T) {
	u, s := testUpdate(), testSession(7)
	gap := route.Update{Kind: route.KindGap, Peer: route.AllPeers, Number: 1001, Engine: u.Engine + 5}
	b := NewFrameBuilder("collector-1", 9)
	b.Reset(77)
	b.Add(&u, s, u.Announced, u.Withdrawn)
	b.Add(&gap, nil, nil, nil)
	if b.Updates() != 2 || b.Elements() != 7 {
		t.Errorf("builder counts %d updates, %d elements", b.Updates(), b.Elements())
	}
	raw := b.Bytes(5)
	if b.Len() < len(raw) {
		t.Errorf("Len %d below the frame's %d octets", b.Len(), len(raw))
	}
	var f Frame
	if err := f.Decode(raw); err != nil {
		t.Fatal(err)
	}
	if string(f.Ingester) != "collector-1" || f.Epoch != 9 || f.Number != 5 || f.Received != 77 || f.Base != u.Engine {
		t.Errorf("header %s %d %d %d %d", f.Ingester, f.Epoch, f.Number, f.Received, f.Base)
	}
	sessions, updates := frameContents(&f)
	if d := diff([]route.Session{*s}, sessions); d != "" {
		t.Error(d)
	}
	if d := diff([]route.Update{u, gap}, updates); d != "" {
		t.Error(d)
	}
}
