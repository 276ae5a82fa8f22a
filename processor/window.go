package processor

import (
	"detour/processor/rib"
	"detour/route"
	"detour/wire"
)

// Bounds of a window. Twice as many gain nothing: what was looked up first must
// still be in the caches when it is used.
const (
	windowUpdates  = 32
	windowElements = 128
)

// window is the run of a frame's updates that is looked up together before it is
// applied (rib.Ahead).
type window struct {
	updates [windowUpdates]route.Update
	pending []rib.Pending
	place   [windowUpdates]int // in pending, by update
	n       int
}

// read takes the next updates of a frame and reports whether there were any.
func (w *window) read(r *wire.UpdateReader) bool {
	elements := 0
	for w.n = 0; w.n < windowUpdates && elements < windowElements && r.Next(&w.updates[w.n]); w.n++ {
		elements += w.updates[w.n].Elements()
	}
	return w.n > 0
}

// updates applies a frame's updates and events. It reports false when it gave up
// before the end.
func (e *engine) updates(in *ingester, f *wire.Frame) bool {
	w := &e.window
	r := f.Updates()
	for begun := e.spentWork(); w.read(&r); {
		e.lookUp(in)
		for i := range w.n {
			if e.spentWork()-begun > maxWork {
				return false
			}
			e.at.pending = w.place[i]
			e.step(in, &w.updates[i])
		}
	}
	return true
}

// lookUp prepares the routes of a window.
func (e *engine) lookUp(in *ingester) {
	w := &e.window
	w.pending = w.pending[:0]
	for i := range w.n {
		u := &w.updates[i]
		if u.Kind != route.KindUpdate {
			continue
		}
		if p := e.peer(in, u.Peer); p != nil && !p.outbound() {
			w.place[i] = len(w.pending)
			w.pending = append(w.pending, rib.Pending{Peer: p.rib, Update: u})
		}
	}
	e.rib.Ahead(w.pending)
}
