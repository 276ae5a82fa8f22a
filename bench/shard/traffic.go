package shard

import (
	"math/rand/v2"

	"detour/route"
)

// Shares of the route elements, in thousandths. 8 % of the announcements of the
// recordings of the corpus bring a path that no peer has shown before; 10 % are
// asked for here. Duplicates are as in DETECTION §1.
const (
	perWithdrawn = 100
	perNovel     = 100
	perSame      = 270
)

// perPeer is how many elements a peer sends in a second of engine time: 20,000 of
// the 1,500 peers of RIS and RouteViews are the most that is sustained.
const perPeer = 13

// op is one UPDATE about to be applied.
type op struct {
	peer int
	u    route.Update
}

// traffic makes up n or more elements that hit the table as it now stands: most
// of them its busiest prefixes and peers.
func (w *world) traffic(n int) (ops []op, elements int) {
	for elements < n {
		o, ok := w.op()
		if !ok {
			continue
		}
		elements += o.u.Elements()
		o.u.Engine = w.now
		w.now += route.Time(o.u.Elements()) * route.Second / route.Time(perPeer*len(w.peers))
		ops = append(ops, o)
	}
	return ops, elements
}

// skewed draws from [0, n), low numbers far more often.
func skewed(rng *rand.Rand, n int) int {
	u := rng.Float64()
	return int(u * u * u * float64(n))
}

func (w *world) op() (o op, ok bool) {
	atom := w.table.AtomAt(scatter(skewed(w.rng, w.table.NumAtoms()), w.table.NumAtoms()))
	if len(atom.Prefixes) == 0 {
		return o, false
	}
	o.peer = skewed(w.rng, len(w.peers))
	from := w.rng.IntN(len(atom.Prefixes))
	run := atom.Prefixes[from:]
	run = run[:min(len(run), 1+int(w.rng.ExpFloat64()*1.7))]
	u := &o.u
	u.Flags = route.FlagHasOrigin | route.FlagHasPath
	list := &u.Announced
	dice := w.rng.IntN(1000)
	if dice < perWithdrawn {
		list = &u.Withdrawn
	} else if u.Path.ASNs, ok = w.path(dice-perWithdrawn, o.peer, run[0]); !ok {
		return o, false
	}
	for _, p := range run {
		*list = append(*list, p.NLRI(0))
	}
	return o, true
}

// path returns what a peer tells of a prefix: something never seen, what it told
// before, or what another peer tells.
func (w *world) path(dice, peer int, p route.Prefix) ([]route.ASN, bool) {
	from := peer
	if dice >= perNovel+perSame {
		from = w.rng.IntN(len(w.peers))
	}
	tail, up := w.rib.PathOf(w.peers[from], p)
	if !up {
		return nil, false
	}
	path := append([]route.ASN{w.table.PeerASNs()[peer]}, tail...)
	if dice < perNovel && len(path) > 1 {
		at := 1 + w.rng.IntN(max(1, len(path)-2))
		path[at] = w.table.Graph().ASNs()[w.rng.IntN(w.table.Graph().Len())]
		if len(path) == 2 {
			path = append(path, tail[0])
		}
	}
	return path, true
}

// scatter spreads the first numbers below n over all of them.
func scatter(i, n int) uint32 {
	return uint32(uint64(i) * 0x9e3779b1 % uint64(n))
}
