package processor

import (
	"fmt"
	"math"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/processor/rib"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// storedAt is when the server stored the frames of these tests.
const storedAt = route.Time(1e15)

// rogue gives an engine frames that no publisher makes.
type rogue struct {
	*feeder
	next map[string]uint64
}

func newRogue(t testing.TB, cfg Config) *rogue {
	return &rogue{newFeeder(t, cfg), map[string]uint64{}}
}

// send applies one message and returns the error of it.
func (r *rogue) send(data []byte) error {
	r.sequence++
	return r.e.take(r.sequence, 0, storedAt, data)
}

// frame applies the next frame of an ingester.
func (r *rogue) frame(ingester string, s *route.Session, updates ...route.Update) error {
	r.next[ingester]++
	return r.numbered(ingester, 1, r.next[ingester], s, updates...)
}

func (r *rogue) numbered(ingester string, epoch, number uint64, s *route.Session, updates ...route.Update) error {
	b := wire.NewFrameBuilder(ingester, epoch)
	b.Reset(1)
	for i := range updates {
		u := &updates[i]
		if s != nil && u.Peer != route.AllPeers {
			u.Peer = s.ID
		}
		b.Add(u, s, u.Announced, u.Withdrawn)
	}
	return r.send(b.Bytes(number))
}

func (r *rogue) counted(name string) IngesterCounters {
	for _, c := range r.e.blamed.snapshot() {
		if c.Name == name {
			return c
		}
	}
	return IngesterCounters{}
}

func tickAt(at route.Time) route.Update {
	return route.Update{Kind: route.KindTick, Peer: route.AllPeers, Engine: at}
}

// hostileFrame is what an ingester does that it should not, and what comes of it.
type hostileFrame struct {
	play       func(r *rogue) error
	refused    bool
	want       IngesterCounters
	quarantine string // name there
}

func hostileFrames(s route.Session, honest route.Update) map[string]hostileFrame {
	garbled := frameOf("rogue", 1, 1, storedAt, "11.0.0.0/8", 100, 1)
	garbled = garbled[:len(garbled)-1]
	return map[string]hostileFrame{
		"garbage": {
			play: func(r *rogue) error { return r.send([]byte("no frame")) }, refused: true,
			want: IngesterCounters{Name: "?", BadFrames: 1}, quarantine: "?",
		},
		"garbage behind a name": {
			play: func(r *rogue) error { return r.send(garbled) }, refused: true,
			want: IngesterCounters{Name: "rogue", BadFrames: 1}, quarantine: "rogue",
		},
		"no number": {
			play: func(r *rogue) error { return r.numbered("rogue", 1, 0, &s, honest) }, refused: true,
			want: IngesterCounters{Name: "rogue", BadFrames: 1}, quarantine: "rogue",
		},
		"far future": {
			play: func(r *rogue) error { return r.frame("rogue", nil, tickAt(math.MaxInt64-1)) }, refused: true,
			want: IngesterCounters{Name: "rogue", Refused: 1}, quarantine: "rogue",
		},
		"just too far ahead": {
			play: func(r *rogue) error {
				return r.frame("rogue", nil, tickAt(storedAt), tickAt(storedAt+stream.MaxAhead+1))
			},
			refused: true, want: IngesterCounters{Name: "rogue", Refused: 1}, quarantine: "rogue",
		},
		"as far ahead as may be": {
			play: func(r *rogue) error { return r.frame("rogue", nil, tickAt(storedAt+stream.MaxAhead)) },
		},
		"before 1970": {
			play: func(r *rogue) error { return r.frame("rogue", nil, tickAt(math.MinInt64)) }, refused: true,
			want: IngesterCounters{Name: "rogue", Refused: 1}, quarantine: "rogue",
		},
		"the past":   {play: func(r *rogue) error { return r.frame("rogue", nil, tickAt(0)) }},
		"end of log": {play: func(r *rogue) error { return r.frame("rogue", nil, tickAt(endOfLog)) }},
		"last epoch": {
			play:    func(r *rogue) error { return r.numbered("rogue", math.MaxUint64, 1, nil, tickAt(1)) },
			refused: true, want: IngesterCounters{Name: "rogue", Refused: 1}, quarantine: "rogue",
		},
		"last number, and one more": {
			play: func(r *rogue) error {
				for _, number := range []uint64{math.MaxUint64, 1, math.MaxUint64} {
					if err := r.numbered("rogue", 1, number, nil, tickAt(1)); err != nil {
						return err
					}
				}
				return nil
			},
			want: IngesterCounters{Name: "rogue", Gaps: 1, Copies: 2},
		},
		"an ended epoch": {
			play: func(r *rogue) error {
				if err := r.numbered("rogue", 2, 1, nil, tickAt(1)); err != nil {
					return err
				}
				return r.numbered("rogue", 1, 1, nil, tickAt(1))
			},
			want: IngesterCounters{Name: "rogue", Behind: 1},
		},
		"huge session id": {
			play: func(r *rogue) error {
				huge := s
				huge.ID = route.AllPeers - 1
				return r.frame("rogue", &huge, honest)
			},
			want: IngesterCounters{Name: "rogue", Refused: 1, UnknownPeers: 1},
		},
		"event of nobody": {
			play: func(r *rogue) error {
				huge := s
				huge.ID = maxSessionID
				return r.frame("rogue", &huge, route.Update{Kind: route.KindGap, Engine: storedAt})
			},
			want: IngesterCounters{Name: "rogue", Refused: 1, UnknownPeers: 1},
		},
		"longest path": {
			play: func(r *rogue) error {
				u := honest
				u.Path.ASNs = make([]route.ASN, 64<<10)
				for i := range u.Path.ASNs {
					u.Path.ASNs[i] = route.ASN(i + 1)
				}
				return r.frame("rogue", &s, u)
			},
		},
		"name too long": {
			play: func(r *rogue) error { return r.frame(strings.Repeat("x", wire.MaxName+1), nil, tickAt(1)) }, refused: true,
			want: IngesterCounters{Name: "?", BadFrames: 1}, quarantine: "?",
		},
	}
}

// TestHostileFramesAreCountedUnderTheirName: each is refused or does no harm, is
// kept for inspection where it is not applied, and others go on as before.
func TestHostileFramesAreCountedUnderTheirName(t *testing.T) {
	s := sessions[0]
	honest := announce(storedAt, 0, "11.0.0.0/8", s.ASN, 10, 1)
	for name, c := range hostileFrames(s, honest) {
		t.Run(name, func(t *testing.T) {
			r := newRogue(t, Config{})
			if err := r.frame("honest", &s, honest); err != nil {
				t.Fatal(err)
			}
			if err := c.play(r); (err != nil) != c.refused {
				t.Errorf("error %v, want one: %t", err, c.refused)
			}
			if d := cmp.Diff(c.want, r.counted(c.want.Name)); d != "" {
				t.Errorf("counted (-want +got):\n%s", d)
			}
			q := r.e.quarantine
			if c.quarantine == "" && q.total != 0 || c.quarantine != "" && q.list[0].Ingester != c.quarantine {
				t.Errorf("quarantine %+v, want a frame of %q", q.list, c.quarantine)
			}
			more := announce(storedAt+1, 0, "12.0.0.0/8", s.ASN, 10, 1)
			if err := r.frame("honest", &s, more); err != nil || r.e.rib.Prefixes(route.IPv4) < 2 {
				t.Errorf("the honest ingester's next frame: %v, %d prefixes", err, r.e.rib.Prefixes(route.IPv4))
			}
			if h, _ := r.cut(); h.Engine > storedAt+stream.MaxAhead || h.End {
				t.Errorf("the shard's time is %d, ended %t", h.Engine, h.End)
			}
		})
	}
}

// TestARefusedFrameIsAGap: what it held is missing, and the ingester goes on once
// its clock is right again.
func TestARefusedFrameIsAGap(t *testing.T) {
	r := newRogue(t, Config{})
	if err := r.frame("i", nil, tickAt(storedAt)); err != nil {
		t.Fatal(err)
	}
	if r.frame("i", nil, tickAt(storedAt+stream.MaxAhead+1)) == nil {
		t.Fatal("taken")
	}
	if err := r.frame("i", nil, tickAt(storedAt+1)); err != nil {
		t.Fatal(err)
	}
	if c := r.e.counters; c.Gaps != 1 || c.AheadFrames != 1 || c.Frames != 2 {
		t.Errorf("%+v, want a frame refused and a gap", c)
	}
	if _, got := r.cut(); len(got) != 1 || !isGap(got[0].text) {
		t.Errorf("told %v, want a gap", got)
	}
}

// TestOnlyTheNamedIngesterMayJump: a frame that cannot be read but has a name says
// nothing of other ingesters' frames.
func TestOnlyTheNamedIngesterMayJump(t *testing.T) {
	r := newRogue(t, Config{})
	for _, name := range []string{"a", "b"} {
		if err := r.frame(name, nil, tickAt(1)); err != nil {
			t.Fatal(err)
		}
	}
	bad := frameOf("a", 1, 2, 1, "11.0.0.0/8", 100, 1)
	if r.send(bad[:len(bad)-1]) == nil {
		t.Fatal("taken")
	}
	for _, name := range []string{"a", "b"} {
		r.next[name]++
		if err := r.frame(name, nil, tickAt(1)); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := r.counted("a"), r.counted("b"); a.Gaps != 1 || b.Gaps != 0 || b.Copies != 1 {
		t.Errorf("%+v and %+v, want a gap of a alone", a, b)
	}
}

// TestTablesOfHostileNamesAreBounded: names, sessions and collectors without end.
func TestTablesOfHostileNamesAreBounded(t *testing.T) {
	r := newRogue(t, Config{RIB: rib.Config{MaxPeers: 10}})
	for i := range maxIngesters + 10 {
		s := sessions[0]
		s.ID, s.Collector = maxSessionID-1, fmt.Sprint(i)
		if err := r.frame(fmt.Sprint("rogue", i), &s, announce(storedAt, 0, "11.0.0.0/8", s.ASN, 1)); err != nil {
			t.Fatal(err)
		}
	}
	held := 0
	for _, in := range r.e.ingesters {
		held += cap(in.peers)
	}
	if held > 2*maxSessions || held != r.e.places {
		t.Errorf("%d places for sessions, counted %d, want at most %d", held, r.e.places, maxSessions)
	}
	if n := len(r.e.peers); n != 10 {
		t.Errorf("%d peers", n)
	}
	c := r.e.counters
	if c.IngestersRefused != 10 || c.SessionsRefused == 0 || c.UnknownPeer == 0 {
		t.Errorf("%+v, want ingesters, sessions and updates refused", c)
	}
	if list := r.e.blamed.snapshot(); len(list) != maxBlamed+1 || r.counted(others).Refused == 0 {
		t.Errorf("counted under %d names, want %d and the others", len(list), maxBlamed)
	}
}

// TestQuarantineIsBounded by frames and by octets.
func TestQuarantineIsBounded(t *testing.T) {
	for name, size := range map[string]int{
		"small": 10, "large": quarantineOctets / 3, "larger than all": 2 * quarantineOctets,
	} {
		t.Run(name, func(t *testing.T) {
			var q quarantine
			for i := range 3 * quarantineFrames {
				q.add(uint64(i), "i", "r", make([]byte, size))
			}
			octets := 0
			for _, f := range q.list {
				octets += len(f.Data)
			}
			last := q.list[len(q.list)-1]
			want := min(quarantineFrames, max(1, quarantineOctets/size))
			if octets != q.octets || octets > quarantineOctets || len(q.list) != want || last.Size != size ||
				last.Sequence != 3*quarantineFrames-1 || q.total != 3*quarantineFrames {
				t.Errorf("%d frames of %d octets, want %d; last %d of %d", len(q.list), octets, want, last.Sequence, last.Size)
			}
		})
	}
}

// TestEventsWithoutEndAreGivenUp: an event has a dozen octets and may cost all
// routes of all sessions.
func TestEventsWithoutEndAreGivenUp(t *testing.T) {
	r := newRogue(t, Config{})
	s := sessions[0]
	if err := r.frame("rogue", &s, announce(storedAt, 0, "11.0.0.0/8", s.ASN, 10, 1)); err != nil {
		t.Fatal(err)
	}
	r.e.work = maxWork // what was done before does not count
	down := route.Update{Kind: route.KindPeerDown, Peer: route.AllPeers, Engine: storedAt}
	if err := r.frame("rogue", nil, down, down); err != nil || r.e.counters.HeavyFrames != 0 {
		t.Fatalf("two events: %v, %d frames given up", err, r.e.counters.HeavyFrames)
	}
	r.cut()
	spend := r.e.watched
	defer func() { r.e.watched = spend }()
	r.e.watched = func(route.Prefix, route.ASN) bool {
		r.e.work += maxWork/2 + 1 // in place of a minute of resets
		return false
	}
	again := func(p string) route.Update { return announce(storedAt+1, 0, p, s.ASN, 10, 1) }
	four := []route.Update{again("11.0.0.0/8"), again("12.0.0.0/8"), again("13.0.0.0/8"), again("14.0.0.0/8")}
	if err := r.frame("rogue", &s, four...); err != nil {
		t.Fatal(err)
	}
	_, got := r.cut()
	c := r.e.counters
	if c.HeavyFrames != 1 || c.Elements != 3 || r.counted("rogue").Refused != 1 || r.e.quarantine.total != 1 {
		t.Errorf("%+v, want the frame given up behind two updates", c)
	}
	if len(got) == 0 || !isGap(got[len(got)-1].text) {
		t.Errorf("told %v, want a gap in the end", got)
	}
}

// TestASessionThatGoesUpAndDownCostsNothing: only the first reset looks at routes.
func TestASessionThatGoesUpAndDownCostsNothing(t *testing.T) {
	r := newRogue(t, Config{})
	s := sessions[0]
	var updates []route.Update
	for i := range 3000 {
		updates = append(updates, announce(storedAt, 0, fmt.Sprintf("11.%d.%d.0/24", i>>8, i&255), s.ASN, 10, 1))
	}
	if err := r.frame("i", &s, updates...); err != nil {
		t.Fatal(err)
	}
	var flaps []route.Update
	for i := range 1000 {
		flaps = append(flaps, route.Update{Kind: route.KindPeerDown - route.Kind(i%2), Engine: storedAt})
	}
	if err := r.frame("i", &s, flaps...); err != nil {
		t.Fatal(err)
	}
	if w := r.e.rib.Work; w > 3*4096 {
		t.Errorf("%d slots looked at, want those of one reset", w)
	}
	up := 0
	for i := range updates {
		if _, ok := r.e.rib.PathOf(0, updates[i].Announced[0].Prefix()); ok {
			up++
		}
	}
	if up != 0 {
		t.Errorf("%d routes are still there", up)
	}
}

// TestFlagsOfAFrameAreBounded: nearly as many as its prefixes would be a thousand
// times its size.
func TestFlagsOfAFrameAreBounded(t *testing.T) {
	told := 0
	e := newEngine(Config{Shards: 1, FlagsPerBlock: math.MaxInt32, Flags: func(*Flag) { told++ }})
	s := route.Session{Peer: route.Peer{Collector: "c", Addr: netip.MustParseAddr("10.0.0.1"), ASN: 100}}
	number := uint64(0)
	for _, hop := range []route.ASN{10, 20} {
		b := wire.NewFrameBuilder("rogue", 1)
		b.Reset(1)
		u := announce(storedAt, 0, "11.0.0.0/24", s.ASN, hop, 1)
		for i := range maxFrameFlags + 99 {
			p := route.MustPrefix(fmt.Sprintf("%d.%d.%d.0/24", 12+i>>16, i>>8&255, i&255))
			u.Announced = append(u.Announced, p.NLRI(0))
		}
		number++
		if u.Number = number; hop == 10 {
			u.Flags |= route.FlagTableDump
		}
		b.Add(&u, &s, u.Announced, nil)
		if err := e.take(number, 0, storedAt, b.Bytes(number)); err != nil {
			t.Fatal(err)
		}
	}
	if told != maxFrameFlags || e.counters.FlagsHeld != 100 {
		t.Errorf("%d flags told and %d held back, want %d and 100", told, e.counters.FlagsHeld, maxFrameFlags)
	}
}

// TestTimeGoesInStepsNotInSeconds: an ingester that begins in 1970 and jumps to
// today makes nothing count the time between.
func TestTimeGoesInStepsNotInSeconds(t *testing.T) {
	r := newRogue(t, Config{})
	s := sessions[0]
	if err := r.frame("i", &s, announce(1, 0, "11.0.0.0/8", s.ASN, 10, 1)); err != nil {
		t.Fatal(err)
	}
	if err := r.frame("i", nil, tickAt(storedAt), tickAt(storedAt+stream.MaxAhead)); err != nil {
		t.Fatal(err)
	}
	if w := r.e.spentWork(); w > 1000 {
		t.Errorf("%d entries looked at", w)
	}
	if _, got := r.cut(); len(got) > 20 {
		t.Errorf("%d records", len(got))
	}
}
