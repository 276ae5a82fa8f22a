package processor

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/route"
	"detour/wire"
)

// known returns a log in which every path of updates is shown first, in a table
// that all shards see, so that nothing is young.
func known(updates []route.Update) []route.Update {
	var out []route.Update
	for i := range updates {
		u := updates[i]
		if len(u.Announced) == 0 {
			continue
		}
		u.Engine = updates[0].Engine
		u.Flags = route.FlagTableDump | route.FlagHasPath
		u.Announced, u.Withdrawn = []route.NLRI{route.MustPrefix("::/0").NLRI(0)}, nil
		out = append(out, u)
	}
	out = append(out, updates...)
	for i := range out {
		out[i].Number = uint64(i) + 1
	}
	return out
}

// TestShardingIsInvisible holds DESIGN §4.2 for the shards: their number and the
// cut of the frames change nothing that they tell, except of what is young: a
// way is so at least where it is news to all shards.
func TestShardingIsInvisible(t *testing.T) {
	sawFlag, sawHeld, sawCount := false, false, false
	invisible := func(rt *rapid.T) {
		updates, young := drawUpdates(rt), rapid.Bool().Draw(rt, "young")
		if !young {
			updates = known(updates)
		}
		limit := rapid.SampledFrom([]int{1, 3, 0}).Draw(rt, "flags per block")
		want, elements := all(t, split("i", updates, 1, func() bool { return true }), limit)
		if young {
			want.forgetYoung()
		}
		sawFlag, sawHeld = sawFlag || len(want.flags) > 0, sawHeld || want.held > 0
		sawCount = sawCount || len(want.counts) > 0
		for _, text := range want.flags {
			flagOf(t, text)
		}
		sum := uint64(0)
		for i := range updates {
			sum += uint64(updates[i].Elements())
		}
		if elements != sum {
			rt.Fatalf("one shard counts %d elements of %d", elements, sum)
		}
		for _, shards := range []int{1, 4, 8} {
			cut := func() bool { return rapid.Bool().Draw(rt, "cut") }
			got, elements := all(t, split("i", updates, shards, cut), limit)
			if elements != sum {
				rt.Fatalf("%d shards count %d elements of %d", shards, elements, sum)
			}
			if young {
				got.forgetYoung()
			}
			if d := cmp.Diff(want, got, cmp.AllowUnexported(told{}, moments{})); d != "" {
				rt.Fatalf("%d shards tell something else (-1 shard +%d):\n%s", shards, shards, d)
			}
		}
	}
	for range 10 { // a short run draws few logs at a time
		if rapid.Check(t, invisible); sawFlag && sawHeld && sawCount {
			break
		}
	}
	if !sawFlag || !sawHeld || !sawCount {
		t.Errorf("random logs gave a flag: %t, held one back: %t, a count: %t; want all, or nothing was compared",
			sawFlag, sawHeld, sawCount)
	}
}

// frameOf returns a frame of one announcement.
func frameOf(ingester string, epoch, number uint64, at route.Time, prefix string, hops ...route.ASN) []byte {
	b := wire.NewFrameBuilder(ingester, epoch)
	b.Reset(1)
	u := route.Update{
		Number: number, Engine: at, Collected: at, Path: route.Path{ASNs: hops}, Flags: route.FlagHasPath,
	}
	b.Add(&u, &sessions[0], []route.NLRI{route.MustPrefix(prefix).NLRI(0)}, nil)
	return slices.Clone(b.Bytes(number))
}

func TestFramesAreTakenOnceAndInOrder(t *testing.T) {
	frame := func(epoch, number uint64) []byte {
		return frameOf("i", epoch, number, route.Time(1e15+number), "10.0.0.0/8", 100, 10, 1)
	}
	type step struct {
		epoch, number uint64
		missing       uint64
		garbage       bool
	}
	for _, c := range []struct {
		name  string
		steps []step
		want  Counters
	}{
		{"in order", []step{{1, 1, 0, false}, {1, 2, 0, false}}, Counters{Frames: 2}},
		{
			"copies",
			[]step{{1, 1, 0, false}, {1, 1, 0, false}, {1, 2, 0, false}, {1, 1, 0, false}},
			Counters{Frames: 2, Copies: 2},
		},
		{
			"forerunners of go-back-N",
			[]step{{1, 1, 0, false}, {1, 2, 0, false}, {1, 4, 0, false}, {1, 3, 0, false}, {1, 4, 0, false}},
			Counters{Frames: 4, Copies: 1},
		},
		{"an ended epoch", []step{{2, 1, 0, false}, {1, 2, 0, false}, {2, 2, 0, false}}, Counters{Frames: 2, Behind: 1}},
		{"a new epoch", []step{{1, 1, 0, false}, {2, 1, 0, false}}, Counters{Frames: 2, Gaps: 1}},
		{"a log that begins later", []step{{1, 5, 0, false}, {1, 6, 0, false}}, Counters{Frames: 2, Gaps: 1}},
		{
			"a hole",
			[]step{{1, 1, 0, false}, {1, 4, 2, false}, {1, 6, 0, false}, {1, 5, 0, false}},
			Counters{Frames: 3, Holes: 2, Gaps: 1, Copies: 1},
		},
		{"a hole that lost only copies", []step{{1, 1, 0, false}, {1, 2, 1, false}}, Counters{Frames: 2, Holes: 1}},
		{
			"an unreadable frame",
			[]step{{1, 1, 0, false}, {1, 2, 0, true}, {1, 3, 0, false}},
			Counters{Frames: 2, BadFrames: 1, Gaps: 1},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newEngine(Config{Shards: 1, Flags: func(*Flag) {}})
			var o told
			for i, s := range c.steps {
				data := frame(s.epoch, s.number)
				if s.garbage {
					data = data[:len(data)-1]
				}
				if err := e.apply(uint64(i)+1, s.missing, data); (err != nil) != s.garbage {
					t.Fatal(err)
				}
			}
			o.collect(t, e.finishRange(1, 1, uint64(len(c.steps))+1))
			got := e.counters
			got.Updates, got.Elements, got.Records, got.IPv4 = 0, 0, 0, 0
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("counters (-want +got):\n%s", d)
			}
			gaps := uint64(0)
			for _, r := range o.records {
				if isGap(r) {
					gaps++
				}
			}
			if gaps != c.want.Gaps {
				t.Errorf("%d gap events told, want %d: %q", gaps, c.want.Gaps, o.records)
			}
		})
	}
}

// TestWatermarksAreKept: no record is older than what an earlier range promised,
// and a silent ingester does not hold time back for ever.
func TestWatermarksAreKept(t *testing.T) {
	e := newEngine(Config{Shards: 1, Flags: func(*Flag) {}})
	var o told
	seq := uint64(0)
	numbers, promised := map[string]uint64{}, route.Time(0)
	mark := func(ingester string, at route.Time) wire.RangeHeader {
		seq++
		numbers[ingester]++
		if err := e.apply(seq, 0, frameOf(ingester, 1, numbers[ingester], at, "10.0.0.0/8", 100, 10, 1)); err != nil {
			t.Fatal(err)
		}
		h := o.collect(t, e.finishRange(1, seq, seq+1))
		e.startRange()
		for _, r := range o.records {
			if r[:20] < fmt.Sprintf("%020d", promised) {
				t.Errorf("%s is older than the promised %d", r, promised)
			}
		}
		o.records, promised = nil, h.Engine
		return h
	}
	const s = route.Second
	if h := mark("a", 1000*s); h.Engine != 1000*s {
		t.Errorf("watermark %v with one ingester", h.Engine)
	}
	if h := mark("b", 999*s); h.Engine != 1000*s {
		t.Errorf("watermark %v takes back what was promised", h.Engine)
	}
	if h := mark("b", 1001*s); h.Engine != 1000*s {
		t.Errorf("watermark %v with a faster ingester", h.Engine)
	}
	if h := mark("a", 1010*s); h.Engine != 1001*s || h.End {
		t.Errorf("watermark %v does not wait for the slower ingester", h.Engine)
	}
	if h := mark("a", 1001*s+quietAfter); h.Engine != 1001*s+quietAfter {
		t.Errorf("watermark %v waits for an ingester that is silent for %v", h.Engine, quietAfter)
	}
}

func TestTheEndIsToldWhenEveryIngesterEnded(t *testing.T) {
	e := newEngine(Config{Shards: 1, Flags: func(*Flag) {}})
	var o told
	end := func(seq uint64, ingester string, number uint64) wire.RangeHeader {
		b := wire.NewFrameBuilder(ingester, 1)
		b.Reset(1)
		u := route.Update{Kind: route.KindTick, Peer: route.AllPeers, Engine: endOfLog, Collected: endOfLog}
		b.Add(&u, nil, nil, nil)
		if err := e.apply(seq, 0, b.Bytes(number)); err != nil {
			t.Fatal(err)
		}
		h := o.collect(t, e.finishRange(1, seq, seq+1))
		e.startRange()
		return h
	}
	for i, in := range []string{"a", "b"} {
		if err := e.apply(uint64(i)+1, 0, frameOf(in, 1, 1, 1e15, "10.0.0.0/8", 100, 1)); err != nil {
			t.Fatal(err)
		}
	}
	e.startRange()
	if h := end(3, "a", 2); h.End {
		t.Error("ended while an ingester goes on")
	}
	if h := end(4, "b", 2); !h.End || h.Engine != 1e15 {
		t.Errorf("end is %v at %v, want true at the last update", h.End, h.Engine)
	}
}
