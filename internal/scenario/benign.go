package scenario

import (
	"fmt"

	"detour/route"
)

const (
	benignStart = route.Second // after the cut
	benignTries = 20_000
)

// benign is one kind of everyday event. tell makes one attempt and describes it;
// it returns "" where the draw did not fit.
type benign struct {
	name string
	tell func(*story) string
}

// benignKinds lists them in the order of tables, those of the first floors first.
func benignKinds() []benign {
	return []benign{
		{"provider fail-over", (*story).failOver},
		{"anycast site change", (*story).anycastChange},
		{"new provider, small cone", (*story).smallProvider},
		{"new provider, big cone", (*story).bigProvider},
		{"de-peering", (*story).dePeering},
		{"new peer", (*story).newSession},
		{"session reset", (*story).statedReset},
		{"session reset without state messages", (*story).silentReset},
		{"traffic-engineering more-specifics", (*story).moreSpecifics},
		{"DDoS scrubber", (*story).scrubber},
		{"tier-1 outage", (*story).topOutage},
		{"IXP failure", (*story).exchangeFailure},
		{"graceful shutdown", (*story).shutdown},
		{"ASN renumbering", (*story).renumber},
		{"ASN merger", (*story).merge},
		{"peer partial→full", (*story).toFull},
		{"peer full→partial", (*story).toPartial},
		{"new route-server member", (*story).newMember},
		{"new upstream of a peer with peers behind it", (*story).newUpstream},
		{"optimiser of one's own prefixes", (*story).optimise},
		{"/16 into /24s", (*story).split},
		{"RTBH", (*story).blackhole},
		{"prepend change", (*story).prepends},
		{"zombies and their return", (*story).zombies},
		{"ROA mistake", (*story).roaMistake},
		{"beacons", (*story).beacons},
		{"origin migration", (*story).migrate},
	}
}

// BenignKinds names the everyday events, in the order of tables.
func BenignKinds() []string {
	var out []string
	for _, b := range benignKinds() {
		out = append(out, b.name)
	}
	return out
}

// Benign makes an everyday event of which nothing may be said. It fails where
// the kind is none of BenignKinds or the background has no place for one.
func Benign(k *Knowledge, kind string, seed uint64) (*Case, error) {
	for _, b := range benignKinds() {
		if b.name != kind {
			continue
		}
		s := k.tell("benign/"+kind, "", seed, benignStart)
		if len(k.slots) == 0 || len(k.transits) == 0 || len(k.carriers) == 0 || len(k.links) == 0 {
			return nil, fmt.Errorf("%s: %w", kind, errNoCase)
		}
		for range benignTries {
			s.clear()
			if what := b.tell(s); what != "" {
				return s.done(fmt.Sprintf("seed %d: %s", seed, what)), nil
			}
		}
		return nil, fmt.Errorf("%s: %w", kind, errNoCase)
	}
	return nil, fmt.Errorf("%s: no such kind of event", kind)
}

// aRoute draws a route with a path of at least n networks; false if it is
// shorter.
func (s *story) aRoute(n int) (slot, bool) {
	sl := pick(s.r, s.slots)
	return sl, len(s.path(sl)) >= n
}

// originated returns the routes to the prefixes of o.
func (k *Knowledge) originated(o route.ASN) []slot {
	var out []slot
	for _, i := range k.ofOrigin[o] {
		out = append(out, k.slots[i])
	}
	return out
}

func (k *Knowledge) prefixCount(routes []slot) int {
	n := 0
	for i, sl := range routes {
		if i == 0 || sl.prefix != routes[i-1].prefix {
			n++
		}
	}
	return n
}

// passage is a route that has an AS on its path, at hop at.
type passage struct {
	slot
	path []route.ASN
	at   int
}

// passing returns the routes that have a on their path.
func (k *Knowledge) passing(a route.ASN) []passage {
	var out []passage
	if k.load[a] == 0 {
		return nil
	}
	for _, sl := range k.slots {
		path := k.path(sl)
		for i, b := range path {
			if a == b {
				out = append(out, passage{sl, path, i})
			}
		}
	}
	return out
}

// crossing returns the routes that go from e.from to e.to, at e.from.
func (k *Knowledge) crossing(e edge) []passage {
	var out []passage
	for _, q := range k.passing(e.from) {
		if q.at+1 < len(q.path) && q.path[q.at+1] == e.to {
			out = append(out, q)
		}
	}
	return out
}
