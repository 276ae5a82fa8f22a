package correlate

import (
	"detour/route"
	"detour/wire"
)

// Explainer notes what a Correlator thinks, for people: of one prefix, and of
// every incident. Config.Explain takes it. It never changes what is judged, is
// filled by the Correlator's goroutine, and may be asked between two calls of
// Range. A nil one notes nothing.
type Explainer struct {
	prefix route.Prefix // zero: incidents only

	changes  []ChangeNote
	lost     int // earlier notes that made room
	current  *ChangeNote
	suspects []*Suspicion // in order of first sight
	bySuspct map[suspicionKey]*Suspicion
	claims   []*ClaimNote
	byClaim  map[asID]*ClaimNote
	joins    []JoinNote // routes of the prefix that came into an incident
	watch    WatchNote
	loss     LossNote

	incidents []*IncidentNote // in order of opening
	byOpening map[uint32]*IncidentNote
	opening   *IncidentNote // whose candidates are being explained away
	alerts    []PrefixNote

	matureAt route.Time
	matured  bool
}

// Bounds of what is noted. At the first the older half is dropped and counted;
// the others take no more.
const (
	maxChangeNotes = 4096
	maxSuspicions  = 256
	maxJoinNotes   = 1024
	firstEvidence  = 12 // pieces shown of an incident
	maxIncidents   = 4096
	maxSettled     = 64
)

// NewExplainer returns an Explainer for p, or with the zero Prefix for incidents
// alone.
func NewExplainer(p route.Prefix) *Explainer {
	return &Explainer{
		prefix: p, bySuspct: make(map[suspicionKey]*Suspicion), byClaim: make(map[asID]*ClaimNote),
		byOpening: make(map[uint32]*IncidentNote),
	}
}

// ChangeNote is what became of one change of the prefix that reached the
// correlator: one with facts, or any of a watched prefix.
type ChangeNote struct {
	At       route.Time
	Number   uint64 // of the update, within its ingester
	Ingester string
	Peer     route.Peer
	Judged   bool   // as a leak; a change of origin is judged apart
	Why      string // why it was not, or what came of it
	Hops     []HopNote
	Incident string // id of the incident that took the route in at once
}

// of reports whether a record is about the prefix that is explained.
func (e *Explainer) of(it *item) bool { return e.prefix.Family != 0 && it.Prefix == e.prefix }

// change begins the note on a change; learning and counted are as change found
// them.
func (e *Explainer) change(c *Correlator, it *item, t route.Time, learning, counted bool) {
	if e == nil || !e.of(it) {
		return
	}
	if len(e.changes) >= maxChangeNotes {
		e.lost += maxChangeNotes / 2
		e.changes = append(e.changes[:0:0], e.changes[maxChangeNotes/2:]...)
	}
	s := &c.sessions.list[it.Peer]
	e.changes = append(e.changes, ChangeNote{
		At: t, Number: it.Number, Ingester: c.ingesters.names[it.Ingester], Peer: s.peer,
	})
	e.current = &e.changes[len(e.changes)-1]
	n := e.current
	switch {
	case it.Flags&wire.RecordTable != 0:
		n.Why = "a table told of it: it teaches and is no news"
	case it.Flags&wire.RecordRTBH != 0:
		n.Why = "blackholing (community, or longer than /24 or /48): never counted into a leak or hijack"
	case it.Flags&wire.RecordMaintenance != 0:
		n.Why = "maintenance (GRACEFUL_SHUTDOWN or LLGR_STALE): never counted into a leak or hijack"
	case !counted:
		n.Why = "a routing beacon: never counted into a leak or hijack"
	case it.Flags&wire.RecordLearning != 0:
		n.Why = "part of its session's first transfer: it teaches and is no news"
	case learning:
		n.Why = e.learningNote(s)
	case it.Newcomers|it.Young == 0:
		n.Why = "no network on the path is new to the prefix, and no part of the way to the origin is"
	default:
		n.Judged = true
	}
}

func (e *Explainer) learningNote(s *session) string {
	if !s.begun {
		return "its session had not begun"
	}
	text := "its session was still learning, since " + clockOf(s.from)
	if s.busyAt == 0 {
		return text + " until " + clockOf(s.until)
	}
	return text + ": new routes still came fast at " + clockOf(s.busyAt) + "; it ends " + seconds(busyPause) +
		" after the last such count, at the latest at " + clockOf(s.until)
}

// examined fills in what c.hops says of the change at hand.
func (e *Explainer) examined(c *Correlator, it *item, t route.Time) {
	if e == nil || !e.of(it) || e.current == nil {
		return
	}
	n := e.current
	for i := range c.hops.list {
		h := &c.hops.list[i]
		n.Hops = append(n.Hops, e.hopNote(c, h))
		if s := e.suspicion(c, h); s != nil {
			s.meet(c, h, it, t)
		}
	}
	switch {
	case len(c.hops.path) < 2 || c.hops.origin == 0:
		n.Judged, n.Why = false, "the path has no network on the way, or its origin is unknown"
	case len(n.Hops) == 0:
		n.Why = "nothing on it is fresh: every network has been on the way to AS" + c.known.as.asn(c.hops.origin).String() +
			" for long, by routes of other prefixes or peers"
	default:
		n.Why = "counted"
	}
}

// JoinNote is one route that came into an incident.
type JoinNote struct {
	At            route.Time // of the change
	Incident      string
	Prefix        route.Prefix
	Peer          route.Peer
	Before, After []route.ASN // with the vantage point in front; nil for none
}

// joined notes that a route came into an incident.
func (e *Explainer) joined(c *Correlator, p *incident, j *joining, t route.Time) {
	if e == nil {
		return
	}
	prefix := c.prefixes.prefix(j.prefix)
	in := e.byOpening[p.opening]
	first := in != nil && len(in.First) < firstEvidence
	mine := prefix == e.prefix && len(e.joins) < maxJoinNotes
	if !first && !mine {
		return
	}
	n := JoinNote{At: t, Incident: p.alert.ID, Prefix: prefix}
	if j.session != route.AllPeers {
		n.Peer = c.sessions.list[j.session].peer
		n.Before, n.After = c.shown(n.Peer.ASN, j.prev), c.shown(n.Peer.ASN, j.next)
	}
	if first {
		in.First = append(in.First, n)
	}
	if !mine {
		return
	}
	e.joins = append(e.joins, n)
	if e.current != nil && e.current.At == t && e.current.Peer == n.Peer {
		e.current.Incident = p.alert.ID
	}
}

// Changes returns the notes on the prefix's changes, oldest first, and how many
// earlier ones made room.
func (e *Explainer) Changes() (list []ChangeNote, lost int) { return e.changes, e.lost }

// Joins returns the prefix's routes that came into incidents, oldest first.
func (e *Explainer) Joins() []JoinNote { return e.joins }
