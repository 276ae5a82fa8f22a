package shard

import (
	"detour/internal/cputime"
	"detour/processor/detect"
	"detour/processor/rib"
	"detour/route"
)

var window = 32

// applied counts what came of updates.
type applied struct {
	elements, announced, unchanged, facts int
}

// apply does what a shard does with updates between decoding and telling.
func (w *world) apply(ops []op) (a applied) {
	var ch rib.Change
	var pend []rib.Pending
	for len(ops) > 0 {
		part := ops[:min(len(ops), window)]
		ops = ops[len(part):]
		pend = pend[:0]
		for i := range part {
			u := &w.hot[i]
			ann, wd, asns := u.Announced[:0], u.Withdrawn[:0], u.Path.ASNs[:0]
			*u = part[i].u
			u.Announced = append(ann, u.Announced...)
			u.Withdrawn = append(wd, u.Withdrawn...)
			u.Path.ASNs = append(asns, u.Path.ASNs...)
		}
		t0 := cputime.Now()
		for i := range part {
			pend = append(pend, rib.Pending{Peer: w.peers[part[i].peer], Update: &w.hot[i]})
		}
		w.rib.Ahead(pend)
		for i := range part {
			o := &part[i]
			u := &w.hot[i]
			w.rib.Advance(u.Engine)
			pe := w.peers[o.peer]
			for _, n := range u.Withdrawn {
				w.rib.Withdraw(pe, n, false, &ch)
				w.judge(&ch, &a)
			}
			if len(u.Announced) > 0 {
				w.announce(i, pe, u, &ch, &a)
			}
		}
		w.rib.Sweep()
		w.cpu += cputime.Now() - t0
	}
	return a
}

func (w *world) announce(i int, pe rib.Peer, u *route.Update, ch *rib.Change, a *applied) {
	path, ok := w.rib.PathAhead(i, true)
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
