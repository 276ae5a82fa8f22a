package oracle

import (
	"fmt"

	"detour/route"
)

// birth is when a node of the path tree came, and whether as news.
type birth struct {
	at   route.Time
	news bool
}

// nodes returns the names of the nodes of a path, nearest the vantage point
// first: a node is a hop with all that lies behind it.
func (u path) nodes() (names []string) {
	for i := range u.tail {
		names = append(names, fmt.Sprint(u.tail[i:]))
	}
	return names
}

// see notes the nodes of a path that was shown, whatever became of its routes.
func (s *Shard) see(u path, news bool) {
	for _, name := range u.nodes() {
		if _, known := s.births[name]; !known {
			s.births[name] = birth{s.now, news}
		}
	}
}

// young reports whether the node came as news less than 15 minutes ago, counted
// in whole units.
func (s *Shard) young(name string) bool {
	b := s.births[name]
	return b.news && s.now/birthUnit-b.at/birthUnit <= youngUnits
}

// youngHops returns the judged hops of u from which the way to the origin holds
// a young node, and whose edge to the next hop is not one of prev's (§6).
func (s *Shard) youngHops(u path, prev *path) (young []int) {
	names := u.nodes()
	for _, i := range u.judgedHops() {
		news := false
		for _, name := range names[i:] {
			news = news || s.young(name)
		}
		if news && (prev == nil || !prev.holdsEdge(u.tail[i], u.tail[i+1])) {
			young = append(young, i)
		}
	}
	return young
}

// holdsEdge reports whether b stands right behind a.
func (u path) holdsEdge(a, b route.ASN) bool {
	for i := range u.tail {
		if i+1 < len(u.tail) && u.tail[i] == a && u.tail[i+1] == b {
			return true
		}
	}
	return false
}

// Sweep forgets the nodes that no route has, down ones included (§7).
func (s *Shard) Sweep() {
	used := make(map[string]birth)
	keep := func(u path) {
		for _, name := range u.nodes() {
			used[name] = s.births[name]
		}
	}
	for _, st := range s.prefixes {
		for _, sl := range st.slots {
			keep(sl.path)
		}
		for _, d := range st.ids {
			for _, u := range d.extras {
				keep(u)
			}
		}
	}
	s.births = used
}
