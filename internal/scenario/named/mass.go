package named

import (
	"cmp"
	"fmt"
	"slices"

	"detour/internal/scenario/chance"

	"detour/internal/scenario/topo"
	"detour/route"
)

// mass is one network that announces many prefixes of others.
type mass struct {
	// seed makes what the network says of an atom; false where it has nothing to say.
	seed     func(a topo.Atom) (topo.Seed, bool)
	by       route.ASN
	bad      func([]route.ASN) bool // which paths a detector should find
	prefixes int                    // in all
	origins  int                    // that have any
	parts    int                    // percent that are parts of prefixes, which the table lacks; the rest is in the table
	deep     bool
	first    []share        // origins with a number of their own, the rest shares what is left
	must     []route.Prefix // among them in any case, if the table has them
	least    int            // peers that hear of every prefix; at least 1
	hears    func(peer int, p route.Prefix) bool
	spans    []span
	family   route.Family
	skip     func(origin route.ASN) bool
}

// share is how many prefixes of an origin are said.
type share struct {
	origin   route.ASN
	prefixes int
}

// span is from when to when it lasts, after the start, the time in which all
// prefixes come, and that in which all go.
type span struct{ from, to, ramp, fade route.Time }

// unit is what is announced alike.
type unit struct {
	atom     topo.Atom
	seed     topo.Seed
	prefixes []route.Prefix
	parts    bool
}

// tellMass picks prefixes and tells how they come and go.
func (t *teller) tellMass(m mass) error {
	units, err := t.choose(m)
	if err != nil {
		return err
	}
	t.touched[m.by] = true
	for _, u := range units {
		t.comeAndGo(u, m.bad, m.hears, m.spans)
	}
	return nil
}

// comeAndGo tells how a unit comes and goes.
func (t *teller) comeAndGo(
	u unit, bad func([]route.ASN) bool, hears func(int, route.Prefix) bool, spans []span,
) {
	before := topo.Plan{}
	if !u.parts {
		before = u.atom.Plan()
	}
	during := before
	during.Seeds = append(slices.Clone(before.Seeds), u.seed)
	tries := during
	tries.Cut = t.halfOf(u.seed)
	var changes []change
	for _, s := range spans {
		changes = append(changes,
			change{at: s.from, over: s.ramp, plan: during, bad: bad},
			change{at: s.to, over: s.fade, plan: before, tries: []topo.Plan{tries}, bad: bad})
	}
	t.play(group{u.atom.Origin, u.prefixes, before, hears}, changes...)
}

// halfOf names half of the links of those who take a route, so that longer ways
// are tried when it ends.
func (t *teller) halfOf(s topo.Seed) (cuts [][2]route.ASN) {
	takers := s.To
	if takers == nil {
		takers = []route.ASN{s.At}
	}
	for _, a := range takers {
		for _, list := range [][]route.ASN{t.graph.Peers(a), t.graph.Providers(a)} {
			for _, b := range list {
				if chance.Mix(t.seed, uint64(b))%2 == 0 {
					cuts = append(cuts, [2]route.ASN{a, b})
				}
			}
		}
	}
	return cuts
}

// choose picks units until all prefixes and origins are there.
func (t *teller) choose(m mass) ([]unit, error) {
	all := slices.Clone(t.graph.ASNs())
	t.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	own := map[route.ASN]int{}
	var order []route.ASN
	for _, s := range m.first {
		own[s.origin] = s.prefixes
		order = append(order, s.origin)
	}
	for _, a := range all {
		if _, is := own[a]; !is {
			order = append(order, a)
		}
	}
	var found []*supply
	total, least := 0, 2*m.prefixes
	for _, a := range order {
		if len(found) >= 2*m.origins && total >= least {
			break
		}
		if a == m.by || m.skip != nil && m.skip(a) {
			continue
		}
		s := t.supplyOf(m, a, own[a])
		switch {
		case s != nil && s.most >= own[a]:
		case own[a] > 0:
			return nil, fmt.Errorf("AS%v has too few prefixes that could be said, want %d", a, own[a])
		default:
			continue
		}
		found = append(found, s)
		total += s.most
	}
	fixed := min(len(m.first), len(found))
	slices.SortStableFunc(found[fixed:], func(a, b *supply) int { return cmp.Compare(b.most, a.most) })
	if len(found) < m.origins {
		return nil, fmt.Errorf("%d origins can be had, want %d", len(found), m.origins)
	}
	found = found[:m.origins]
	if left := deal(found, m.prefixes); left > 0 {
		return nil, fmt.Errorf("%d prefixes can be had, want %d", m.prefixes-left, m.prefixes)
	}
	return take(found), nil
}

// supply is what of an origin could be said.
type supply struct {
	units []unit
	most  int // prefixes
	share int // taken
	fixed bool
}

// supplyOf lists what of an origin could be said, nil if nothing; limit bounds
// it, 0 does not.
func (t *teller) supplyOf(m mass, a route.ASN, limit int) *supply {
	s := &supply{fixed: limit > 0}
	for _, atom := range t.Table.Atoms(a) {
		seed, ok := m.seed(atom)
		if !ok {
			continue
		}
		whole := atom.Plan()
		whole.Seeds = append(whole.Seeds, seed)
		hearing := t.heard(whole, m.by)
		exact := m.parts < 100 && hearing >= max(m.least, 1)
		parts := m.parts > 0 && t.heard(topo.Plan{Seeds: []topo.Seed{seed}}, m.by) >= max(m.least, 1)
		of := unit{atom: atom, seed: seed}
		ofParts := unit{atom: atom, seed: seed, parts: true}
		for _, p := range atom.Prefixes {
			if p.Family != m.family {
				continue
			}
			dice := int(chance.Mix(t.seed, p.Hi, p.Lo, uint64(p.Bits), 3) % 100)
			switch {
			case slices.Contains(m.must, p) && hearing > 0:
				of.prefixes = append([]route.Prefix{p}, of.prefixes...)
			case dice < m.parts && parts:
				list := t.partsOf(p, m.deep, limit)
				ofParts.prefixes = append(ofParts.prefixes, list...)
				if len(list) == 0 && exact {
					of.prefixes = append(of.prefixes, p)
				}
			case dice >= m.parts && exact:
				of.prefixes = append(of.prefixes, p)
			}
		}
		for _, u := range []unit{of, ofParts} {
			if len(u.prefixes) > 0 {
				s.units = append(s.units, u)
				s.most += len(u.prefixes)
			}
		}
	}
	if s.most == 0 {
		return nil
	}
	slices.SortStableFunc(s.units, func(a, b unit) int { // what must be there is taken first
		rank := func(u unit) int { return map[bool]int{false: 1}[slices.Contains(m.must, u.prefixes[0])] }
		return rank(a) - rank(b)
	})
	if limit > 0 {
		s.share, s.most = min(limit, s.most), min(limit, s.most)
	}
	return s
}

// partsOf returns parts of p that the table lacks: its halves, or, deep, parts of
// all lengths up to /24, or /48 of IPv6, at most limit.
func (t *teller) partsOf(p route.Prefix, deep bool, limit int) (out []route.Prefix) {
	longest := map[route.Family]uint8{route.IPv4: 24, route.IPv6: 48}[p.Family]
	last := p.Bits + 1
	if deep {
		last = longest
	}
	for bits := p.Bits + 1; bits <= last && bits <= longest; bits++ {
		for i := range uint64(1) << (bits - p.Bits) {
			q := p
			q.Bits = bits
			q.Hi |= i << (64 - bits)
			if !t.held[q] {
				t.held[q] = true // nobody else may take it
				out = append(out, q)
			}
			if limit > 0 && len(out) >= limit {
				return out
			}
		}
	}
	return out
}

// heard counts the peers whose path under a plan holds an AS.
func (t *teller) heard(p topo.Plan, a route.ASN) (n int) {
	t.solver.Solve(p)
	var path []route.ASN
	for _, vp := range t.vps {
		if path, _ = t.solver.Path(path[:0], vp); slices.Contains(path, a) {
			n++
		}
	}
	return n
}

// deal shares want prefixes out: the fixed shares first, then one to everybody,
// then round and round to whoever has more. It returns how many are left over.
func deal(list []*supply, want int) int {
	for _, s := range list {
		want -= s.share
	}
	for step, moved := 1, true; want > 0 && moved; step *= 2 {
		moved = false
		for _, s := range list {
			if n := min(step, s.most-s.share, want); n > 0 && !s.fixed {
				s.share += n
				want -= n
				moved = true
			}
		}
	}
	return want
}

// take cuts every supply down to its share.
func take(list []*supply) (out []unit) {
	for _, s := range list {
		for _, u := range s.units {
			n := min(len(u.prefixes), s.share)
			if s.share -= n; n > 0 {
				u.prefixes = u.prefixes[:n]
				out = append(out, u)
			}
		}
	}
	return out
}

// leak is a network that passes on what it learned.
type leak struct {
	by    route.ASN
	from  []route.ASN             // it learned from one of these; nil: from any provider or peer
	via   map[route.ASN]route.ASN // by origin, 0 for all: or from this one, whatever its own choice would be
	to    []route.ASN
	open  bool // the one in to tells everybody, as it would of a customer
	times int  // how often its ASN stands there; at least 1
}

// leaked gives the leak of an atom: the network's own best path to it, told to
// those it should not be told.
func (t *teller) leaked(l leak) func(a topo.Atom) (topo.Seed, bool) {
	return func(a topo.Atom) (topo.Seed, bool) {
		path := t.learned(l, a)
		if len(path) == 0 || slices.ContainsFunc(l.to, func(b route.ASN) bool { return slices.Contains(path, b) }) {
			return topo.Seed{}, false
		}
		path = append(slices.Repeat([]route.ASN{l.by}, max(l.times, 1)), path...)
		if l.open {
			return topo.Seed{At: l.to[0], Path: append([]route.ASN{l.to[0]}, path...)}, true
		}
		return topo.Seed{At: l.by, Path: path, To: l.to}, true
	}
}

// learned returns the path that a leaker was told, nil if it has none that it
// could leak.
func (t *teller) learned(l leak, a topo.Atom) []route.ASN {
	t.solver.Solve(a.Plan())
	via, ok := l.via[a.Origin]
	if !ok {
		via, ok = l.via[0]
	}
	if ok {
		path, _ := t.solver.Path(nil, via)
		if slices.Contains(path, l.by) {
			return nil
		}
		return path
	}
	r, ok := t.solver.Route(l.by)
	path, _ := t.solver.Path(nil, l.by)
	if !ok || r.From == topo.Customer || len(path) < 2 || len(l.from) > 0 && !slices.Contains(l.from, path[1]) {
		return nil
	}
	return path[1:]
}

// claimed gives the announcement of an atom's prefixes as a network's own.
func claimed(by route.ASN, times int, to ...route.ASN) func(a topo.Atom) (topo.Seed, bool) {
	seed := topo.Seed{At: by, Path: slices.Repeat([]route.ASN{by}, max(times, 1)), To: to}
	return func(topo.Atom) (topo.Seed, bool) { return seed, true }
}
