package shard

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"time"

	"detour/internal/cputime"
	"detour/internal/scenario/topo"
	"detour/processor"
	"detour/processor/rib"
	"detour/route"
)

// spec is one table to be measured.
type spec struct {
	Corpus   string
	Prefixes int
	Peers    int
	Batches  int  // of updates; 0 fills the table only
	Batch    int  // elements
	Whole    bool // all shards and the correlator of a processor, which are told the table only
}

// outcome is what one table came to.
type outcome struct {
	Spec             spec
	Real             int // prefixes of the corpus among them
	Prefixes, Routes int
	FillPerSecond    float64 // routes of CPU time
	Speed            []float64
	Elements         int
	Unchanged, Facts int
	Filled, Heap     uint64 // octets of the heap, after the table and after the updates
	Weight           rib.Weight
	// Octets of the process in memory: before the first route, at most, and some
	// seconds after the last route of the table.
	Empty, Peak, Resident uint64
	GCShare, PauseP99     float64 // of CPU time; seconds
}

// settle is how long the runtime is given to return what filling the table left
// behind.
const settle = 5 * time.Second

// CaseCommand is what the program of Options.Self calls Case by.
const CaseCommand = "shard-case"

// measured runs a case in a process of its own, so that memory is that of the
// shard alone.
func measured(ctx context.Context, self string, s spec) (*outcome, error) {
	asked, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("measure shard: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, CaseCommand, string(asked))
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("measure shard with %d peers: %w: %s", s.Peers, err, strings.TrimSpace(said.String()))
	}
	var o outcome
	if err := json.Unmarshal(out.Bytes(), &o); err != nil {
		return nil, fmt.Errorf("measure shard with %d peers: read its answer: %w", s.Peers, err)
	}
	return &o, nil
}

// Case runs the case that measured asked for and returns its answer.
func Case(ctx context.Context, asked string) ([]byte, error) {
	var s spec
	if err := json.Unmarshal([]byte(asked), &s); err != nil {
		return nil, fmt.Errorf("measure shard: %w", err)
	}
	debug.SetGCPercent(processor.GCPercent)
	o, err := s.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("measure shard: %w", err)
	}
	return json.Marshal(o)
}

func (s spec) run(ctx context.Context) (*outcome, error) {
	table, real, err := s.table()
	if err != nil {
		return nil, err
	}
	o := &outcome{Spec: s, Real: real, Prefixes: table.Len()}
	debug.FreeOSMemory() // of making the table, which is not the shard's
	before := heap()
	o.Empty = cputime.Memory()
	if s.Whole {
		err = o.whole(ctx, table, before)
	} else {
		err = o.one(table, before)
	}
	runtime.KeepAlive(table) // it counts in before
	return o, err
}

// one tells the table to one shard and hits it with updates.
func (o *outcome) one(table *topo.Table, before uint64) error {
	w := newWorld(table)
	o.Routes = w.routes
	o.FillPerSecond = float64(w.routes) / w.fill.Seconds()
	o.Peak = cputime.PeakMemory()
	time.Sleep(settle)
	o.Resident = cputime.Memory()
	o.Filled = heap() - before
	if err := o.churn(w, table); err != nil {
		return err
	}
	o.Heap = heap() - before
	o.Weight = w.rib.Weigh()
	return nil
}

// table makes the table, and says how many of its prefixes are real ones.
func (s spec) table() (t *topo.Table, real int, err error) {
	list, err := realPrefixes(s.Corpus, s.Prefixes)
	if err != nil {
		return nil, 0, err
	}
	t, err = newTable(s.Prefixes, s.Peers, list)
	return t, len(list), err
}

// churn applies the batches. Making them is not measured.
func (o *outcome) churn(w *world, table *topo.Table) error {
	gc := 0.0
	cpu := 0.0
	for range o.Spec.Batches {
		ops, n := w.traffic(o.Spec.Batch)
		runtime.GC() // what making them left behind is not the shard's
		gcBefore := gcSeconds()
		a := w.apply(ops)
		if a.elements != n {
			return fmt.Errorf("%d of %d elements were applied", a.elements, n)
		}
		gc += gcSeconds() - gcBefore
		cpu += a.cpu.Seconds()
		o.Speed = append(o.Speed, float64(n)/a.cpu.Seconds())
		o.Elements, o.Unchanged, o.Facts = o.Elements+n, o.Unchanged+a.unchanged, o.Facts+a.facts
	}
	if known := w.rib.Prefixes(route.IPv4) + w.rib.Prefixes(route.IPv6); known != table.Len() {
		return fmt.Errorf("the shard knows %d of %d prefixes", known, table.Len())
	}
	if cpu > 0 {
		o.GCShare = gc / cpu
	}
	o.PauseP99 = pauseP99()
	return nil
}

// heap returns the octets that live.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func gcSeconds() float64 {
	s := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}}
	metrics.Read(s)
	return s[0].Value.Float64()
}

func pauseP99() float64 {
	s := []metrics.Sample{{Name: "/sched/pauses/total/gc:seconds"}}
	metrics.Read(s)
	h := s[0].Value.Float64Histogram()
	total := uint64(0)
	for _, n := range h.Counts {
		total += n
	}
	seen := uint64(0)
	for i, n := range h.Counts {
		if seen += n; seen*100 >= total*99 && total > 0 {
			return h.Buckets[i+1]
		}
	}
	return 0
}
