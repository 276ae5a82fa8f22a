package correlate

import (
	"slices"

	"detour/alert"
	"detour/route"
)

// incidentKey tells incidents apart: one for each kind and suspect, or, where
// there is no suspect, for each origin that is hit.
type incidentKey struct {
	kind alert.Kind
	as   asID
}

func leakKey(x asID) incidentKey { return incidentKey{alert.KindLeak, x} }

// incident is one event: all that one suspect does, or that befalls one origin.
type incident struct {
	key     incidentKey
	asn     route.ASN // of key.as
	alert   alert.Alert
	open    bool
	opening uint32     // number of this opening, over all incidents
	slot    uint32     // in incidentTable.slots
	place   int        // among the timers
	due     route.Time // when something happens by itself
	since   route.Time // of this opening; the alert may have opened before
	closed  route.Time

	origins  map[route.ASN]uint32 // expected origins, and how many prefixes of each
	prefixes map[prefixID]int     // places in list
	list     []affected           // in order of arrival
	sessions []sessionRoutes      // by session
	peers    map[route.ASN]struct{}
	to, from []neighbour // of the suspect, and on how many routes

	routes, peak        int // bad routes now, and the most there were
	upSessions, topUp   int // sessions that hold any
	prefixesUp          int
	lastFact, lastLeft  route.Time
	told                told
	gone, lost          int // routes that ended, and those whose session did
	moreSpecific        int
	samples             []sample
	idle                []idlePrefix // prefixes without a route, oldest first
	idleHead            int
	heldBack            int // prefix alerts that were not sent
	units               heldUnits
	in                  Inputs // when it opened
	rule                string
	tags                []alert.Evidence // of its kind, when it opened
	lostPeers, hadPeers int              // of a prefix that nobody watches: sessions that lost it, and that had it
	consequences        []route.ASN
	evidence            []alert.Evidence // of the last message
	received            route.Time       // of the update that opened it; for latency only
}

// told is what the last message said.
type told struct {
	at                       route.Time
	prefixes, origins, peers int
}

// affected is one prefix in an incident.
type affected struct {
	prefix    prefixID
	routes    uint32
	peak      uint32
	peers     uint32 // ASNs that had a bad route
	sessions  uint32 // sessions that had one
	since     route.Time
	quiet     route.Time // since when it has no route
	origins   [maxExpected]route.ASN
	announced route.ASN
	fired     bool // an alert for it fires
	revisions uint32
	opened    route.Time
	sample    sample
	special   bool // a new more-specific
	expired   bool // its last route ended with its session
}

// maxExpected bounds the expected origins of a prefix that are told one by one.
const maxExpected = 4

type sessionRoutes struct {
	now  uint32
	ever bool
}

// sample shows one route before and after.
type sample struct {
	prefix     prefixID
	session    uint32
	prev, next pathID
}

type idlePrefix struct {
	at route.Time
	i  int // place in incident.list
}

// maxSamples bounds the routes that an alert shows.
const maxSamples = 5

// incidentTable holds the incidents that are open, or were within
// Config.Reopen.
type incidentTable struct {
	byKey    map[incidentKey]*incident
	timers   heap[*incident]
	open     int
	slots    []*incident // so that routes need no pointers; freed ones are nil
	openings uint32
	leaker   []*incident // by AS id: its open leak incident
}

func newIncidentTable() incidentTable {
	return incidentTable{
		byKey:  make(map[incidentKey]*incident),
		timers: heap[*incident]{less: lessIncidents, moved: func(p *incident, place int) { p.place = place }},
	}
}

func lessIncidents(a, b *incident) bool {
	switch {
	case a.due != b.due:
		return a.due < b.due
	case a.asn != b.asn:
		return a.asn < b.asn
	}
	return a.key.kind < b.key.kind
}

// find returns the incident of a key, open or lately closed, or nil.
func (t *incidentTable) find(key incidentKey) *incident { return t.byKey[key] }

// keep gives p a slot.
func (t *incidentTable) keep(p *incident) {
	for i, other := range t.slots {
		if other == nil {
			t.slots[i], p.slot = p, uint32(i)
			return
		}
	}
	p.slot = uint32(len(t.slots))
	t.slots = append(t.slots, p)
}

// ofLeaker returns the open leak incident of x, or nil.
func (t *incidentTable) ofLeaker(x asID) *incident {
	if int(x) >= len(t.leaker) {
		return nil
	}
	return t.leaker[x]
}

func (t *incidentTable) setLeaker(x asID, p *incident) {
	for int(x) >= len(t.leaker) {
		t.leaker = append(t.leaker, nil)
	}
	t.leaker[x] = p
}

// openIncident opens the incident of a key, again if it was closed within
// Config.Reopen; nil at the limit.
func (c *Correlator) openIncident(key incidentKey, t, first route.Time) *incident {
	p := c.incidents.find(key)
	if p == nil && len(c.incidents.byKey) >= c.cfg.Limits.Incidents {
		c.refused.Incidents++
		return nil
	}
	if p != nil && t > p.closed+c.cfg.Reopen { // Live, the timer may be late
		c.endIncident(p)
		p = nil
	}
	again := p != nil
	if !again {
		p = &incident{key: key, asn: c.known.as.asn(key.as)}
		p.alert = alert.Alert{
			Version: alert.Version, Scope: alert.ScopeIncident, Kind: key.kind, Opened: t, FirstEvidence: min(first, t),
		}
		p.alert.ID = alert.NewID(alert.ScopeIncident, key.kind, "AS"+p.asn.String(), t)
		p.origins, p.peers = make(map[route.ASN]uint32), make(map[route.ASN]struct{})
		p.prefixes = make(map[prefixID]int)
		c.incidents.byKey[key] = p
		c.incidents.keep(p)
		c.incidents.timers.push(p)
	}
	p.open, p.since, p.lastFact, p.closed = true, t, t, 0
	p.alert.Status, p.alert.CloseReason, p.alert.Closed = alert.StatusFiring, "", 0
	p.peak, p.topUp, p.gone, p.lost, p.told = 0, 0, 0, 0, told{}
	c.incidents.open++
	c.incidents.openings++
	p.opening = c.incidents.openings
	c.stats.Opened++
	c.explain.opens(p, t, again)
	if key.kind == alert.KindLeak {
		c.incidents.setLeaker(key.as, p)
	}
	return p
}

// endIncident forgets an incident that is closed.
func (c *Correlator) endIncident(p *incident) {
	for i := range p.list {
		e := &c.prefixes.entries[p.list[i].prefix]
		if e.refs--; e.in == p.slot+1 {
			e.in = 0
		}
		if p.list[i].special {
			e.parts--
		}
	}
	delete(c.incidents.byKey, p.key)
	c.incidents.slots[p.slot] = nil
	c.incidents.timers.remove(p.place)
}

// noteConsequence remembers an AS that announces what was lost.
func (p *incident) noteConsequence(as route.ASN) {
	if len(p.consequences) < maxExpected && !slices.Contains(p.consequences, as) {
		p.consequences = append(p.consequences, as)
	}
}
