package wire

import (
	"bytes"
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
		u := usedUpdate()
		if !ur.Next(&u) {
			return sessions, updates
		}
		updates = append(updates, u)
	}
}

// usedUpdate returns an update whose every field and spare memory are taken:
// nothing of it may show through the next fill.
func usedUpdate() route.Update {
	ns := make([]route.NLRI, 8)
	for i := range ns {
		ns[i] = route.NLRI{Hi: ^uint64(0), Lo: ^uint64(0), PathID: 9, Bits: 128, Family: route.IPv6}
	}
	hop := route.NextHop{Bytes: [32]byte(bytes.Repeat([]byte{0xee}, 32)), Len: 32}
	return route.Update{
		Kind: route.KindGap, Flags: 0xffff, Origin: 9, Peer: 9, Number: 9, Engine: 9, Collected: 9, MED: 9,
		LocalPref: 9, OTC: 9, AggregatorASN: 9, AggregatorAddr: [4]byte{9},
		Path:    route.Path{ASNs: []route.ASN{9, 9}, Segments: []route.Segment{{Type: 1, Count: 2}}},
		NextHop: hop, MPNextHop: hop, Communities: []byte{9, 9, 9, 9}, LargeCommunities: make([]byte, 12),
		Announced: ns[:4:4], Withdrawn: ns[4:], MPAnnounced: 1, MPWithdrawn: 1,
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

func TestFrameWithoutUpdatesKeepsItsHeader(t *testing.T) {
	b := NewFrameBuilder("c", 1)
	b.Reset(5)
	var f Frame
	if err := f.Decode(b.Bytes(12)); err != nil {
		t.Fatal(err)
	}
	sessions, updates := frameContents(&f)
	if f.Number != 12 || f.Received != 5 || len(sessions) != 0 || len(updates) != 0 {
		t.Errorf("number %d, received %d, %d sessions, %d updates", f.Number, f.Received, len(sessions), len(updates))
	}
}

func TestFrameBytesMayBeAskedForAgain(t *testing.T) {
	b := NewFrameBuilder("c", 1)
	b.Reset(5)
	u := testUpdate()
	b.Add(&u, testSession(7), u.Announced, u.Withdrawn)
	_, want := readFrame(t, bytes.Clone(b.Bytes(1)))
	_, got := readFrame(t, b.Bytes(1<<40))
	if d := diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestFrameHoldsOnlyTheGivenPart(t *testing.T) {
	b := NewFrameBuilder("c", 1)
	b.Reset(5)
	u := testUpdate()
	b.Add(&u, testSession(7), u.Announced[1:3], nil)
	_, got := readFrame(t, b.Bytes(1))
	u.Announced, u.Withdrawn = u.Announced[1:3], nil
	if d := diff([]route.Update{u}, got); d != "" {
		t.Error(d)
	}
}

func TestFrameDropsWhatItDoesNotCarry(t *testing.T) {
	u := testUpdate()
	want := testUpdate()
	u.Flags |= route.FlagHasMED | route.FlagHasLocalPref | route.FlagHasAggregator
	u.MED, u.LocalPref, u.AggregatorASN, u.AggregatorAddr = 1, 2, 3, [4]byte{4}
	u.MPAnnounced, u.MPWithdrawn = 1, 1
	b := NewFrameBuilder("c", 1)
	b.Reset(5)
	b.Add(&u, testSession(7), u.Announced, u.Withdrawn)

	raw := bytes.Clone(b.Bytes(1))
	if _, got := readFrame(t, raw); diff([]route.Update{want}, got) != "" {
		t.Error(diff([]route.Update{want}, got))
	}
	b.Reset(5)
	b.Add(&want, testSession(7), want.Announced, want.Withdrawn)
	if d := diff(b.Bytes(1), raw); d != "" {
		t.Errorf("what is not carried is in the bytes: %s", d)
	}
}

// A frame of many updates and sessions reads as
// it was written, by two readers at once.
func TestFrameOfManyUpdates(t *testing.T) {
	updates, sessions := benchUpdates(1000)
	for i := range updates {
		updates[i].Peer = uint32(i % 300)
		for len(sessions) <= i%300 {
			sessions = append(sessions, testSession(uint32(len(sessions))))
		}
	}
	b := NewFrameBuilder("c", 1)
	b.Reset(5)
	for i := range updates {
		u := &updates[i]
		b.Add(u, sessions[u.Peer], u.Announced, u.Withdrawn)
	}
	var f Frame
	if err := f.Decode(b.Bytes(1)); err != nil {
		t.Fatal(err)
	}
	if f.NumSessions() != 300 || f.NumUpdates() != len(updates) {
		t.Errorf("%d sessions, %d updates", f.NumSessions(), f.NumUpdates())
	}
	one, two := f.Updates(), f.Updates()
	var u, v route.Update
	for i := range updates {
		if !one.Next(&u) || !two.Next(&v) {
			t.Fatalf("ends at %d", i)
		}
		if d := diff(updates[i], u) + diff(u, v); d != "" {
			t.Fatal(d)
		}
	}
	if one.Next(&u) || two.Next(&v) {
		t.Error("more updates than were added")
	}
}

func TestChangedSessionStandsAgain(t *testing.T) {
	b := NewFrameBuilder("c", 1)
	b.Reset(5)
	u := testUpdate()
	s := testSession(7)
	b.Add(&u, s, nil, nil)
	before := *s
	s.Start += route.Second
	b.Add(&u, s, nil, nil)
	b.Add(&u, s, nil, nil)
	sessions, updates := readFrame(t, b.Bytes(1))
	if d := diff([]route.Session{before, *s}, sessions); d != "" {
		t.Error(d)
	}
	if len(updates) != 3 || updates[2].Peer != 7 {
		t.Errorf("%d updates", len(updates))
	}
}

func TestBadUTF8IsReplacedNotRefused(t *testing.T) {
	b := NewFrameBuilder("c\xff", 1)
	b.Reset(5)
	u, s := testUpdate(), testSession(7)
	s.Collector = "\xffx"
	b.Add(&u, s, nil, nil)
	sessions, _ := readFrame(t, b.Bytes(1))
	if got := sessions[0].Collector; got != "\ufffdx" {
		t.Errorf("collector %q", got)
	}
}

func TestFrameDoesNotAllocate(t *testing.T) {
	updates, sessions := benchUpdates(400)
	fb := NewFrameBuilder("c", 1)
	var f Frame
	var u route.Update
	var v SessionView
	allocs := testing.AllocsPerRun(50, func() {
		n := fillFrame(fb, updates, sessions)
		if f.Decode(fb.Bytes(1)) != nil || f.NumUpdates() != n {
			t.Fatal("bad frame")
		}
		for r := f.Sessions(); r.Next(&v); {
		}
		r := f.Updates()
		for r.Next(&u) {
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations per frame", allocs)
	}
}

func TestLargestUpdateFitsAFrame(t *testing.T) {
	u := testUpdate()
	u.Flags &^= route.FlagPathIDs
	for _, n := range []int{20, 6000, 45000} { // lengths of two, three and more octets
		u.Announced = u.Announced[:0]
		for i := range n {
			hi := uint64(0x0a000000+i<<8) << 32
			u.Announced = append(u.Announced, route.NLRI{Hi: hi, Bits: 24, Family: route.IPv4})
		}
		b := NewFrameBuilder("c", 1)
		b.Reset(5)
		b.Add(&u, testSession(7), u.Announced, nil)
		b.Add(&u, testSession(8), nil, nil)
		sessions, got := readFrame(t, b.Bytes(1))
		if len(sessions) != 2 || len(got) != 2 || diff(u.Announced, got[0].Announced) != "" {
			t.Errorf("%d prefixes: %d sessions, %d updates", n, len(sessions), len(got))
		}
	}
}
