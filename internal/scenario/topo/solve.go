package topo

import (
	"slices"

	"detour/route"
)

// Solve finds the best routes under p, which it keeps until the next call. Seeds
// beyond the 32nd and those at unknown ASes are left out. It allocates nothing
// once its buckets have grown.
func (s *Solver) Solve(p Plan) {
	s.forget()
	s.plan = p
	if len(s.plan.Seeds) > seedsMax {
		s.plan.Seeds = s.plan.Seeds[:seedsMax]
	}
	for _, c := range p.Cut {
		s.cut(c[0], c[1], anySeed)
		s.cut(c[1], c[0], anySeed)
	}
	for _, a := range p.Resalt {
		if v, ok := s.g.index[a]; ok {
			s.resalts = append(s.resalts, v)
		}
	}
	for i := range s.plan.Seeds {
		s.refusals(i)
	}
	for i := range s.plan.Seeds {
		s.plant(i)
	}
	for key := 0; key < s.top; key++ { //nolint:intrange // both grow meanwhile
		for at := 0; at < len(s.buckets[key]); at++ { //nolint:intrange // as above
			if v := s.buckets[key][at]; s.labels[v].key == uint16(key) {
				s.export(v)
			}
		}
		s.buckets[key] = s.buckets[key][:0]
	}
	s.top = 0
}

// forget makes all labels of the last solution invalid.
func (s *Solver) forget() {
	for _, v := range s.marked {
		s.refuse[v], s.cutAt[v] = 0, false
	}
	s.marked, s.cuts, s.resalts = s.marked[:0], s.cuts[:0], s.resalts[:0]
	if s.gen++; s.gen == 0 { // wrapped round: old labels would look new
		clear(s.labels)
		s.gen = 1
	}
}

// cut stops what from sends to to of one seed, or of all.
func (s *Solver) cut(from, to route.ASN, seed uint8) {
	v, ok := s.g.index[from]
	w, ok2 := s.g.index[to]
	if ok && ok2 {
		s.cutAt[v] = true
		s.marked = append(s.marked, v)
		s.cuts = append(s.cuts, gap{v, w, seed})
	}
}

func (s *Solver) isCut(from, to int32, seed uint8) bool {
	return s.cutAt[from] &&
		(slices.Contains(s.cuts, gap{from, to, seed}) || slices.Contains(s.cuts, gap{from, to, anySeed}))
}

// refusals notes who stands on the path of a seed.
func (s *Solver) refusals(i int) {
	for _, a := range s.plan.Seeds[i].Path {
		if v, ok := s.g.index[a]; ok {
			s.refuse[v] |= 1 << i
			s.marked = append(s.marked, v)
		}
	}
}

// plant lets a seed's route enter.
func (s *Solver) plant(i int) {
	seed := &s.plan.Seeds[i]
	at, ok := s.g.index[seed.At]
	if !ok || len(seed.Path) == 0 || len(seed.Path) >= 1<<lenBits {
		return
	}
	if seed.To == nil {
		if l := s.labels[at]; l.gen == s.gen && l.parent == fromOwn {
			return // its first seed counts
		}
		for _, to := range seed.NotTo {
			s.cut(seed.At, to, uint8(i))
		}
		s.set(at, fromOwn, 0, uint8(i))
		return
	}
	for _, a := range seed.To {
		to, ok := s.g.index[a]
		if !ok || s.refuse[to]&(1<<i) != 0 || s.isCut(at, to, uint8(i)) {
			continue
		}
		class := classCustomer
		if r, linked := s.g.relation(to, at); linked {
			class = classOf(r, classCustomer)
		}
		s.offer(to, fromInject, class<<lenBits|uint16(len(seed.Path)), uint8(i))
	}
}

// export offers v's best route to whom policy allows it.
func (s *Solver) export(v int32) {
	l := s.labels[v]
	class, length := l.key>>lenBits, l.key&(1<<lenBits-1)
	if l.parent == fromOwn {
		length = uint16(len(s.plan.Seeds[l.seed].Path)) - 1
	}
	if length++; length >= 1<<lenBits {
		return
	}
	if class == classCustomer {
		s.spread(v, s.g.near(v, Provider), classCustomer<<lenBits|length, l.seed)
		s.spread(v, s.peer.of(v), classPeer<<lenBits|length, l.seed)
	}
	s.spread(v, s.g.near(v, Sibling), class<<lenBits|length, l.seed)
	s.spread(v, s.cust.of(v), classProvider<<lenBits|length, l.seed)
}

func (s *Solver) spread(v int32, to []int32, key uint16, seed uint8) {
	special := s.cutAt[v]
	for _, w := range to {
		if special && s.isCut(v, w, seed) {
			continue
		}
		s.offer(w, v, key, seed)
	}
}

// offer gives w a route by parent, which w takes if it is better. A node's
// route is final when its bucket is reached, for every export has a larger key.
func (s *Solver) offer(w, parent int32, key uint16, seed uint8) {
	l := &s.labels[w]
	if l.gen == s.gen {
		if key > l.key || key == l.key && !s.wins(w, parent, seed, l) {
			return
		}
	}
	if s.refuse[w]&(1<<seed) != 0 {
		return
	}
	if l.gen == s.gen && key == l.key {
		l.parent, l.seed = parent, seed
		return
	}
	s.set(w, parent, key, seed)
}

func (s *Solver) set(w, parent int32, key uint16, seed uint8) {
	s.labels[w] = label{gen: s.gen, parent: parent, key: key, seed: seed}
	s.buckets[key] = append(s.buckets[key], w)
	s.top = max(s.top, int(key)+1)
}

// wins breaks a tie by hash of the next hop.
func (s *Solver) wins(w, parent int32, seed uint8, than *label) bool {
	if than.parent == fromOwn {
		return false
	}
	a, b := s.nextHop(parent, seed), s.nextHop(than.parent, than.seed)
	ha, hb := s.tie(w, a), s.tie(w, b)
	return ha < hb || ha == hb && a < b
}

// nextHop returns the neighbour that a route comes from.
func (s *Solver) nextHop(parent int32, seed uint8) route.ASN {
	if parent >= 0 {
		return s.g.asns[parent]
	}
	return s.plan.Seeds[seed].At
}

// tie ranks next hop u at w; the least wins.
func (s *Solver) tie(w int32, u route.ASN) uint64 {
	salt := uint64(s.g.asns[w])
	if len(s.resalts) > 0 && slices.Contains(s.resalts, w) {
		salt |= 1 << 40
	}
	return mix(salt*0x9e3779b97f4a7c15 + uint64(u))
}

// mix scatters the bits of x (the finaliser of the splitmix generator).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
