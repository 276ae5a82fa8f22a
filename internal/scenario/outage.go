package scenario

import (
	"fmt"
	"slices"

	"detour/route"
)

// OutageParams shape an outage of one origin.
type OutageParams struct {
	Prefixes int        // at least so many that the origin has, all of them go
	Share    float64    // of the peers that lose them, 0 to 1; 0 is all
	Start    route.Time // after the cut; 0 is 5 s
	Return   route.Time // from the start until the routes come back; 0: never
	Watched  bool       // the origin's prefixes are watched
}

// outageStretch is the time in which routes go, longer paths in between.
const outageStretch = 40 * route.Second

// Outage makes an origin lose its routes at a share of the peers, after longer
// paths have been tried. It fails where the background has no origin of that
// size.
func Outage(k *Knowledge, p OutageParams, seed uint64) (*Case, error) {
	if p.Start == 0 {
		p.Start = leakStart
	}
	if p.Share == 0 {
		p.Share = 1
	}
	s := k.tell("outage", fmt.Sprint(p.Prefixes, p.Share), seed, p.Start)
	var fit []route.ASN
	for o, routes := range k.ofOrigin {
		if len(routes) >= p.Prefixes && k.prefixCount(k.originated(o)) >= p.Prefixes {
			fit = append(fit, o)
		}
	}
	if len(fit) == 0 {
		return nil, fmt.Errorf("outage of %d prefixes: %w", p.Prefixes, errNoCase)
	}
	slices.Sort(fit)
	o := pick(s.r, fit)
	s.tellOutage(o, p)
	w := s.c.Want
	return s.done(fmt.Sprintf("seed %d: %v loses %d prefixes at %d peers", seed, o, w.Prefixes, w.Peers)), nil
}

func (s *story) tellOutage(o route.ASN, p OutageParams) {
	routes := s.originated(o)
	var peers []uint32
	for _, q := range routes {
		peers = append(peers, q.peer)
	}
	slices.Sort(peers)
	peers = slices.Compact(peers)
	shuffle(s.r, peers)
	peers = peers[:max(1, int(p.Share*float64(len(peers))+0.5))]
	w := &Want{Kind: "visibility-loss", Scope: "prefix", Origin: o, Origins: 1, Peers: len(peers)}
	last := int32(-1)
	for _, q := range routes {
		if !slices.Contains(peers, q.peer) {
			continue
		}
		if q.prefix != last {
			last = q.prefix
			w.Prefixes++
			if p.Watched {
				s.c.Watch = append(s.c.Watch, s.prefixes[q.prefix])
			}
		}
		s.fade(q, s.within(0, 10*route.Second), outageStretch, true)
		if p.Return > 0 {
			s.restore(s.within(max(p.Return, 3*outageStretch), 30*route.Second), q.peer, s.prefixes[q.prefix])
		}
	}
	s.c.Want = w
}
