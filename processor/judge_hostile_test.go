package processor

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"detour/internal/natstest"
	"detour/processor/correlate"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// TestHostileEvidenceIsSkipped: ranges that no shard makes are counted, and those
// of the shards are judged as if they were not there.
func TestHostileEvidenceIsSkipped(t *testing.T) {
	nc, js := natstest.Start(t)
	ctx := natstest.Context(t, 30*time.Second)
	if err := stream.Ensure(ctx, js, stream.Settings{Shards: 1}); err != nil {
		t.Fatal(err)
	}
	core, err := NewCore(Config{Shards: 1, Flags: func(*Flag) {}})
	if err != nil {
		t.Fatal(err)
	}
	publish := func(data []byte) {
		t.Helper()
		if _, err := js.Publish(ctx, stream.EvidenceSubject(0), data); err != nil {
			t.Fatal(err)
		}
	}
	now := route.TimeOf(time.Now())
	bad := 0
	rogue := func() {
		hostile := []wire.RangeHeader{
			{Shard: 7, Shards: 1, StreamCreated: 1, From: 1, To: 9},
			{Shards: 2, StreamCreated: 1, From: 1, To: 9},
			{Shards: 1, StreamCreated: 1, From: 1, To: 9, Engine: math.MaxInt64 - 1},
			{Shards: 1, StreamCreated: 1, From: 1, To: 9, Engine: -1},
			{Shards: 1, StreamCreated: math.MaxInt64, From: 1, To: 9},
			{Shards: 1, StreamCreated: -1, From: 1, To: 9},
			{Shards: 1, StreamCreated: 1, From: 1, To: 9, Engine: now + 3*stream.MaxAhead},
		}
		for i := range hostile {
			publish(wire.NewRangeBuilder().Bytes(&hostile[i]))
		}
		publish([]byte("no range"))
		b := wire.NewRangeBuilder()
		b.Add(&wire.Record{
			Kind: wire.RecordEvent, Event: route.KindGap, Peer: route.AllPeers, Ingester: b.Ingester("i"),
			Sequence: 1, Number: 1, Engine: math.MaxInt64 - 1,
		})
		publish(b.Bytes(&wire.RangeHeader{Shards: 1, StreamCreated: 1, From: 1, To: 2, Engine: 1}))
		bad += len(hostile) + 2
	}
	updates := leak()
	frames := split("i", updates, 1, func() bool { return true })[0].frames
	end := wire.NewFrameBuilder("i", 1)
	end.Reset(1)
	end.Add(&route.Update{Kind: route.KindTick, Peer: route.AllPeers, Engine: endOfLog, Number: 9}, nil, nil, nil)
	for _, f := range append(frames, end.Bytes(uint64(len(frames))+1)) {
		rogue()
		evidence, err := core.Apply(f)
		if err != nil {
			t.Fatal(err)
		}
		publish(evidence)
	}
	judge := NewJudge(JudgeConfig{
		Correlate: correlate.Config{Shards: 1, Outside: correlate.Outside{Watch: watchOf(t, "104.16.0.0/12 AS13335")}},
		UntilEnd:  true, Member: "j",
	}, Deps{Conn: nc, JS: js})
	if err := judge.Run(ctx); err != nil {
		t.Fatal(err)
	}
	st := judge.Stats()
	if st.BadRanges != uint64(bad) || st.Correlate.Ranges != uint64(len(frames))+1 ||
		st.Correlate.Elements != uint64(len(updates)) || !st.Ended {
		t.Errorf("%+v, want %d bad ranges and %d taken", st, bad, len(frames)+1)
	}
}

// TestEvidenceThatFailedIsPassed: behind it the correlator goes on, and knows that
// something is missing.
func TestEvidenceThatFailedIsPassed(t *testing.T) {
	nc, js := natstest.Start(t)
	ctx := natstest.Context(t, 30*time.Second)
	if err := stream.Ensure(ctx, js, stream.Settings{Shards: 1}); err != nil {
		t.Fatal(err)
	}
	for i := range uint64(3) {
		h := wire.RangeHeader{Shards: 1, StreamCreated: 1, From: i + 1, To: i + 2, Engine: 1, End: i == 2}
		if _, err := js.Publish(ctx, stream.EvidenceSubject(0), wire.NewRangeBuilder().Bytes(&h)); err != nil {
			t.Fatal(err)
		}
	}
	judge := NewJudge(JudgeConfig{
		Correlate: correlate.Config{Shards: 1}, UntilEnd: true, Member: "j", Skip: []uint64{2},
	}, Deps{Conn: nc, JS: js})
	if err := judge.Run(ctx); err != nil {
		t.Fatal(err)
	}
	st := judge.Stats()
	if c := &st.Correlate; c.Passed != 1 || c.Ranges != 2 || st.BadRanges != 1 || c.Future != 0 {
		t.Errorf("%+v, want one of three ranges passed", st)
	}
}

// TestEvidenceThatStopsTheCorrelatorIsNamed: whoever runs the Judge learns which
// message it was.
func TestEvidenceThatStopsTheCorrelatorIsNamed(t *testing.T) {
	nc, js := natstest.Start(t)
	ctx := natstest.Context(t, 30*time.Second)
	if err := stream.Ensure(ctx, js, stream.Settings{Shards: 1}); err != nil {
		t.Fatal(err)
	}
	h := wire.RangeHeader{Shards: 1, StreamCreated: 1, From: 1, To: 2, Engine: 1}
	if _, err := js.Publish(ctx, stream.EvidenceSubject(0), wire.NewRangeBuilder().Bytes(&h)); err != nil {
		t.Fatal(err)
	}
	var poisons Poison
	for range poisonTries {
		judge := NewJudge(JudgeConfig{Correlate: correlate.Config{Shards: 1}, Member: "j"}, Deps{Conn: nc, JS: js})
		judge.c = nil // in place of a fault
		err := judge.Run(ctx)
		if bad, ok := errors.AsType[*PoisonedError](err); !ok || bad.Sequence != 1 || bad.Shard >= 0 || !poisons.Again(err) {
			t.Fatalf("ended with %v", err)
		}
	}
	if skip := poisons.Skip(); !slices.Equal(skip, []uint64{1}) {
		t.Errorf("skips %d", skip)
	}
}
