package traffic

import (
	"fmt"
	"slices"
	"time"

	"detour/internal/scenario"
	"detour/internal/scenario/topo"
	"detour/route"
)

// Labelled events are hijacks of a watched prefix: a network that nobody knows
// announces it at three peers of one ingester at once. Each has a hijacker and a
// prefix of its own, so that each makes an incident.
const (
	hijackPeers   = 3
	firstHijacker = 1_000_000 // beyond the numbers of the made-up networks
)

// target is the prefix of one labelled event with what three peers then tell.
type target struct {
	prefix route.Prefix
	origin route.ASN
	peers  [hijackPeers]uint32
	paths  [hijackPeers][]route.ASN
}

// choose draws the watched prefixes, one of a network; networks of the leak keep
// out of it.
func (w *world) choose() error {
	asns := w.table.Graph().ASNs()
	view := w.table.NewView()
	want := w.shape.events()
	step := max(1, len(asns)/(2*want+1))
	for i := step / 2; i < len(asns) && len(w.targets) < want; i += step {
		if w.victims[asns[i]] {
			continue
		}
		if t, ok := w.newTarget(view, asns[i]); ok {
			w.targets = append(w.targets, t)
		}
	}
	if len(w.targets) < want {
		return fmt.Errorf("%d prefixes to be watched of %d: the table is too small", len(w.targets), want)
	}
	return nil
}

// newTarget takes a network's first prefix, as three peers of the next event's
// ingester see it; false where fewer do or it is too long or short to be told of.
func (w *world) newTarget(view *topo.View, origin route.ASN) (t target, ok bool) {
	number := len(w.targets)
	list := w.table.Prefixes(origin)
	if len(list) == 0 || list[0].Family != route.IPv4 || list[0].Bits < 12 || list[0].Bits > 24 {
		return t, false
	}
	t.prefix, t.origin = list[0], origin
	found := 0
	from, to := w.own(number % Ingesters)
	for peer := from; peer < to && found < hijackPeers; peer++ {
		path := view.Path(peer, origin)
		if len(path) < 2 {
			continue
		}
		upstream := path[:slices.Index(path, origin)]
		if len(upstream) == 0 {
			continue
		}
		t.peers[found] = uint32(peer)
		t.paths[found] = append(slices.Clone(upstream), route.ASN(firstHijacker+number))
		found++
	}
	return t, found == hijackPeers
}

// event is what is known of the i-th event.
func (w *world) event(i int) Event {
	return Event{
		Hijacker: route.ASN(firstHijacker + i), Victim: w.targets[i].origin, Prefix: w.targets[i].prefix,
		Due: firstEvent + time.Duration(i)*w.shape.Every, Ingester: i % Ingesters,
	}
}

// hijacks yields all events in order of time.
func (w *world) hijacks(yield func(scenario.Element) bool) {
	for i := range w.targets {
		t := &w.targets[i]
		at := Start + w.shape.engine(w.event(i).Due)
		for p := range t.peers {
			e := scenario.Element{
				At: at, Peer: t.peers[p], Kind: route.KindUpdate, Prefix: t.prefix, Path: t.paths[p], Bad: true,
			}
			if !yield(e) {
				return
			}
		}
	}
}
