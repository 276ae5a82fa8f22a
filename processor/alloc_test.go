package processor

import (
	"os"
	"runtime"
	"slices"
	"testing"

	"detour/ingest"
	"detour/ingest/mrt"
	"detour/route"
	"detour/wire"
)

// TestAppliesWithoutAllocating: nothing is novel, some routes change back and
// forth, evidence and flags go out.
func TestAppliesWithoutAllocating(t *testing.T) {
	e := newEngine(Config{Shards: 1, Flags: func(*Flag) {}})
	b := wire.NewFrameBuilder("i", 1)
	sequence := uint64(0)
	var updates []route.Update
	for _, hops := range [][]route.ASN{{100, 701, 13335}, {100, 701, 396531, 33154, 13335}, {100, 174, 13335}} {
		u := announce(route.Time(1e15), 0, "104.16.0.0/12", hops...)
		for _, p := range []string{"104.20.0.0/20", "2606:4700::/32"} {
			u.Announced = append(u.Announced, route.MustPrefix(p).NLRI(0))
		}
		updates = append(updates, u)
	}
	apply := func() {
		u := &updates[sequence%3]
		b.Reset(1)
		b.Add(u, &sessions[0], u.Announced, nil)
		sequence++
		if err := e.apply(sequence, 0, b.Bytes(sequence)); err != nil {
			t.Fatal(err)
		}
		e.finishRange(1, sequence, sequence+1)
		e.startRange()
	}
	for range 500 {
		apply()
	}
	records := e.counters.Records
	if n := testing.AllocsPerRun(1000, apply); n != 0 {
		t.Errorf("%v allocations per frame", n)
	}
	if e.counters.Records == records {
		t.Error("no record was told: the test shows nothing")
	}
}

// TestCountsWithoutAllocating: routes go and come back, and each frame passes a
// boundary.
func TestCountsWithoutAllocating(t *testing.T) {
	e := newEngine(Config{Shards: 1, Flags: func(*Flag) {}})
	b := wire.NewFrameBuilder("i", 1)
	now, sequence := route.Time(1e15), uint64(0)
	back := announce(0, 0, "104.16.0.0/12", 100, 701, 13335)
	gone := route.Update{Withdrawn: back.Announced}
	apply := func() {
		b.Reset(1)
		now += censusEvery
		gone.Engine, back.Engine = now, now
		b.Add(&gone, &sessions[0], nil, gone.Withdrawn)
		b.Add(&back, &sessions[0], back.Announced, nil)
		sequence++
		if err := e.apply(sequence, 0, b.Bytes(sequence)); err != nil {
			t.Fatal(err)
		}
		e.finishRange(1, sequence, sequence+1)
		e.startRange()
	}
	for range 500 {
		apply()
	}
	records := e.counters.Records
	const frames = 1000
	if n := testing.AllocsPerRun(frames, apply); n != 0 {
		t.Errorf("%v allocations per frame", n)
	}
	if got := e.counters.Records - records; got < frames {
		t.Errorf("%d records in %d frames: no census was told", got, frames)
	}
}

// frames puts a recording into frames of 16 KB, as one shard gets them.
func frames(t testing.TB, path string) (frames [][]byte, elements int) {
	t.Helper()
	r, err := mrt.Open(path, mrt.Options{Collector: "test"})
	if os.IsNotExist(err) {
		t.Skipf("corpus absent: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rec mrt.Record
	var clock ingest.Clock
	var peers ingest.Sessions
	b := wire.NewFrameBuilder("i", 1)
	b.Reset(1)
	number := uint64(0)
	flush := func() {
		frames = append(frames, slices.Clone(b.Bytes(uint64(len(frames))+1)))
		b.Reset(1)
	}
	for r.Next(&rec) == nil {
		u := &rec.Update
		s, err := peers.Of(rec.Peer)
		if err != nil {
			t.Fatal(err)
		}
		number++
		u.Number, u.Peer, u.Engine = number, s.ID, clock.Stamp(rec.Time)
		b.Add(u, s, u.Announced, u.Withdrawn)
		elements += u.Elements()
		if b.Len() > 16<<10 {
			flush()
		}
	}
	flush()
	return frames, elements
}

// TestAllocatesLittleOnARecording counts over a whole real recording, from an
// empty state on.
func TestAllocatesLittleOnARecording(t *testing.T) {
	for _, name := range []string{"ris.rrc00.updates.20190101.0000.gz", "routeviews.updates.20241028.0000.bz2"} {
		all, elements := frames(t, "../../shared/corpus/mrt/"+name)
		e := newEngine(Config{Shards: 1, Flags: func(*Flag) {}})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for i, f := range all {
			if err := e.apply(uint64(i)+1, 0, f); err != nil {
				t.Fatal(err)
			}
			e.finishRange(1, uint64(i)+1, uint64(i)+2)
			e.startRange()
		}
		runtime.ReadMemStats(&after)
		per := float64(after.Mallocs-before.Mallocs) / float64(elements)
		t.Logf("%s: %.4f allocations per element over %d elements", name, per, elements)
		if per > 0.1 || e.counters.Elements != uint64(elements) {
			t.Errorf("%s: %.4f allocations per element, at most 0.1 allowed; applied %d of %d",
				name, per, e.counters.Elements, elements)
		}
	}
}

// FuzzApply gives a shard any bytes as a frame.
func FuzzApply(f *testing.F) {
	f.Add(frameOf("i", 1, 1, 1e15, "10.0.0.0/8", 100, 10, 1), frameOf("i", 1, 2, 1e15, "10.0.0.0/9", 100, 20, 1))
	f.Add([]byte{}, []byte("no frame"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		e := newEngine(Config{Shards: 2, Flags: func(*Flag) {}})
		bad := uint64(0)
		for i, data := range [][]byte{a, b, a} {
			if e.apply(uint64(i)+1, 0, data) != nil {
				bad++
			}
		}
		if bad != e.counters.BadFrames || len(e.peers) > len(a)+len(b) {
			t.Errorf("%d bad frames counted of %d, %d peers", e.counters.BadFrames, bad, len(e.peers))
		}
		var o told
		o.collect(t, e.finishRange(1, 1, 4))
	})
}
