package oracle

import "detour/route"

// Everything is a correlator that sees every announcement of every prefix and
// forgets nothing. What it finds new, a shard must have reported (DETECTION §2).
type Everything struct{ seen map[pair]bool }

type pair struct{ as, origin route.ASN }

// NewEverything returns a correlator that has seen nothing.
func NewEverything() *Everything { return &Everything{seen: make(map[pair]bool)} }

// Announce returns the indexes into the path's tail of the judged hops that
// were never before on the way to its origin, on any path of any prefix. Nothing
// is paired across a break or with an unknown origin. Hops beyond a repeat are
// noted as seen but never new.
func (e *Everything) Announce(raw route.Path, peer route.Peer) []int {
	u := clean(raw, peer)
	if u.origin == 0 || len(u.tail) == 0 {
		return nil
	}
	pairs := make(map[int]pair)
	for i := len(u.tail) - 2; i >= 0 && u.tail[i] != 0; i-- {
		pairs[i] = pair{u.tail[i], u.origin}
	}
	var fresh []int
	for _, i := range u.judgedHops() {
		if p, ok := pairs[i]; ok && !e.seen[p] {
			fresh = append(fresh, i)
		}
	}
	for _, p := range pairs {
		e.seen[p] = true
	}
	return fresh
}
