package oracle

import "detour/route"

// Everything is a correlator that sees every announcement of every prefix and
// forgets nothing. What it finds new, a shard must have reported (DETECTION §2).
type Everything struct {
	seen  map[pair]bool
	units map[unit]sight
}

type pair struct{ as, origin route.ASN }

// unit is the way on which neighbour next is reached through as, for an origin.
type unit struct{ as, next, origin route.ASN }

// sight is when a unit was first seen, and whether as news that no table and no
// transfer has shown since.
type sight struct {
	at   route.Time
	news bool
}

// NewEverything returns a correlator that has seen nothing.
func NewEverything() *Everything {
	return &Everything{seen: make(map[pair]bool), units: make(map[unit]sight)}
}

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

// Units returns the indexes into the path's tail of the judged hops that with
// the next hop and the origin form a unit that is news: first seen as news, now
// or less than 15 minutes ago, and not shown by a table or a transfer since.
func (e *Everything) Units(t route.Time, raw route.Path, peer route.Peer, from Source) []int {
	u := clean(raw, peer)
	if u.origin == 0 || len(u.tail) == 0 {
		return nil
	}
	units := make(map[int]unit)
	for i := len(u.tail) - 2; i >= 0 && u.tail[i] != 0; i-- {
		units[i] = unit{u.tail[i], u.tail[i+1], u.origin}
	}
	for _, x := range units {
		first, known := e.units[x]
		if !known {
			first = sight{at: t, news: true}
		}
		first.news = first.news && from == News
		e.units[x] = first
	}
	var fresh []int
	for _, i := range u.judgedHops() {
		if x, ok := units[i]; ok && e.units[x].news && t-e.units[x].at < 15*route.Minute {
			fresh = append(fresh, i)
		}
	}
	return fresh
}
