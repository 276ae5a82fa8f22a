package correlate

import (
	"detour/route"
	"detour/wire"
)

// leaks holds what is gathered towards leak incidents.
type leaks struct {
	windows windows
	cands   [units]candidates
	noise   noise
	judged  int64        // the last half-window in which a change was judged
	touched []*candidate `snapshot:"-"` // scratch of gather
	units   []unit       `snapshot:"-"` // of touched
}

// nothingJudged stands for no half-window.
const nothingJudged int64 = -1 << 63

// half returns the half-window that holds t.
func (c *Correlator) half(t route.Time) int64 { return int64(t / c.cfg.Window) }

// rollLeaks moves the windows to t.
func (c *Correlator) rollLeaks(t route.Time) {
	half := c.half(t)
	if half <= c.leaks.windows.half {
		return
	}
	c.measureNoise()
	c.leaks.windows.roll(half)
	for u := range c.leaks.cands {
		c.leaks.cands[u].sweep(half)
	}
	c.recent.expire(route.Time(half-2) * c.cfg.Window) // whenever in the half-window this is
}

// leakFacts takes the facts about a changed path to their candidates, and opens
// an incident when one of them has enough.
func (c *Correlator) leakFacts(it *item, m *moment, t route.Time) {
	touched := c.gather(it, m, t)
	var best found
	for i, k := range touched {
		if f, ok := c.evaluate(k, c.leaks.units[i]); ok && f.better(&best) {
			best = f
		}
	}
	if best.k != nil {
		c.openLeak(c.further(best), it, t)
	}
}

// gather counts each hop's facts and returns the candidates that have more than
// before, the one nearest the vantage point first.
func (c *Correlator) gather(it *item, m *moment, t route.Time) []*candidate {
	l := &c.leaks
	l.touched, l.units = l.touched[:0], l.units[:0]
	peer := c.known.id(c.sessions.list[it.Peer].peer.ASN)
	for i := range c.hops.list {
		h := &c.hops.list[i]
		k := l.cands[h.unit].of(h.x, l.windows.half)
		k.note(h, it.Flags, t)
		if c.meetHop(k, h, m.prefix, peer) {
			l.touched, l.units = append(l.touched, k), append(l.units, h.unit)
		}
	}
	return l.touched
}

func (k *candidate) note(h *hop, flags wire.RecordFlags, t route.Time) {
	n := &k.cur
	n.n++
	if n.first == 0 {
		n.first = t
	}
	if flags&wire.RecordInflated != 0 {
		n.inflated++
	}
	if flags&wire.RecordMoreSpecific != 0 {
		n.moreSpecific++
	}
	if h.flip {
		n.flip++
	}
	if h.valley {
		n.valley++
	}
	if h.otc {
		n.otc++
	}
	if h.at == 0 {
		n.adjacent++
	}
	k.to, k.from = noteNeighbour(k.to, h.to), noteNeighbour(k.from, h.from)
}

// meetHop counts what is distinct about a fact and reports whether anything is
// new.
func (c *Correlator) meetHop(k *candidate, h *hop, prefix prefixID, peer asID) bool {
	w := &c.leaks.windows
	kind := 0
	if h.unit == byEdge {
		kind = metEdgeFlag
	}
	grew := w.meet(&k.origins, meetKey(kind|metOrigin, h.x, c.hops.origin))
	grew = w.meet(&k.prefixes, meetKey(kind|metPrefix, h.x, prefix)) || grew
	grew = w.meet(&k.peers, meetKey(kind|metPeer, h.x, peer)) || grew
	if h.contrast {
		grew = w.meet(&k.contrast, meetKey(kind|metContrast, h.x, c.hops.origin)) || grew
	}
	return grew
}

// found is a candidate that passed a rule.
type found struct {
	k    *candidate
	unit unit
	rule rule
	in   Inputs
}

// better reports whether f explains more than g: origins against those that it
// was on the way to before, four times as much for flips and for valleys.
func (f *found) better(g *found) bool {
	if g.k == nil {
		return true
	}
	return f.score()*int64(g.in.Base+1) > g.score()*int64(f.in.Base+1)
}

func (f *found) score() int64 {
	n := int64(f.in.Origins)
	if f.in.flipped() {
		n *= 4
	}
	if f.in.inValley() {
		n *= 4
	}
	return n
}

// evaluate asks the rules about a candidate.
func (c *Correlator) evaluate(k *candidate, u unit) (found, bool) {
	c.explain.evaluated(c, k, u)
	r := &c.cfg.Rules
	if k.prefixes.n() < r.SmallPrefixes/2 || k.contrast.n() == 0 || !c.leaks.noise.ready {
		return found{}, false
	}
	f := found{k: k, unit: u, in: c.inputs(k, u)}
	missed := false
	for _, f.rule = range leakRules {
		if f.rule.unit != u {
			continue
		}
		var v verdict
		f.rule.tests(&f.in, r, &v)
		if v.failed == 0 {
			return f, true
		}
		missed = missed || v.failed == 1
	}
	if missed && k.missed != k.half {
		k.missed = k.half
		c.stats.NearMisses++
	}
	return found{}, false
}

// inputs gathers what the rules look at.
func (c *Correlator) inputs(k *candidate, u unit) Inputs {
	n := k.cur.plus(&k.prev)
	in := Inputs{
		AS:      c.known.as.asn(k.x),
		Origins: k.origins.n(), Contrast: k.contrast.n(), Prefixes: k.prefixes.n(), Peers: k.peers.n(),
		Facts: n.n, Inflated: n.inflated, Flips: n.flip, Valleys: n.valley, Adjacent: n.adjacent,
		MoreSpecifics: n.moreSpecific, OTC: n.otc,
		Observed: int(c.known.observedBefore(k.x, k.half)),
		Noise:    c.leaks.noise.value, Mature: c.mature, First: n.first,
	}
	var most, total int
	in.to, most, total, _ = c.top(k.to)
	in.TopTo = percent(most, total)
	in.from, most, total, in.DistinctFrom = c.top(k.from)
	in.TopFrom = percent(most, total)
	in.ExportedTo, in.LearnedFrom = c.known.as.asn(in.to), c.known.as.asn(in.from)
	in.Seen = max(0, c.base(k, u, &in)-in.Origins)
	in.Base = in.Seen
	if file := c.outside.Relationships; file != nil {
		in.Base = max(in.Base, file.Customers(in.AS))
		in.InFile = file.Knows(in.AS)
	}
	r := &c.cfg.Rules
	if u == byEdge && !in.InFile && in.Prefixes >= r.EdgePrefixes {
		in.Base = max(in.Base, c.told(k, &in))
	}
	in.Known = in.Mature || in.InFile || in.Observed >= r.Observed && in.Observed >= r.ObservedRatio*in.Base
	if p := c.incidents.find(leakKey(k.x)); p != nil && !p.open && p.alert.Segment != nil {
		was := p.alert.Segment
		in.Again = in.to != 0 && in.ExportedTo == was.ExportedTo || in.from != 0 && in.LearnedFrom == was.LearnedFrom
	}
	return in
}

// told returns how many routes the candidate told others before than the one
// that it tells now, one for each origin and neighbour, leaving out those who
// take the whole table from it.
func (c *Correlator) told(k *candidate, in *Inputs) int {
	if k.toldAt != k.half {
		k.told, k.toldAt = max(0, c.known.told(k.x, in.to)-in.Origins), k.half
	}
	return k.told
}

// base returns the origins that the candidate is on the way to, this window's
// included: of the AS, or through its most frequent neighbour.
func (c *Correlator) base(k *candidate, u unit, in *Inputs) int {
	if u == byPair {
		return int(c.known.state[k.x].npairs)
	}
	if e := c.known.edgeID(in.to, k.x); e != 0 {
		return int(c.known.edges[e].origins)
	}
	return 0
}

func percent(n, of int) int {
	if of == 0 {
		return 0
	}
	return 100 * n / of
}

// further moves the suspicion to the neighbour that took the routes from the
// suspect, as long as that one was never on the way to anybody and has all of
// them: who is new to transit is more suspect than its provider, whose own
// uphill edge shows as a flip, too. Of two that the file knows, who may pass the
// routes on is not suspected in the place of who may not.
func (c *Correlator) further(f found) found {
	for range 4 {
		if f.unit != byPair || !c.mature || f.in.TopTo < 80 || f.in.to == 0 {
			return f
		}
		k := c.leaks.cands[byPair].find(f.in.to)
		if k == nil || k.half != f.k.half {
			return f
		}
		in := c.inputs(k, byPair)
		if in.Base > 0 || in.vantageSide() || 10*in.Contrast < 8*f.in.Contrast {
			return f
		}
		if guilty := in.inValley() && !f.in.inValley(); c.outside.Relationships.Knows(in.AS) && !guilty {
			return f
		}
		f.k, f.in = k, in
	}
	return f
}
