package eval

import (
	"fmt"
	"iter"
	"runtime/metrics"
	"time"

	"detour/internal/cputime"
	"detour/internal/scenario"
	"detour/internal/scenario/topo"
	"detour/processor/reference"
	"detour/route"
)

// The replicas of 2019-06-24: the real size, and a small one over a tenth of the
// table, of which the same is asked.
const (
	smallASes     = 12_000
	smallPrefixes = 100_000
	smallPeers    = 10
	wholePrefixes = 1_000_000
	wholePeers    = 40
)

// verizonSpecs are the replicas of which is asked what must hold: at every ramp,
// and with neither a relationship file nor the leaker's own routes.
func verizonSpecs() (specs []fullSpec) {
	for _, size := range []fullSpec{
		{name: "a tenth", ases: smallASes, prefix4: smallPrefixes, peers: smallPeers, full: true},
		{name: "full size", prefix4: wholePrefixes, peers: wholePeers, full: true, long: true},
	} {
		for _, ramp := range []route.Time{10, 60, 300} {
			s := size
			s.name, s.ramp = fmt.Sprintf("%s, ramp %d s", size.name, ramp), ramp*route.Second
			s.alone = size.long && ramp == 60 // what a record costs, and memory, is asked of it
			specs = append(specs, s)
		}
		s := size
		s.name, s.ramp, s.unseen = size.name+", unseen leaker, no file", route.Minute, true
		specs = append(specs, s)
	}
	return specs
}

// network is a graph with its relationships as a file gives them.
type network struct {
	graph *topo.Graph
	rel   *reference.Relationships
}

// networks are graphs by the number of networks, 0 for those of the Internet.
type networks map[int]*network

func (n *networks) make(ases int) error {
	if (*n)[ases] != nil {
		return nil
	}
	g, err := topo.Generate(topo.Config{ASes: ases}, 1)
	if err != nil {
		return err
	}
	rel, err := relationshipsOf(g)
	if err != nil {
		return err
	}
	if *n == nil {
		*n = networks{}
	}
	(*n)[ases] = &network{g, rel}
	return nil
}

// weight is what a replica takes of the machine. Heap and CPU are the process's:
// of a replica that does not run alone they are not told.
type weight struct {
	heap      uint64 // the most that was in use while the traffic ran
	cpu, wall time.Duration
}

// begin notes the start and returns what notes the end.
func (w *weight) begin(now func() time.Time) (end func()) {
	cpu, wall := cputime.Now(), now()
	return func() { w.cpu, w.wall = cputime.Now()-cpu, now().Sub(wall) }
}

// weighEvery is after how many elements the heap is looked at.
const weighEvery = 50_000

// watch passes elements on and looks at the heap meanwhile.
func (w *weight) watch(elements iter.Seq[scenario.Element]) iter.Seq[scenario.Element] {
	return func(yield func(scenario.Element) bool) {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		n := 0
		for e := range elements {
			if n%weighEvery == 0 {
				metrics.Read(sample)
				w.heap = max(w.heap, sample[0].Value.Uint64())
			}
			n++
			if !yield(e) {
				return
			}
		}
	}
}

// values are the row's figures, none if it did not run alone.
func (w *weight) values(alone bool) []Value {
	if !alone {
		return nil
	}
	return []Value{
		{Name: "heap MB", V: float64(w.heap >> 20), Better: Less, Clock: true},
		{Name: "CPU s", V: w.cpu.Round(time.Second).Seconds(), Better: Less, Clock: true},
		{Name: "wall s", V: w.wall.Round(time.Second).Seconds(), Better: Less, Clock: true},
	}
}
