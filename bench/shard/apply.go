package shard

import (
	"time"

	"detour/internal/cputime"
	"detour/processor/detect"
	"detour/processor/rib"
	"detour/route"
)

// A shard looks up the updates of a window together. Eight windows lie in the
// caches, as if they had just been decoded, when the clock starts.
const (
	window  = 32
	batched = 8 * window
)

// applied counts what came of updates, and the CPU time that they took.
type applied struct {
	elements, unchanged, facts int
	cpu                        time.Duration
}

// apply does what a shard does with updates between decoding and telling.
func (w *world) apply(ops []op) (a applied) {
	for len(ops) > 0 {
		part := ops[:min(len(ops), batched)]
		ops = ops[len(part):]
		w.warm(part)
		begin := cputime.Now()
		for at := 0; at < len(part); at += window {
			w.window(at, min(at+window, len(part)), &a)
		}
		w.rib.Sweep()
		a.cpu += cputime.Now() - begin
	}
	return a
}

// warm copies updates to where decoding would have put them.
func (w *world) warm(ops []op) {
	for i := range ops {
		from, p := &ops[i].u, &w.hot[i]
		if p.Update == nil {
			p.Update = &route.Update{}
		}
		u := p.Update
		p.Peer = w.peers[ops[i].peer]
		u.Engine, u.Flags = from.Engine, from.Flags
		u.Path.ASNs = append(u.Path.ASNs[:0], from.Path.ASNs...)
		u.Announced = append(u.Announced[:0], from.Announced...)
		u.Withdrawn = append(u.Withdrawn[:0], from.Withdrawn...)
	}
}

func (w *world) window(from, to int, a *applied) {
	pending := w.hot[from:to]
	w.rib.Ahead(pending)
	for i := range pending {
		p := &pending[i]
		w.rib.Advance(p.Update.Engine)
		for _, n := range p.Update.Withdrawn {
			w.rib.Withdraw(p.Peer, n, false, &w.change)
			w.judge(a)
		}
		if len(p.Update.Announced) == 0 {
			continue
		}
		path, ok := w.rib.PathAhead(i, true)
		for _, n := range p.Update.Announced {
			if ok {
				w.rib.Announce(p.Peer, n, false, path, rib.FromUpdate, &w.change)
				w.judge(a)
			}
		}
	}
}

func (w *world) judge(a *applied) {
	a.elements++
	if w.change.Outcome == rib.Unchanged {
		a.unchanged++
		return
	}
	f := detect.Judge(w.rib, &w.change)
	w.rib.State(&w.change, f.Any())
	if f.Any() {
		a.facts++
	}
}
