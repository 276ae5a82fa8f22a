package processor

import (
	"math"
	"net/netip"
	"slices"
	"testing"

	"detour/alert"
	"detour/processor/correlate"
	"detour/processor/rib"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// FuzzEngine gives a shard and the correlators behind it a log that hostile
// ingesters wrote, and one message of any bytes: nothing may panic, come to no end
// or grow beyond its bound, each message is counted once, and what is told holds to
// its schema.
func FuzzEngine(f *testing.F) {
	logs := [][]byte{fuzzLeakLog(), fuzzEventsLog(), fuzzTimesLog(), fuzzNamesLog()}
	for i, log := range logs {
		f.Add(log, frameOf("i", 1, uint64(i)+1, storedAt, "11.0.0.0/8", 100, 10, 1), byte(i))
	}
	f.Fuzz(func(t *testing.T, b, raw []byte, at byte) {
		frames := fuzzFrames(b)
		frames = slices.Insert(frames, min(int(at), len(frames)), raw)
		x := newFuzzed(t, len(frames))
		for _, data := range frames {
			x.apply(data)
		}
		x.done()
	})
}

// fuzzed is a shard under test with correlators of both modes behind it.
type fuzzed struct {
	testing.TB
	e      *engine
	judges []*correlate.Correlator
	n      uint64
	mark   route.Time
	rng    wire.Range
}

func fuzzBounds() rib.Config {
	return rib.Config{MaxPeers: 5, MaxPrefixes: 14, MaxNodes: 60, MaxRecent: 20}
}

func newFuzzed(t testing.TB, frames int) *fuzzed {
	x := &fuzzed{TB: t}
	x.e = newEngine(Config{
		Shards: 1, RIB: fuzzBounds(), FlagsPerBlock: 9, Skip: []uint64{uint64(frames) / 2},
		Watched: func(p route.Prefix, _ route.ASN) bool { return p.Bits%2 == 0 },
		Flags:   func(fl *Flag) { flagOf(t, string(fl.Line)) },
	})
	for _, mode := range []correlate.Mode{correlate.Live, correlate.Replay} {
		x.judges = append(x.judges, correlate.New(correlate.Config{Shards: 1, Mode: mode, Maturity: correlate.MatureYes}))
	}
	return x
}

// apply applies one message and judges what is told of it.
func (x *fuzzed) apply(data []byte) {
	x.n++
	work := x.e.spentWork()
	x.e.take(x.n, 0, storedAt, data) //nolint:errcheck // counted, and held against the count below
	if done := x.e.spentWork() - work; done > uint64(len(data))*1000 {
		x.Errorf("%d octets made %d entries be looked at", len(data), done)
	}
	out := x.e.finishRange(1, x.n, x.n+1)
	if len(out) > wire.MaxRange {
		x.Fatalf("range of %d octets", len(out))
	}
	if err := x.rng.Decode(out); err != nil {
		x.Fatalf("own range is refused: %v", err)
	}
	h := &x.rng.Header
	if h.Engine < x.mark || h.Engine > storedAt+stream.MaxAhead {
		x.Fatalf("the shard's time goes from %d to %d", x.mark, h.Engine)
	}
	if err := possible(&x.rng, storedAt); err != nil {
		x.Fatal(err)
	}
	x.mark = h.Engine
	for _, c := range x.judges {
		if err := c.Range(&x.rng, func(a *alert.Alert) {
			if err := a.Validate(); err != nil {
				x.Errorf("%v: %+v", err, a)
			}
		}); err != nil {
			x.Fatal(err)
		}
	}
	x.e.startRange()
	x.bounded()
}

// bounded holds every table of the shard against its bound.
func (x *fuzzed) bounded() {
	e, most := x.e, fuzzBounds()
	q := &e.quarantine
	for i := range e.peers {
		for f, held := range e.peers[i].held {
			if known := uint64(e.rib.Prefixes(familyAt(f))); held.routes > known || held.raised > 1<<40 {
				x.Fatalf("peer %d counts %+v of %d prefixes", i, held, known)
			}
		}
	}
	switch {
	case len(e.peers) > most.MaxPeers, len(e.byPeer) > most.MaxPeers:
		x.Fatalf("%d peers", len(e.peers))
	case e.rib.Prefixes(route.IPv4) > most.MaxPrefixes, e.rib.Prefixes(route.IPv6) > most.MaxPrefixes:
		x.Fatal("more prefixes than there is room for")
	case len(e.ingesters) > maxIngesters, e.places > 2*maxSessions, len(e.blamed.list) > maxBlamed+1:
		x.Fatalf("%d ingesters, %d places, %d names", len(e.ingesters), e.places, len(e.blamed.list))
	case len(q.list) > quarantineFrames, q.octets > quarantineOctets:
		x.Fatalf("%d frames of %d octets in quarantine", len(q.list), q.octets)
	}
}

// done holds the counters against each other.
func (x *fuzzed) done() {
	c := &x.e.counters
	if sum := c.Frames + c.BadFrames + c.AheadFrames + c.SkippedFrames + c.Copies + c.Behind +
		c.IngestersRefused; sum != x.n {
		x.Errorf("%d messages are counted of %d: %+v", sum, x.n, c)
	}
	var blamed IngesterCounters
	for _, b := range x.e.blamed.list {
		blamed.BadFrames += b.BadFrames
		blamed.Copies += b.Copies
		blamed.Behind += b.Behind
		blamed.Gaps += b.Gaps
		blamed.UnknownPeers += b.UnknownPeers
		blamed.Skipped += b.Skipped
	}
	want := IngesterCounters{
		BadFrames: c.BadFrames, Copies: c.Copies, Behind: c.Behind, Gaps: c.Gaps, UnknownPeers: c.UnknownPeer,
		Skipped: c.SkippedFrames,
	}
	if blamed != want {
		x.Errorf("under names %+v, in all %+v", blamed, want)
	}
	if x.e.quarantine.total != c.BadFrames+c.AheadFrames+c.SkippedFrames+c.HeavyFrames {
		x.Errorf("%d frames in quarantine: %+v", x.e.quarantine.total, c)
	}
}

// fuzzUpdate is how many octets of a log make an update:
//
//	0     kind; the upper bit ends the frame behind it
//	1     session
//	2, 3  ingester and epoch; step of the frame's number (of the update that ends it)
//	4     engine time
//	5, 6  prefixes
//	7     flags; the upper bit withdraws
//	8-13  path
//	14    how often the path stands there, and its segments
//	15    what is done to the frame's bytes, with 3
const fuzzUpdate = 16

var fuzzTimes = []route.Time{
	0, 1, route.Second, 10 * route.Second, 40 * route.Second, route.Minute, 5 * route.Minute, 7 * route.Hour,
}

var fuzzAbsolute = []route.Time{
	0, -1, math.MinInt64, math.MaxInt64, math.MaxInt64 - 1, storedAt + stream.MaxAhead, storedAt + stream.MaxAhead + 1,
	storedAt - 40*24*route.Hour,
}

func fuzzSessions() []route.Session {
	huge, lastID, other, down := sessions[1], sessions[2], sessions[0], sessions[3]
	huge.ID, lastID.ID = maxSessionID, maxSessionID-1
	other.ID, other.View = 9, route.ViewAdjRIBInPost
	down.ID, down.ASN, down.Addr = 10, 0, netip.Addr{}
	return slices.Concat(sessions, []route.Session{huge, lastID, other, down})
}

// fuzzFrames makes frames of b.
func fuzzFrames(b []byte) (frames [][]byte) {
	list, numbers := fuzzSessions(), map[[2]byte]uint64{}
	now := storedAt - 24*route.Hour
	var updates []route.Update
	var of []*route.Session
	for ; len(b) >= fuzzUpdate && len(frames) < 200; b = b[fuzzUpdate:] {
		s := &list[int(b[1])%len(list)]
		now = fuzzTime(now, b[4])
		u := fuzzed1(b, s)
		if u.Engine = now; b[4]&0x80 != 0 {
			u.Engine = fuzzAbsolute[int(b[4])%len(fuzzAbsolute)]
		}
		u.Number = uint64(len(frames)*100 + len(updates) + 1)
		if u.Peer == route.AllPeers {
			s = nil
		}
		if updates, of = append(updates, u), append(of, s); b[0]&0x80 == 0 && len(b) >= 2*fuzzUpdate && len(updates) < 99 {
			continue
		}
		name, epoch := b[2]&3, b[2]>>2&3
		builder := wire.NewFrameBuilder([]string{"a", "b", "c", ""}[name], []uint64{1, 2, 3, math.MaxUint64}[epoch])
		builder.Reset(u.Engine)
		for i := range updates {
			builder.Add(&updates[i], of[i], updates[i].Announced, updates[i].Withdrawn)
		}
		numbers[[2]byte{name, epoch}] += []uint64{1, 1, 1, 1, 1, 0, 2, math.MaxUint64}[b[3]&7]
		data := slices.Clone(builder.Bytes(numbers[[2]byte{name, epoch}]))
		if b[15] != 0 && b[3]&0x80 != 0 {
			data[(int(b[3])*int(b[15])+int(b[3]))%len(data)] ^= b[15]
		}
		frames, updates, of = append(frames, data), updates[:0], of[:0]
	}
	return frames
}

func fuzzTime(now route.Time, b byte) route.Time {
	if b&0x80 != 0 {
		return now
	}
	return now + fuzzTimes[int(b)%len(fuzzTimes)]
}

// fuzzed1 makes an update without its number and time.
func fuzzed1(b []byte, s *route.Session) route.Update {
	u := route.Update{Kind: route.Kind(b[0] & 7), Peer: s.ID}
	if u.Kind > route.KindTick {
		u.Kind = route.KindUpdate
	}
	if u.Kind != route.KindUpdate && b[1]&0x80 != 0 {
		u.Peer = route.AllPeers
	}
	if u.Kind != route.KindUpdate {
		return u
	}
	u.Flags = route.Flags(b[7]&0xf) | route.FlagHasPath
	prefixes := []route.NLRI{fuzzPrefix(b[5]), fuzzPrefix(b[6])}
	slices.SortStableFunc(prefixes, func(a, b route.NLRI) int { return int(a.Family) - int(b.Family) })
	if b[7]&0x80 != 0 {
		u.Withdrawn = prefixes
		return u
	}
	u.Announced = prefixes
	if b[7]&0x40 == 0 {
		u.Path.ASNs = append(u.Path.ASNs, s.ASN)
	}
	hops := b[8:14]
	for range b[14]&15 + 1 {
		for _, h := range hops {
			u.Path.ASNs = append(u.Path.ASNs, route.ASN(h)|route.ASN(h&3)<<15)
		}
	}
	if n := uint16(len(u.Path.ASNs)); b[14]&0x30 != 0 && n > 2 {
		u.Path.Segments = []route.Segment{
			{Type: route.ASSequence, Count: n - 2}, {Type: 1 + route.SegmentType(b[14]>>4&3), Count: 2},
		}
	}
	if b[7]&0x10 != 0 {
		u.Communities = []byte{0xff, 0xff, 0x02, 0x9a}
	}
	return u
}

func fuzzPrefix(b byte) route.NLRI {
	p := route.MustPrefix(testPrefixes[int(b)%len(testPrefixes)])
	if b >= 0xc0 {
		p.Bits = uint8(p.Family.MaxBits())
		p.Hi |= uint64(b) << 32
	}
	return p.NLRI(uint32(b >> 5))
}
