package node

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"detour/ingest/node"
	"detour/ingest/replay"
	"detour/internal/natstest"
	"detour/processor/checkpoint"
	"detour/processor/correlate"
	"detour/stream"

	"github.com/nats-io/nats.go/jetstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const shards = 3

// bench is a server with streams and buckets, and one recording in its log.
type bench struct {
	t      *testing.T
	server *natstest.Server
	js     jetstream.JetStream
	dir    string

	mu       sync.Mutex
	problems map[string]string
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, server: natstest.StartServer(t), dir: t.TempDir(), problems: map[string]string{}}
	_, b.js = b.server.Connect(t)
	if err := stream.Ensure(t.Context(), b.js, stream.Settings{Shards: shards}); err != nil {
		t.Fatal(err)
	}
	return b
}

// feed begins to store a recording in the log, at the pace of the processors.
func (b *bench) feed(name string) {
	b.t.Helper()
	nc, js := b.server.Connect(b.t)
	n, err := node.New(node.Config{
		Name: name, Shards: shards,
		Sources: []node.SourceConfig{
			node.Replay(replay.Config{Collector: name, Files: []string{"../../testdata/mrt/quagga_bgp"}}),
		},
	}, node.Deps{Conn: nc, JS: js})
	if err != nil {
		b.t.Fatal(err)
	}
	done := make(chan error, 1)
	ctx := natstest.Context(b.t, time.Minute)
	go func() { done <- n.Run(ctx) }()
	b.t.Cleanup(func() {
		if err := <-done; err != nil {
			b.t.Errorf("feed: %v", err)
		}
	})
}

// life is one processor from its begin to its end in order.
func (b *bench) life(member string, during func(n *Node)) {
	b.t.Helper()
	nc, js := b.server.Connect(b.t)
	store, err := checkpoint.New(checkpoint.Config{
		Dir: b.dir, Member: member, OldestFormat: OldestFormat, NewestFormat: NewestFormat,
	}, checkpoint.Deps{JS: js})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := store.Ensure(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	n, err := New(Config{Member: member, Shards: shards}, Deps{Conn: nc, JS: js, Store: store, Report: b.report})
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	during(n)
	n.Leave()
	if err := <-done; err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) report(condition, problem string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if problem != "" {
		b.problems[condition] = problem
	}
}

// settled waits until all units of n have read their logs.
func (b *bench) settled(n *Node) {
	b.t.Helper()
	if err := n.Settled(natstest.Context(b.t, time.Minute)); err != nil {
		b.t.Fatal(err)
	}
	if units := len(n.Stats().Units); units != shards+1 {
		b.t.Fatalf("%d units run, want %d", units, shards+1)
	}
}

// restored returns at which sequence each unit of n began.
func restored(n *Node) map[string]uint64 {
	out := map[string]uint64{}
	for name, v := range n.Kept() {
		out[name] = v.Restored
	}
	return out
}

func TestALifeGoesOnWhereTheOneBeforeEnded(t *testing.T) {
	b := newBench(t)
	b.feed("first") // it waits for the processors
	ends := map[string]uint64{}
	b.life("one", func(n *Node) {
		b.settled(n)
		for _, u := range n.Stats().Units {
			ends[stream.UnitName(u.Unit)] = u.Sequence
		}
	})
	// Another one has no files of the first: the object store has the states.
	for _, member := range []string{"one", "other"} {
		b.life(member, func(n *Node) {
			b.settled(n)
			for unit, at := range restored(n) {
				if at == 0 || at < ends[unit] {
					t.Errorf("%s: %s began at %d, the life before ended at %d", member, unit, at, ends[unit])
				}
			}
		})
	}
	if len(b.problems) > 0 {
		t.Errorf("problems: %v", b.problems)
	}
}

func TestADamagedCheckpointIsToldAndPassedOver(t *testing.T) {
	b := newBench(t)
	b.feed("first")
	b.life("one", b.settled)
	files, err := filepath.Glob(filepath.Join(b.dir, "one", "shard-1_*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no checkpoint of shard 1: %v", err)
	}
	for _, f := range files {
		if err := os.Truncate(f, 100); err != nil {
			t.Fatal(err)
		}
	}
	b.life("one", func(n *Node) {
		b.settled(n)
		if restored(n)["shard-1"] == 0 {
			t.Error("the copy in the object store was not used")
		}
	})
	if b.problems["checkpoint shard-1"] == "" {
		t.Errorf("the damage was not told: %v", b.problems)
	}
}

func TestAReplacedLogIsReadFromItsStart(t *testing.T) {
	b := newBench(t)
	b.feed("first")
	b.life("one", b.settled)
	if err := b.js.DeleteStream(t.Context(), stream.UpdatesStream(0)); err != nil {
		t.Fatal(err)
	}
	if err := stream.Ensure(t.Context(), b.js, stream.Settings{Shards: shards}); err != nil {
		t.Fatal(err)
	}
	b.feed("second")
	b.life("one", func(n *Node) {
		b.settled(n)
		at := restored(n)
		if at["shard-0"] != 0 || at["shard-1"] == 0 {
			t.Errorf("units began at %v, want shard-0 at the start and the others not", at)
		}
	})
}

func TestCoverageIsTold(t *testing.T) {
	b := newBench(t)
	nc, _ := b.server.Connect(t)
	sub, err := nc.SubscribeSync(stream.CoverageSubject)
	if err != nil {
		t.Fatal(err)
	}
	b.feed("first")
	b.life("one", func(n *Node) {
		b.settled(n)
		for {
			m, err := sub.NextMsg(time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			c, err := stream.ParseCoverage(m.Data)
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Collectors) == 1 && c.Collectors[0].Collector == "first" && len(c.Ingesters) == 1 {
				return
			}
		}
	})
}

func TestOutsideKnowledgeIsExchanged(t *testing.T) {
	b := newBench(t)
	b.life("one", func(n *Node) {
		b.settled(n)
		if err := n.SetOutside(t.Context(), correlate.Outside{}); err != nil {
			t.Error(err)
		}
	})
}
