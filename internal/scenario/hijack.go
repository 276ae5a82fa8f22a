package scenario

import (
	"fmt"
	"slices"

	"detour/route"
)

// Forgery says what a hijacker announces.
type Forgery uint8

// Forgeries.
const (
	ExactPrefix     Forgery = iota // the victim's prefix as its own
	SubPrefix                      // half of it as its own
	ForgedNeighbour                // the victim's prefix over a link to it that is none
)

// String names the forgery as tables show it.
func (f Forgery) String() string {
	return [...]string{"exact prefix", "sub-prefix", "forged neighbour"}[f]
}

// HijackParams shape a hijack.
type HijackParams struct {
	Forgery  Forgery
	Prefixes int        // at least one for each victim
	Victims  int        // origins; 0 is one
	Peers    int        // that adopt it; 0 is all that reach the hijacker's provider
	Start    route.Time // after the cut; 0 is 5 s
	Ramp     route.Time // from the first prefix to the last; 0 is 60 s
	EndAfter route.Time // from the end of the ramp to the withdrawal; 0: it stays
	Watched  bool       // the victims' prefixes are watched
}

// hijack is one that found its place: x, a customer of a, says that it is the
// origin of routes.
type hijack struct {
	p      HijackParams
	x, a   route.ASN
	routes []int32
	origin []route.ASN // by routes
	at     map[uint32][]route.ASN
	peers  []uint32
}

const hijackTries = 3000

// Hijack makes a hijack of the wanted shape by a network that has nothing to do
// with its victims. It fails where the background has no place for one.
func Hijack(k *Knowledge, p HijackParams, seed uint64) (*Case, error) {
	for _, d := range []struct {
		v    *route.Time
		zero route.Time
	}{{&p.Start, leakStart}, {&p.Ramp, leakRamp}} {
		if *d.v == 0 {
			*d.v = d.zero
		}
	}
	p.Victims = max(p.Victims, 1)
	p.Prefixes = max(p.Prefixes, p.Victims)
	kind := "hijack/" + p.Forgery.String()
	s := k.tell(kind, fmt.Sprint(p.Prefixes, p.Victims, p.Peers), seed, p.Start)
	for range hijackTries {
		h := s.findHijack(p)
		if h == nil {
			continue
		}
		s.tellHijack(h)
		w := s.c.Want
		return s.done(fmt.Sprintf("seed %d: %v behind %v takes %d prefixes of %d origins at %d peers",
			seed, h.x, h.a, w.Prefixes, w.Origins, w.Peers)), nil
	}
	return nil, fmt.Errorf("%s of %d prefixes of %d origins at %d peers: %w",
		kind, p.Prefixes, p.Victims, p.Peers, errNoCase)
}

// findHijack makes one attempt.
func (s *story) findHijack(p HijackParams) *hijack {
	if len(s.multi) == 0 || len(s.slots) == 0 {
		return nil
	}
	x := pick(s.r, s.multi)
	up := common(s.rel.Providers(x), s.transits)
	if len(up) == 0 {
		return nil
	}
	h := &hijack{p: p, x: x, a: pick(s.r, up), at: map[uint32][]route.ASN{}}
	for _, seg := range s.ways[h.a] {
		if h.at[seg.peer] == nil && !has(seg.path, x) {
			h.at[seg.peer] = seg.path
			h.peers = append(h.peers, seg.peer)
		}
	}
	if len(h.peers) < max(p.Peers, 1) {
		return nil
	}
	if shuffle(s.r, h.peers); p.Peers > 0 {
		h.peers = h.peers[:p.Peers]
	}
	if !s.findVictims(h) {
		return nil
	}
	return h
}

// findVictims draws origins and shares the prefixes out among them.
func (s *story) findVictims(h *hijack) bool {
	each, more := h.p.Prefixes/h.p.Victims, h.p.Prefixes%h.p.Victims
	var chosen []route.ASN
	for range 40 * h.p.Victims {
		sl, _ := s.aRoute(2)
		v := s.origin(sl)
		if v == 0 || has(chosen, v) || !s.strangers(h, v) {
			continue
		}
		own := s.targets(h, v)
		n := each
		if len(chosen) < more {
			n++
		}
		if len(own) >= n {
			shuffle(s.r, own)
			h.routes = append(h.routes, own[:n]...)
			h.origin = append(h.origin, slices.Repeat([]route.ASN{v}, n)...)
			chosen = append(chosen, v)
		}
		if len(chosen) == h.p.Victims {
			return true
		}
	}
	return false
}

// strangers reports whether nothing ties hijacker and victim together.
func (s *story) strangers(h *hijack, v route.ASN) bool {
	if v == h.x || v == h.a || s.neighbours(h.x, v) {
		return false
	}
	for _, peer := range h.peers {
		if has(h.at[peer], v) {
			return false
		}
	}
	for _, q := range s.originated(v) {
		if has(s.path(q), h.x) {
			return false
		}
	}
	return true
}

// targets lists the prefixes of v that the forgery can take.
func (s *story) targets(h *hijack, v route.ASN) (out []int32) {
	for _, q := range s.originated(v) {
		if len(out) > 0 && out[len(out)-1] == q.prefix {
			continue
		}
		if h.p.Forgery == SubPrefix {
			part, ok := half(s.prefixes[q.prefix])
			if _, known := s.index[part]; !ok || known {
				continue
			}
		}
		out = append(out, q.prefix)
	}
	return out
}

func (s *story) tellHijack(h *hijack) {
	w := &Want{Scope: "incident", Suspect: h.x, ExportedTo: h.a, Prefixes: len(h.routes), Peers: len(h.peers)}
	switch h.p.Forgery {
	case ExactPrefix:
		w.Kind = "hijack"
	case SubPrefix:
		w.Kind, w.Also = "subprefix-hijack", "hijack"
	case ForgedNeighbour:
		w.Kind, w.Also, w.Scope = "unexpected-transit", "leak", "prefix"
	}
	for i, n := range h.routes {
		p, v := s.prefixes[n], h.origin[i]
		if i == 0 || v != h.origin[i-1] {
			w.Origins++
		}
		if h.p.Watched {
			s.c.Watch = append(s.c.Watch, p)
		}
		tail := []route.ASN{h.x}
		switch h.p.Forgery {
		case SubPrefix:
			p, _ = half(p)
		case ForgedNeighbour:
			tail = []route.ASN{h.x, v}
		}
		at := s.within(0, h.p.Ramp)
		for _, peer := range h.peers {
			path := join(h.at[peer], tail)
			s.add(Element{At: at + s.drawn(leakSpread), Peer: peer, Prefix: p, Path: path, Bad: true})
			if h.p.EndAfter > 0 {
				s.restore(s.within(h.p.Ramp+leakSpread+h.p.EndAfter, leakEnding), peer, p)
			}
		}
	}
	if w.Origins == 1 {
		w.Origin = h.origin[0]
	}
	s.c.Want = w
}
