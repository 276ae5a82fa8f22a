package chaos

import (
	"context"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"detour/bench/chaos/traffic"
	ingest "detour/ingest/node"
	"detour/ingest/replay"
	"detour/internal/natstest"
	"detour/processor/correlate"
	processors "detour/processor/node"
	"detour/processor/reference"
	"detour/route"
	"detour/stream"
)

// testShards read at full speed, so that one may run minutes of the traffic's time
// ahead of the other.
const testShards = 2

// tiny is a traffic for tests.
func tiny(t *testing.T) *traffic.Traffic {
	t.Helper()
	made, err := traffic.Make(t.TempDir(), traffic.Shape{
		Prefixes: 20_000, Peers: 4, Rate: 2000, Speed: 20, Length: 12 * time.Second, Every: 200 * time.Millisecond,
		LeakAt: 7 * time.Second, Leaked: 500,
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// inside runs a traffic at full speed through nodes within this process.
func inside(t *testing.T, made *traffic.Traffic) *outcome {
	t.Helper()
	srv := natstest.StartServer(t)
	nc, js := srv.Connect(t)
	ctx := natstest.Context(t, time.Minute)
	if err := stream.Ensure(ctx, js, stream.Settings{Shards: testShards}); err != nil {
		t.Fatal(err)
	}
	watch, err := reference.OpenWatch(made.Watch)
	if err != nil {
		t.Fatal(err)
	}
	rel, err := reference.OpenRelationships(made.ASRel)
	if err != nil {
		t.Fatal(err)
	}
	p, err := processors.New(processors.Config{
		Member: "p", Shards: testShards,
		Correlate: correlate.Config{
			Maturity: correlate.MatureYes, Outside: correlate.Outside{Watch: watch, Relationships: rel},
		},
		Watched: func(p route.Prefix, origin route.ASN) bool { return watch.Match(p) != nil || watch.ASN(origin) != nil },
	}, processors.Deps{Conn: nc, JS: js})
	if err != nil {
		t.Fatal(err)
	}
	rec := newRecorder(js)
	begin := time.Now()
	life, stop := context.WithCancel(ctx)
	var lives, sources errgroup.Group
	lives.Go(func() error { return p.Run(life) })
	lives.Go(func() error { return rec.run(life) })
	// One source of all files: of two at full speed one would run ahead, and the
	// other be taken for silent.
	all := replay.Config{Collector: "chaos"}
	for _, f := range made.Files {
		all.Prime = append(all.Prime, f.History, f.Table)
		all.Files = append(all.Files, f.Updates)
	}
	n, err := ingest.New(ingest.Config{
		Name: "a", Shards: testShards, Sources: []ingest.SourceConfig{ingest.Replay(all)},
	}, ingest.Deps{Conn: nc, JS: js})
	if err != nil {
		t.Fatal(err)
	}
	sources.Go(func() error { return n.Run(ctx) })
	if err := sources.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := rec.settle(ctx, time.Second, len(made.Events)); err != nil {
		t.Fatal(err)
	}
	list, err := rec.audit(ctx)
	stop()
	if err := lives.Wait(); err != nil {
		t.Error(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return judge(list, made, begin)
}

func TestUndisturbedTrafficTellsWhatIsKnown(t *testing.T) {
	made := tiny(t)
	o := inside(t, made)
	if problems := o.reference(made); len(problems) > 0 {
		t.Errorf("%v\nincidents %v\nprefixes %v", problems, o.incidents, o.prefixes)
	}
	again := inside(t, made)
	for _, list := range [][]string{
		again.incidents.lost(o.incidents), o.incidents.lost(again.incidents),
		again.prefixes.lost(o.prefixes), o.prefixes.lost(again.prefixes),
	} {
		if len(list) > 0 {
			t.Errorf("two runs differ in %v", slices.Compact(list))
		}
	}
	t.Log(o.messages, len(o.incidents), len(o.prefixes), o.coverage)
	for k := range o.incidents {
		if len(k) < 8 || k[:8] != "hijack A" {
			t.Log(k)
		}
	}
}
