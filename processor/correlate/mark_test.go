package correlate

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// nodes returns one frame per ASN, each with the node (ASN, 1, 1).
func nodes(at route.Time, list ...route.ASN) []frame {
	var frames []frame
	for _, asn := range list {
		e := entry{ingester: "ris", session: peerSession(1, 10)}
		e.Kind, e.Engine, e.AS, e.NextAS, e.Origin = wire.RecordNode, at, asn, 1, 1
		e.Number, e.Prefix = uint64(asn), testPrefix
		frames = append(frames, frame{e})
	}
	return frames
}

func none(*alert.Alert) {}

func TestRangesAreTakenOnceAndInOrder(t *testing.T) {
	c := New(Config{Mode: Live})
	give := func(from uint64, created route.Time, list ...route.ASN) error {
		return c.Range(encode(t, wire.RangeHeader{Shards: 1, From: from, StreamCreated: created, Engine: 5},
			nodes(5, list...)), none)
	}
	type step struct {
		name    string
		from    uint64
		created route.Time
		list    []route.ASN
		err     error
		mark    uint64
		stats   Stats // those that a step changes
	}
	for _, s := range []step{
		{"first", 7, 100, asns(107, 108), nil, 9, Stats{Ranges: 1, Records: 2, Elements: 0}},
		{"duplicate", 7, 100, asns(207, 208), nil, 9, Stats{Duplicates: 1}},
		{"older part", 3, 100, asns(203, 204), nil, 9, Stats{Duplicates: 1}},
		{"overlap", 8, 100, asns(208, 109), nil, 10, Stats{Ranges: 1, Records: 1, Skipped: 1}},
		{"future", 11, 100, asns(111), ErrFuture, 10, Stats{Future: 1}},
		{"empty at the mark", 10, 100, nil, nil, 10, Stats{Heartbeats: 1}},
		{"the missing one", 10, 100, asns(110), nil, 11, Stats{Ranges: 1, Records: 1}},
		{"the future one again", 11, 100, asns(111), nil, 12, Stats{Ranges: 1, Records: 1}},
		{"older stream", 12, 99, asns(312), ErrStale, 12, Stats{Stale: 1}},
		{"newer stream", 1, 101, asns(401), nil, 2, Stats{Ranges: 1, Records: 1, Restarts: 1}},
		{"replaced stream", 12, 100, asns(112), ErrStale, 2, Stats{Stale: 1}},
	} {
		old := c.Stats()
		if err := give(s.from, s.created, s.list...); !errors.Is(err, s.err) || (err != nil) != (s.err != nil) {
			t.Errorf("%s: error %v, want %v", s.name, err, s.err)
		}
		if got := c.Marks()[0]; got.To != s.mark {
			t.Errorf("%s: mark %+v, want %d", s.name, got, s.mark)
		}
		now := c.Stats()
		got := Stats{
			Ranges: now.Ranges - old.Ranges, Records: now.Records - old.Records, Skipped: now.Skipped - old.Skipped,
			Duplicates: now.Duplicates - old.Duplicates, Heartbeats: now.Heartbeats - old.Heartbeats,
			Future: now.Future - old.Future, Stale: now.Stale - old.Stale, Restarts: now.Restarts - old.Restarts,
		}
		if diff := cmp.Diff(s.stats, got); diff != "" {
			t.Errorf("%s: counters (-want +got):\n%s", s.name, diff)
		}
	}
	var seen []route.ASN
	for _, asn := range c.known.as.numbers {
		if asn > 1 {
			seen = append(seen, asn)
		}
	}
	if diff := cmp.Diff(asns(107, 108, 109, 110, 111, 401), seen); diff != "" {
		t.Errorf("records taken (-want +got):\n%s", diff)
	}
}

func TestRangesOfNoShardAreRefused(t *testing.T) {
	c := New(Config{Shards: 4})
	for _, h := range []wire.RangeHeader{{Shard: 4, Shards: 5}, {Shard: 1, Shards: 2}, {Shard: 1, Shards: 8}} {
		if err := c.Range(encode(t, h, nodes(1, 2)), none); !errors.Is(err, errShard) {
			t.Errorf("shard %d of %d: %v", h.Shard, h.Shards, err)
		}
	}
	if s := c.Stats(); s.Records != 0 {
		t.Errorf("%d records were taken", s.Records)
	}
}

func TestReplayWaitsForTheSlowestShard(t *testing.T) {
	c := New(Config{Shards: 2})
	give := func(shard uint32, from uint64, engine route.Time, end bool, frames []frame) {
		t.Helper()
		h := wire.RangeHeader{Shard: shard, Shards: 2, From: from, Engine: engine, End: end}
		if err := c.Range(encode(t, h, frames), none); err != nil {
			t.Fatal(err)
		}
	}
	want := func(groups uint64, pending int) {
		t.Helper()
		if s := c.Stats(); s.Groups != groups || s.Pending != pending {
			t.Errorf("judged %d, pending %d; want %d, %d", s.Groups, s.Pending, groups, pending)
		}
	}
	give(0, 1, 20, false, append(nodes(10, 2), nodes(20, 3)...))
	want(0, 2) // nothing is known of shard 1
	give(1, 1, 10, false, nodes(5, 4))
	want(1, 2)
	give(1, 2, 20, false, nil)
	want(2, 1)
	give(1, 2, 30, true, nodes(25, 5))
	want(2, 2) // shard 0 may still bring something at 20
	give(0, 3, 30, true, nil)
	want(4, 0)
	if diff := cmp.Diff(asns(4, 1, 2, 3, 5), c.known.as.numbers[1:]); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if w := c.Stats().Watermark; w != 30 {
		t.Errorf("watermark %d", w)
	}
}

func TestReplayRefusesMoreThanItMayHold(t *testing.T) {
	c := New(Config{Shards: 2, Limits: Limits{Pending: 3}})
	give := func(shard uint32, from uint64, at route.Time, list ...route.ASN) error {
		h := wire.RangeHeader{Shard: shard, Shards: 2, From: from, Engine: at}
		return c.Range(encode(t, h, nodes(at, list...)), none)
	}
	for i, s := range []struct {
		shard uint32
		from  uint64
		at    route.Time
		err   error
	}{
		{0, 1, 10, nil},
		{0, 3, 20, ErrFull}, // two are held, two more would be too many
		{1, 1, 5, nil},      // the slow shard always gets in
		{0, 3, 20, ErrFull}, // still held: nothing is before 5
		{1, 3, 15, nil},
		{1, 5, 16, ErrFull}, // now the other one is slow
		{0, 3, 20, nil},
		{1, 5, 15, nil},     // slow, and on
		{1, 7, 15, ErrFull}, // and on: twice the limit is the end
	} {
		if err := give(s.shard, s.from, s.at, route.ASN(10*i+2), route.ASN(10*i+3)); !errors.Is(err, s.err) {
			t.Errorf("step %d: %v, want %v", i, err, s.err)
		}
	}
}
