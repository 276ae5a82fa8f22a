package shard

import (
	"detour/processor/detect"
	"detour/processor/rib"
	"detour/route"
)

// applied counts what came of updates.
type applied struct {
	elements, announced, unchanged, facts int
}

// apply does what a shard does with updates between decoding and telling.
func (w *world) apply(ops []op) (a applied) {
	var ch rib.Change
	for i := range ops {
		o := &ops[i]
		w.rib.Advance(o.u.Engine)
		pe := w.peers[o.peer]
		for _, n := range o.u.Withdrawn {
			w.rib.Withdraw(pe, n, false, &ch)
			w.judge(&ch, &a)
		}
		if len(o.u.Announced) > 0 {
			w.announce(pe, &o.u, &ch, &a)
		}
		if i&127 == 127 { // a frame
			w.rib.Sweep()
		}
	}
	return a
}

func (w *world) announce(pe rib.Peer, u *route.Update, ch *rib.Change, a *applied) {
	path, ok := w.rib.Path(pe, &u.Path, true)
	if !ok {
		return
	}
	for _, n := range u.Announced {
		w.rib.Announce(pe, n, false, path, rib.FromUpdate, ch)
		a.announced++
		w.judge(ch, a)
	}
}

func (w *world) judge(ch *rib.Change, a *applied) {
	a.elements++
	if ch.Outcome == rib.Unchanged {
		a.unchanged++
		return
	}
	f := detect.Judge(w.rib, ch)
	w.rib.State(ch, f.Any())
	if f.Any() {
		a.facts++
	}
}
