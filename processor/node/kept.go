package node

import (
	"errors"
	"maps"
	"sync"
	"time"

	"detour/processor"
	"detour/processor/checkpoint"
	"detour/stream"
)

// Kept is what is known of a unit's checkpoints on this node.
type Kept struct {
	mu   sync.Mutex
	view KeptView
}

// KeptView is a Kept at a moment.
type KeptView struct {
	Last     time.Time     // of the last one saved, or when the unit first began here
	Bytes    int64         // of the state
	Took     time.Duration // from the beginning of its copy until it was stored
	Stood    time.Duration // how long the unit stood still for it
	Saved    uint64
	Failed   map[string]uint64 // by step: copy, local, object, pointer, load
	Restored uint64            // sequence at which the unit began
}

func (n *Node) keptOf(number int) *Kept {
	n.mu.Lock()
	defer n.mu.Unlock()
	k := n.kept[number]
	if k == nil {
		k = &Kept{view: KeptView{Last: time.Now(), Failed: map[string]uint64{}}}
		n.kept[number] = k
	}
	return k
}

// Kept returns what is known of the checkpoints of the units that run here, by
// name. Any goroutine may call it.
func (n *Node) Kept() map[string]KeptView {
	out := map[string]KeptView{}
	for _, u := range n.manager.Stats().Units {
		k := n.keptOf(u.Unit)
		k.mu.Lock()
		v := k.view
		v.Failed = maps.Clone(v.Failed)
		k.mu.Unlock()
		out[stream.UnitName(u.Unit)] = v
	}
	return out
}

func (k *Kept) began(m checkpoint.Meta) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.view.Restored = m.Sequence
}

func (k *Kept) saved(s *processor.Snapshot, begin time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v := &k.view
	v.Last, v.Bytes, v.Took, v.Stood = begin, int64(len(s.Body)), time.Since(begin), s.Stood
	v.Saved++
}

func (k *Kept) failed(step string, n uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.view.Failed[step] += n
}

// count counts a failure by the places that failed.
func (k *Kept) count(err error) {
	var places *checkpoint.SaveError
	if !errors.As(err, &places) {
		k.failed("copy", 1)
		return
	}
	steps := map[checkpoint.Place]string{
		checkpoint.Disk: "local", checkpoint.Objects: "object", checkpoint.Pointer: "pointer",
	}
	for _, p := range places.Problems {
		k.failed(steps[p.Place], 1)
	}
}
