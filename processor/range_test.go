package processor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/processor/rib"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// stored is a message of a shard's stream.
type stored struct {
	missing uint64 // sequences lost before it
	data    []byte
}

// drawStream interleaves the frames of two ingesters that do not go in step,
// with copies, losses and garbage among them.
func drawStream(t *rapid.T) []stored {
	var logs [2][][]byte
	for i, name := range []string{"a", "b"} {
		updates := drawUpdates(t)
		behind := rapid.SampledFrom([]route.Time{0, route.Second, quietAfter, route.Hour}).Draw(t, "behind")
		for j := range updates {
			updates[j].Engine -= behind
		}
		logs[i] = split(name, updates, 1, func() bool { return rapid.IntRange(0, 2).Draw(t, "cut") == 0 })[0].frames
	}
	var out []stored
	var at [2]int
	for at[0] < len(logs[0]) || at[1] < len(logs[1]) {
		i := rapid.IntRange(0, 1).Draw(t, "ingester")
		if at[i] == len(logs[i]) {
			i = 1 - i
		}
		m := stored{data: logs[i][at[i]]}
		at[i]++
		switch rapid.IntRange(0, 15).Draw(t, "fault") {
		case 0: // lost
			if at[i] == len(logs[i]) {
				continue
			}
			m.missing, m.data = 1, logs[i][at[i]]
			at[i]++
		case 1:
			out = append(out, stored{data: m.data})
		case 2:
			out = append(out, stored{data: []byte("no frame")})
		case 3:
			at[i] -= min(at[i], 3) // a resend of all in flight
		}
		out = append(out, m)
	}
	return out
}

// tell applies a stream, cuts it into ranges and returns each record with its
// place; check sees the range's header and the records.
func tell(t testing.TB, log []stored, cut func() bool, check func(wire.RangeHeader, []line)) (e *engine, out []string) {
	t.Helper()
	e = newEngine(Config{Shards: 1, Flags: func(*Flag) {}})
	from, sequence := uint64(1), uint64(0)
	for i, m := range log {
		sequence += m.missing + 1
		_ = e.apply(sequence, m.missing, m.data) // garbage is counted
		if i < len(log)-1 && !cut() {
			continue
		}
		h, all := lines(t, e.finishRange(1, from, sequence+1))
		e.startRange()
		from = sequence + 1
		check(h, all)
		for _, l := range all {
			out = append(out, fmt.Sprintf("%d/%d %s", l.Sequence, l.Index, l.text))
		}
	}
	return e, out
}

// TestRangesTileTheLog: wherever ranges are cut, they cover the log without a
// gap, hold the same records, and keep their promise of time.
func TestRangesTileTheLog(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		log := drawStream(rt)
		sequences := uint64(len(log))
		for _, m := range log {
			sequences += m.missing
		}
		whole, want := tell(t, log, func() bool { return false }, func(wire.RangeHeader, []line) {})
		next, promise, elements := uint64(1), route.Time(0), uint64(0)
		cut := func() bool { return rapid.Bool().Draw(rt, "range ends") }
		_, got := tell(t, log, cut, func(h wire.RangeHeader, all []line) {
			if h.From != next || h.To <= h.From {
				rt.Fatalf("range [%d, %d) follows one that ended at %d", h.From, h.To, next)
			}
			if h.Engine < promise || h.Elements < elements || h.End {
				rt.Fatalf("range of %+v after a promise of %d and %d elements", h, promise, elements)
			}
			for _, l := range all {
				if l.Sequence < h.From || l.Sequence >= h.To || l.Engine < promise {
					rt.Fatalf("record %s of sequence %d in [%d, %d), after a promise of %d",
						l.text, l.Sequence, h.From, h.To, promise)
				}
			}
			next, promise, elements = h.To, h.Engine, h.Elements
		})
		if next != sequences+1 || elements != whole.counters.Elements {
			rt.Fatalf("ranges end at %d of %d with %d elements of %d",
				next, sequences+1, elements, whole.counters.Elements)
		}
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatalf("other records than in one range (-one +many):\n%s", d)
		}
	})
}

// TestAShardThatDiesTellsTheSame: killed behind any frame and started anew from
// the start of its log, it tells what it has told, under the same places.
func TestAShardThatDiesTellsTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		log := drawStream(rt)
		cut := func() bool { return rapid.Bool().Draw(rt, "range ends") }
		none := func(wire.RangeHeader, []line) {}
		first, want := tell(t, log[:rapid.IntRange(0, len(log)).Draw(rt, "killed behind")], cut, none)
		second, got := tell(t, log, cut, none)
		if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
			rt.Fatalf("records of the second life do not begin with those of the first:\n%s", cmp.Diff(want, got))
		}
		if first.counters.Records != uint64(len(want)) || second.counters.Records != uint64(len(got)) {
			rt.Fatalf("%d and %d records counted of %d and %d",
				first.counters.Records, second.counters.Records, len(want), len(got))
		}
	})
}

// longPath is a path of new ASNs.
func longPath(s *route.Session, next *route.ASN) []route.ASN {
	out := []route.ASN{s.ASN}
	for range rib.MaxTail - 1 {
		*next++
		out = append(out, *next)
	}
	return append(out, 1)
}

// TestSweptPathsAreNotMistaken: nodes that were reclaimed come back as parts of
// other paths, in the same range.
func TestSweptPathsAreNotMistaken(t *testing.T) {
	spoken, cover := route.MustPrefix("11.0.0.0/16"), route.MustPrefix("12.0.0.0/16")
	shard := stream.Shard(spoken, 8)
	if stream.Shard(cover, 8) == shard {
		t.Fatal("one shard speaks for both prefixes; choose others")
	}
	f := newFeeder(t, Config{Shard: shard, Shards: 8})
	s := &sessions[0]
	asn, number, want := route.ASN(200000), uint64(0), map[uint64]string{}
	tell := func(p route.Prefix, hops []route.ASN) {
		number++
		u := announce(1e15+route.Time(number), 0, p.String(), hops...)
		u.Number, want[number] = number, fmt.Sprint(hops[1:])
		f.add("i", s, u)
	}
	for range 50 {
		tell(spoken, longPath(s, &asn))
	}
	tell(spoken, []route.ASN{s.ASN, 10, 1})
	for f.e.rib.Counters.Sweeps == 0 {
		if number > 2<<16/rib.MaxTail {
			t.Fatal("nothing was swept: the test shows nothing")
		}
		tell(cover, longPath(s, &asn)) // tells nothing
	}
	for range 50 {
		tell(spoken, longPath(s, &asn))
	}
	_, got := f.cut()
	seen := 0
	for _, l := range got {
		if l.Kind != wire.RecordChange {
			continue
		}
		seen++
		if w := want[l.Number]; !strings.Contains(l.text, " to "+w+" ") {
			t.Fatalf("record %s, want a change to %s", l.text, w)
		}
	}
	if seen != 101 || f.e.counters.RecordsRefused != 0 {
		t.Errorf("%d changes told, %d refused; want 101 and 0", seen, f.e.counters.RecordsRefused)
	}
}

// TestARangeFitsAMessage: a frame of the largest size that a publisher may make
// says more than one range can hold.
func TestARangeFitsAMessage(t *testing.T) {
	f := newFeeder(t, Config{})
	asn := route.ASN(200000)
	b := wire.NewFrameBuilder("i", 1)
	b.Reset(1)
	for number := uint64(1); b.Len() < stream.MaxMessage/4; number++ {
		s := sessions[0]
		s.ID = uint32(number)
		s.Addr = netip.AddrFrom4([4]byte{10, 1, byte(number >> 8), byte(number)})
		u := announce(1e15, 0, fmt.Sprintf("11.%d.%d.0/24", byte(number>>8), byte(number)), longPath(&s, &asn)...)
		u.Number, u.Peer = number, s.ID
		b.Add(&u, &s, u.Announced, nil)
	}
	f.sequence++
	if err := f.e.apply(1, 0, b.Bytes(1)); err != nil {
		t.Fatal(err)
	}
	if size := f.e.rng.Len(); size > maxRange+4<<10 {
		t.Fatalf("the range has %d bytes, more than the bound and one record with what it names", size)
	}
	h, got := f.cut()
	c := f.e.counters
	if c.RecordsRefused == 0 || !h.Degraded || uint64(len(got)) != c.Records {
		t.Errorf("%d records told, %d counted, %d refused, degraded %t", len(got), c.Records, c.RecordsRefused, h.Degraded)
	}
}

// TestALateIngesterKeepsThePromise: what comes behind the watermark is stamped
// with it.
func TestALateIngesterKeepsThePromise(t *testing.T) {
	const now = route.Time(1e15)
	for name, first := range map[string]bool{"new": false, "silent for long": true} {
		t.Run(name, func(t *testing.T) {
			f := newFeeder(t, Config{})
			s, other := &sessions[0], &sessions[1]
			if first {
				f.add("late", other, announce(now-2*quietAfter, 0, "11.0.0.0/8", other.ASN, 10, 1))
			}
			f.add("i", s, announce(now, 0, "11.0.0.0/8", s.ASN, 10, 1))
			promised, _ := f.cut()
			if promised.Engine != now {
				t.Fatalf("watermark %v, want %v", promised.Engine, now)
			}
			f.add("late", other, announce(now-quietAfter, 0, "11.0.0.0/8", other.ASN, 20, 1))
			h, got := f.cut()
			if len(got) == 0 {
				t.Fatal("nothing was told")
			}
			for _, l := range got {
				if l.Engine != now {
					t.Errorf("record %s, want it at %v", l.text, now)
				}
			}
			if h.Engine < now {
				t.Errorf("watermark goes back to %v", h.Engine)
			}
		})
	}
}

// TestAGapBeforeTheEndIsNotAtTheEndOfTime: the first frame after a hole may be
// the last of all, which has no time.
func TestAGapBeforeTheEndIsNotAtTheEndOfTime(t *testing.T) {
	f := newFeeder(t, Config{})
	f.add("i", &sessions[0], announce(1e15, 0, "11.0.0.0/8", 100, 10, 1))
	f.restart()
	f.add("i", nil, route.Update{Kind: route.KindTick, Peer: route.AllPeers, Engine: endOfLog})
	h, got := f.cut()
	last := got[len(got)-1]
	if !isGap(last.text) || last.Engine != 1e15 || !h.End || h.Engine != 1e15 {
		t.Errorf("last record %s, end %t at %v; want a gap and the end at the last update", last.text, h.End, h.Engine)
	}
}
