package processor

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"detour/processor/rib"
	"detour/route"
	"detour/wire"
)

// feeder gives one engine frames of several ingesters.
type feeder struct {
	testing.TB
	e        *engine
	sequence uint64
	from     uint64 // of the range under construction
	epoch    uint64
	numbers  map[string]uint64
	flags    []string
}

func newFeeder(t testing.TB, cfg Config) *feeder {
	f := &feeder{TB: t, from: 1, epoch: 1, numbers: map[string]uint64{}}
	cfg.Shards = max(cfg.Shards, 1)
	cfg.Flags = func(fl *Flag) { f.flags = append(f.flags, string(fl.Line)) }
	f.e = newEngine(cfg)
	return f
}

// add applies a frame of these updates, all of session s.
func (f *feeder) add(ingester string, s *route.Session, updates ...route.Update) {
	f.Helper()
	b := wire.NewFrameBuilder(ingester, f.epoch)
	b.Reset(1)
	for i := range updates {
		u := &updates[i]
		if u.Peer != route.AllPeers {
			u.Peer = s.ID
		}
		if u.Number == 0 {
			u.Number = f.sequence*100 + uint64(i) + 1
		}
		b.Add(u, s, u.Announced, u.Withdrawn)
	}
	f.numbers[ingester]++
	f.sequence++
	if err := f.e.apply(f.sequence, 0, b.Bytes(f.numbers[ingester])); err != nil {
		f.Fatal(err)
	}
}

// cut ends the range and reads it.
func (f *feeder) cut() (wire.RangeHeader, []line) {
	f.Helper()
	h, out := lines(f, f.e.finishRange(1, f.from, f.sequence+1))
	f.e.startRange()
	f.from = f.sequence + 1
	return h, out
}

// restart begins a new epoch of every ingester.
func (f *feeder) restart() {
	f.epoch++
	clear(f.numbers)
}

// TestSessionIDsOfAnotherEpochAreOtherPeers: an ingester that starts anew gives
// its session ids anew, in the middle of a range.
func TestSessionIDsOfAnotherEpochAreOtherPeers(t *testing.T) {
	f := newFeeder(t, Config{})
	one, two := sessions[0], sessions[1]
	f.add("i", &one, announce(1e15, 0, "11.0.0.0/8", one.ASN, 10, 1))
	f.restart()
	one.ID, two.ID = 7, 0
	f.add("i", &two, announce(1e15+1, 0, "11.0.0.0/8", two.ASN, 20, 1))
	f.add("i", &one, announce(1e15+2, 0, "11.0.0.0/8", one.ASN, 30, 1))
	_, got := f.cut()
	var edges []string
	for _, l := range got {
		if l.Kind == wire.RecordEdge {
			_, peer, _ := strings.Cut(l.text, "peer ")
			edges = append(edges, fmt.Sprintf("%s %v", peer[:3], l.AS))
		}
	}
	if want := []string{"100 10", "200 20", "100 30"}; !slices.Equal(edges, want) {
		t.Errorf("first hops of peers %q, want %q", edges, want)
	}
}

// TestAPeerMayChangeWithinARange: what an ingester says of a session holds from
// the frame on in which it says so, wherever the range ends.
func TestAPeerMayChangeWithinARange(t *testing.T) {
	f := newFeeder(t, Config{})
	s := sessions[0]
	for i, feed := range []route.Feed{route.FeedUnknown, route.FeedPartial, route.FeedFull, route.FeedFull} {
		s.Feed4 = feed
		f.add("i", &s, route.Update{Kind: route.KindPeerUp, Engine: 1e15 + route.Time(i)})
	}
	_, got := f.cut()
	for i, want := range []string{"100/00", "100/10", "100/20", "100/20"} {
		if !strings.Contains(got[i].text, "peer "+want+" ") {
			t.Errorf("record %d is %s, want peer %s", i, got[i].text, want)
		}
	}
}

// TestTwoIngestersMayReadOnePeer: each names it under its own name.
func TestTwoIngestersMayReadOnePeer(t *testing.T) {
	f := newFeeder(t, Config{})
	s := sessions[0]
	for i, in := range []string{"a", "b", "a", "b"} {
		s.ID = uint32(i % 2 * 5)
		f.add(in, &s, route.Update{Kind: route.KindEndOfRIB, Engine: 1e15})
	}
	_, got := f.cut() // lines holds the peer's ingester against the record's
	if len(got) != 4 || got[0].Ingester == got[1].Ingester || got[0].Ingester != got[2].Ingester {
		t.Errorf("records %+v, want two of each ingester", got)
	}
}

// TestAllPeersAreThoseOfEarlierEpochsToo: an ingester that came back and says
// that all of its sessions ended means those it has not met again.
func TestAllPeersAreThoseOfEarlierEpochsToo(t *testing.T) {
	const p = "11.0.0.0/8"
	f := newFeeder(t, Config{})
	s, other := sessions[0], sessions[1]
	f.add("i", &s, announce(1e15, 0, p, s.ASN, 10, 1))
	f.add("other", &other, announce(1e15, 0, p, other.ASN, 10, 1))
	f.restart()
	f.add("i", nil, route.Update{Kind: route.KindPeerDown, Peer: route.AllPeers, Engine: 1e15 + 1})
	up := func(s *route.Session) bool {
		var ch rib.Change
		f.e.rib.Withdraw(f.e.peers[f.e.byPeer[s.Peer]-1].rib, route.MustPrefix(p).NLRI(0), false, &ch)
		return ch.Outcome == rib.Withdrawn
	}
	if up(&s) {
		t.Error("the route of a peer of the epoch before is still there")
	}
	if !up(&other) {
		t.Error("the route of another ingester's peer is gone")
	}
}

func TestFramesWithoutANumberAreUnreadable(t *testing.T) {
	f := newFeeder(t, Config{})
	noEpoch, noNumber := frameOf("i", 0, 1, 1e15, "11.0.0.0/8", 100, 1), frameOf("i", 1, 0, 1e15, "11.0.0.0/8", 100, 1)
	for i, data := range [][]byte{{}, noEpoch, noNumber} {
		if err := f.e.apply(uint64(i)+1, 0, data); err == nil {
			t.Errorf("frame %d is taken", i)
		}
	}
	if c := f.e.counters; c.BadFrames != 3 || c.Frames != 0 || len(f.e.ingesters) != 0 {
		t.Errorf("%+v and %d ingesters, want 3 bad frames", c, len(f.e.ingesters))
	}
}

func TestIngestersAreBounded(t *testing.T) {
	f := newFeeder(t, Config{})
	const more = 3
	for i := range maxIngesters + more {
		f.add(fmt.Sprint(i), nil, route.Update{Kind: route.KindTick, Peer: route.AllPeers, Engine: 1e15})
	}
	h, _ := f.cut()
	if c := f.e.counters; c.IngestersRefused != more || c.Frames != maxIngesters || !h.Degraded {
		t.Errorf("%d frames applied, %d refused, degraded %t", c.Frames, c.IngestersRefused, h.Degraded)
	}
	f.add("0", nil, route.Update{Kind: route.KindTick, Peer: route.AllPeers, Engine: 1e15})
	if c := f.e.counters; c.Frames != maxIngesters+1 {
		t.Error("an ingester that is known is refused, too")
	}
}

// TestAnUnreadableFrameIsAHoleForEveryIngester: nobody knows whose number it
// had, so each may jump once.
func TestAnUnreadableFrameIsAHoleForEveryIngester(t *testing.T) {
	f := newFeeder(t, Config{})
	tick := func(in string) {
		f.add(in, nil, route.Update{Kind: route.KindTick, Peer: route.AllPeers, Engine: 1e15})
	}
	tick("a")
	tick("b")
	f.sequence++
	if f.e.apply(f.sequence, 0, []byte("no frame")) == nil {
		t.Fatal("taken")
	}
	f.numbers["a"]++
	f.numbers["b"]++
	tick("a")
	tick("b")
	tick("new") // its first numbers may have been lost, too
	if c := f.e.counters; c.Gaps != 3 || c.Frames != 5 {
		t.Errorf("%d gaps and %d frames, want 3 and 5", c.Gaps, c.Frames)
	}
	f.numbers["a"]++
	tick("a")
	if c := f.e.counters; c.Gaps != 3 || c.Copies != 1 {
		t.Errorf("%d gaps and %d copies after a second jump, want 3 and 1", c.Gaps, c.Copies)
	}
}

// TestAPromotedPathIsNotTakenForAnother: a withdrawal that makes a further
// ADD-PATH path the main one has no path of its own; that of the update before
// it in the frame, of another peer, says nothing about it.
func TestAPromotedPathIsNotTakenForAnother(t *testing.T) {
	const p = "11.0.0.0/16"
	f := newFeeder(t, Config{})
	addPath, server := sessions[4], sessions[2]
	route1, route2 := route.MustPrefix(p).NLRI(1), route.MustPrefix(p).NLRI(2)
	news := func(n route.NLRI, hops ...route.ASN) route.Update {
		u := announce(1e15, route.FlagPathIDs, p, hops...)
		u.Announced[0] = n
		return u
	}
	f.add("i", &addPath, news(route1, addPath.ASN, 20, 1), news(route2, addPath.ASN, 10, 1))
	b := wire.NewFrameBuilder("i", 1)
	b.Reset(1)
	before := announce(1e15, 0, "12.0.0.0/16", 10, 1)
	before.Number, before.Peer = 200, server.ID
	b.Add(&before, &server, before.Announced, nil)
	gone := route.Update{Number: 201, Peer: addPath.ID, Engine: 1e15, Flags: route.FlagPathIDs}
	b.Add(&gone, &addPath, nil, []route.NLRI{route1})
	f.sequence++
	if err := f.e.apply(f.sequence, 0, b.Bytes(2)); err != nil {
		t.Fatal(err)
	}
	_, got := f.cut()
	last := got[len(got)-1]
	if last.Kind != wire.RecordChange || last.Number != 201 || last.Flags&wire.RecordVirtualFirst != 0 {
		t.Errorf("last record %s, want a change that begins with its peer", last.text)
	}
}
