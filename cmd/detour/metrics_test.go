package main

import (
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/ingest/live"
	"detour/ingest/node"
	"detour/ingest/replay"
	"detour/internal/natstest"
	"detour/internal/obs"
	"detour/processor"
	"detour/processor/cluster"
	"detour/processor/correlate"
	procnode "detour/processor/node"
	"detour/sink/feed"
	"detour/stream"
)

var updateMetrics = flag.Bool("update-metrics", false, "rewrite testdata/metrics.golden")

// numbered gives every number in v a value of its own, made of its name, so that
// a golden file shows which of them went where.
func numbered[T any](t *testing.T) (v T) {
	t.Helper()
	var fill func(f reflect.Value, path string)
	fill = func(f reflect.Value, path string) {
		h := fnv.New32a()
		h.Write([]byte(path))
		n := uint64(h.Sum32() % 100_000)
		switch f.Kind() {
		case reflect.Uint64:
			f.SetUint(n)
		case reflect.Int64, reflect.Int:
			f.SetInt(int64(n))
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Struct:
			for i := range f.NumField() {
				if field := f.Type().Field(i); field.IsExported() {
					fill(f.Field(i), path+"."+field.Name)
				}
			}
		case reflect.Array:
			for i := range f.Len() {
				fill(f.Index(i), fmt.Sprint(path, i))
			}
		default: // names, lists and pointers stay empty
		}
	}
	fill(reflect.ValueOf(&v).Elem(), "")
	return v
}

// atWork is a unit that has come so far.
type atWork[T any] struct{ stats T }

func (w atWork[T]) Stats() T                         { return w.stats }
func (atWork[T]) Place() (at, end uint64, open bool) { return 40, 42, true }

// fullRegistry has every source that there is.
func fullRegistry(t *testing.T) *obs.Registry {
	t.Helper()
	r := obs.NewRegistry()
	feeds := numbered[node.FeedStats](t)
	feeds.Ingester = "ris"
	progress := numbered[replay.Progress](t)
	feeds.Replay = &progress
	sessions := numbered[live.Stats](t)
	sessions.Skipped, sessions.Kinds = map[string]uint64{"foreign": 11}, map[string]uint64{"statistics": 12}
	routers := node.FeedStats{Ingester: "routers", Live: &sessions, Log: feeds.Log}
	r.Add(ingestMetrics(func() []node.FeedStats { return []node.FeedStats{feeds, routers} }, 0))
	r.Histogram(obs.LogStored, "ris").Observe(time.Millisecond)

	shard := numbered[processor.ShardStats](t)
	for i := range shard.Fills {
		shard.Fills[i].Table = string(rune('a' + i))
	}
	shard.Ingesters = []processor.IngesterCounters{{Name: "rogue", BadFrames: 7, Refused: 8, Skipped: 9}}
	meter := newShardMeter(r, 3)
	meter.observe(2*time.Second, time.Millisecond)
	r.Add(shardMetrics(3, atWork[processor.ShardStats]{shard}, meter))
	r.Add(judgeMetrics(atWork[processor.JudgeStats]{numbered[processor.JudgeStats](t)}, correlate.Config{}))
	r.Histogram(obs.JudgeRange).Observe(time.Millisecond)
	r.Histogram(obs.TellReceiveToAlert).Observe(time.Millisecond)
	alerts := numbered[feed.Stats](t)
	r.Add(sinkMetrics("file", func() feed.Stats { return alerts }))

	addClusterMetrics(t, r)
	h := obs.NewHealth("nats")
	p := h.Pulse("shard-3", time.Minute)
	t.Cleanup(p.Stop)
	r.Add(h.Source())
	r.Add(obs.Build("v1", "run"))
	return r
}

func addClusterMetrics(t *testing.T, r *obs.Registry) {
	t.Helper()
	members := numbered[cluster.Stats](t)
	members.Units = []stream.UnitState{{Unit: stream.CorrelatorUnit, Current: true}, {Unit: 1}, {Unit: 99}}
	members.First = []int{0, stream.CorrelatorUnit}
	members.Others = []*stream.Heartbeat{{Units: []stream.UnitState{{Unit: 0, Current: true}, {Unit: 1, Current: true}}}}
	r.Add(clusterMetrics(func() *cluster.Stats { return &members }, 2))
	r.Add(checkpointMetrics(func() map[string]procnode.KeptView {
		return map[string]procnode.KeptView{"shard-3": {
			Last: time.Now(), Bytes: 1, Took: 2 * time.Second, Stood: 3 * time.Second, Saved: 4,
			Failed: map[string]uint64{"object": 5}, Restored: 6,
		}}
	}))
	nc, _ := natstest.Start(t)
	r.Add(natsMetrics(nc, func() uint64 { return 9 }))
	h, err := listenForMetrics(nc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	r.Add(h.source())
	tell := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	tell(nc.Flush())
	tell(stream.PublishHeartbeat(nc, &stream.Heartbeat{Member: "p1", Role: stream.RoleProcess}))
	tell(stream.PublishHeartbeat(nc, &stream.Heartbeat{Member: "gone", Role: stream.RoleIngest}))
	tell(stream.PublishHeartbeat(nc, &stream.Heartbeat{Member: "gone", Role: stream.RoleIngest, Goodbye: true}))
	tell(stream.PublishHeartbeat(nc, &stream.Heartbeat{Member: "ris", Role: stream.RoleIngest}))
	tell(nc.Publish("detour.v1.member.ingest.x", []byte("rubbish")))
	seen := numbered[stream.CollectorCoverage](t)
	seen.Collector = "rrc00"
	tell(stream.PublishCoverage(nc, &stream.Coverage{
		State: "learning", Collectors: []stream.CollectorCoverage{seen},
		Ingesters: []stream.IngesterCoverage{{Ingester: "ris", Silent: true, Gaps: 3, Peers: 4, Unseen: 2}},
	}))
	for { // until both came; the test's time limit is the bound
		h.mu.Lock()
		_, ris := h.ingesters["ris"]
		came := h.coverage != nil && ris
		h.mu.Unlock()
		if came {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// scrape asks a registry as Prometheus does, and returns its lines.
func scrape(t *testing.T, r *obs.Registry) []string {
	t.Helper()
	a, err := obs.New(obs.Config{Listen: "127.0.0.1:0"}, obs.Deps{Registry: r, Health: obs.NewHealth()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	addr, err := a.Addr(ctx)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Get("http://" + addr.String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(body)), "\n")
}

// moving are metrics whose value depends on the moment.
var moving = regexp.MustCompile(
	`^(detour_(\w*age|coverage_freshness|shard_lag)_seconds|detour_nats_\w+_bytes\w*)(\{.*\})? `)

func TestMetricsOfEverySource(t *testing.T) {
	var lines []string
	told := map[string]bool{}
	for _, l := range scrape(t, fullRegistry(t)) {
		if !strings.HasPrefix(l, "detour_") || strings.Contains(l, "goversion=") {
			continue
		}
		if !strings.Contains(l, "_bucket{") {
			if m := moving.FindString(l); m != "" {
				l = m + "moves"
			}
			lines = append(lines, l)
		}
		name, _, _ := strings.Cut(strings.NewReplacer("{", " ").Replace(l), " ")
		told[name] = true
	}
	for _, f := range obs.Families() {
		name := f.Name
		if f.Kind == obs.Distribution {
			name += "_count"
		}
		if !told[name] && f.Name != "detour_obs_build_info" {
			t.Errorf("%s: no source tells it", f.Name)
		}
	}
	slices.Sort(lines)
	compareGolden(t, "testdata/metrics.golden", strings.Join(lines, "\n")+"\n")
}

// TestAnArchiveThatIsFollowedIsCountedOnce: it plays recordings and has sessions, too.
func TestAnArchiveThatIsFollowedIsCountedOnce(t *testing.T) {
	f := node.FeedStats{Ingester: "rrc00", Replay: &replay.Progress{Done: 1}, Live: &live.Stats{}}
	f.Live.Bytes, f.Live.Decode.Updates, f.Replay.Read.Records = 2, 3, 4
	r := obs.NewRegistry()
	r.Add(ingestMetrics(func() []node.FeedStats { return []node.FeedStats{f} }, 0))
	lines := scrape(t, r)
	for _, want := range []string{
		`detour_ingest_read_bytes_total{ingester="rrc00"} 2`, `detour_ingest_decoded_total{ingester="rrc00"} 3`,
		`detour_ingest_records_total{ingester="rrc00"} 4`, `detour_obs_rejected_total{reason="duplicate"} 0`,
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("no %s", want)
		}
	}
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *updateMetrics {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("run with -update-metrics, and read the difference:\n%s", d)
	}
}
