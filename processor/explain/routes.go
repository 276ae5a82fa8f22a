package explain

import (
	"maps"
	"slices"
	"strings"

	"detour/alert"
	"detour/processor"
	"detour/processor/correlate"
	"detour/route"
	"detour/wire"
)

// Route is one peer's route at the moment of the report.
type Route struct {
	Peer    alert.Peer   `json:"peer"`
	State   string       `json:"state"` // up, withdrawn, session-ended
	Path    alert.Path   `json:"path"`  // the last one, with the vantage point in front
	Held    bool         `json:"held"`  // unchanged for five minutes
	Since   route.Time   `json:"since,omitzero"`
	Table   bool         `json:"from_table"` // a table told of it, and nothing has changed since
	Changes int          `json:"changes"`    // in what was read, tables not counted
	Longest int          `json:"longest_normal,omitempty"`
	Further []alert.Path `json:"further_paths,omitempty"` // ADD-PATH
	New     []route.ASN  `json:"new,omitempty"`           // networks on it that are not normal
}

func (q *Inquiry) routes(v *processor.PrefixView) []Route {
	list := make([]Route, 0, len(v.Routes))
	for i := range v.Routes {
		r := &v.Routes[i]
		p := r.Session.Peer
		out := Route{
			Peer: alert.Peer{Collector: p.Collector, Address: p.Addr, ASN: p.ASN}, State: "up",
			Path: from(p.ASN, r.Path), Held: r.Held, Longest: r.Longest, New: r.New,
		}
		switch {
		case r.Reset:
			out.State = "session-ended"
		case !r.Up:
			out.State = "withdrawn"
		}
		if h := q.history.peers[p]; h != nil {
			out.Changes, out.Since, out.Table = h.changes, h.last, h.changes == 0 && h.table
		}
		for _, more := range r.Extras {
			out.Further = append(out.Further, from(p.ASN, more))
		}
		list = append(list, out)
	}
	return list
}

// from puts the vantage point in front of a path; nil stays nil.
func from(peer route.ASN, tail []route.ASN) alert.Path {
	if tail == nil {
		return nil
	}
	return append(alert.Path{peer}, tail...)
}

// Change is one change of a route, and what was made of it.
type Change struct {
	At      route.Time           `json:"at"`
	Peer    alert.Peer           `json:"peer"`
	Kind    processor.ChangeKind `json:"kind"`
	Before  alert.Path           `json:"before,omitempty"`
	After   alert.Path           `json:"after,omitempty"`
	Held    bool                 `json:"held"` // the route before was, for five minutes
	Facts   []string             `json:"facts,omitempty"`
	New     []route.ASN          `json:"new,omitempty"`    // not in the baseline
	Absent  []route.ASN          `json:"absent,omitempty"` // of those, what this peer's route before lacked
	Unique  int                  `json:"unique,omitempty"` // networks on After
	Longest int                  `json:"longest_normal,omitempty"`
	Fact    bool                 `json:"fact"` // something of it was new, longer, shorter, or of another origin
	// Judged: towards a leak. Why says why not, or what came of it; of a change
	// without any fact, that there was nothing to judge.
	Judged   bool   `json:"judged"`
	Why      string `json:"why"`
	Hops     []Hop  `json:"fresh,omitempty"`
	Incident string `json:"incident,omitempty"`
}

// Hop is a network that was fresh on a path, with what is known of its
// neighbours; times are "always", "never", or of first sight. Its unit is "pair"
// where it is new on the way to the origin, and "edge" where ExportedTo reaches
// the origin through it for the first time.
type Hop struct {
	ASN         route.ASN       `json:"asn"`
	ExportedTo  route.ASN       `json:"exported_to,omitempty"`
	LearnedFrom route.ASN       `json:"learned_from,omitempty"`
	Unit        string          `json:"unit"`
	Contrast    bool            `json:"contrast"`
	Flip        bool            `json:"flip"`
	Valley      bool            `json:"valley"`
	OTC         bool            `json:"only_to_customer"`
	Pair        correlate.Since `json:"pair_since"`
	Edge        correlate.Since `json:"edge_in_since"`     // exported_to takes routes from asn
	Triple      correlate.Since `json:"edge_origin_since"` // and to this origin
	Uphill      correlate.Since `json:"edge_out_since"`    // asn takes routes from learned_from
	Downhill    correlate.Since `json:"edge_back_since"`   // learned_from takes routes from asn
	Third       correlate.Since `json:"all_three_since"`   // exported_to, asn and learned_from in a row
}

func hopOf(n correlate.HopNote) Hop {
	h := Hop{
		ASN: n.ASN, ExportedTo: n.ExportedTo, LearnedFrom: n.LearnedFrom, Unit: unitOf(n.ByEdge), Contrast: n.Contrast,
		Flip: n.Flip, Valley: n.Valley, OTC: n.OTC, Pair: n.Pair, Edge: n.Edge, Triple: n.Triple, Uphill: n.Uphill,
		Downhill: n.Downhill,
		Third:    n.Third,
	}
	return h
}

func unitOf(byEdge bool) string {
	if byEdge {
		return "edge"
	}
	return "pair"
}

// noteKey joins what a shard and what the correlator say of one change.
type noteKey struct {
	ingester string
	number   uint64
	peer     route.Peer
}

// joinKey finds the change by which a route came into an incident, also where
// that opened later.
type joinKey struct {
	peer route.Peer
	at   route.Time
}

// changes joins the history with what was thought of each change.
func (q *Inquiry) changes() (list []Change, omitted int) {
	notes, _ := q.notes.Changes()
	byKey := make(map[noteKey]*correlate.ChangeNote, len(notes))
	for i := range notes {
		n := &notes[i]
		byKey[noteKey{n.Ingester, n.Number, n.Peer}] = n
	}
	h := &q.history
	all := h.list
	if len(all) > maxHistory {
		all = all[len(all)-maxHistory:]
	}
	list = make([]Change, 0, len(all))
	joined := make(map[joinKey]string)
	for _, j := range q.notes.Joins() {
		joined[joinKey{j.Peer, j.At}] = j.Incident
	}
	for _, c := range all {
		out := changeOf(c, byKey[noteKey{c.Ingester, c.Number, c.Peer}])
		if out.Incident == "" && c.Told {
			out.Incident = joined[joinKey{c.Peer, c.At}]
		}
		list = append(list, out)
	}
	return list, h.total - len(all)
}

func changeOf(c *processor.RouteChange, n *correlate.ChangeNote) Change {
	out := Change{
		At: c.At, Peer: alert.Peer{Collector: c.Peer.Collector, Address: c.Peer.Addr, ASN: c.Peer.ASN}, Kind: c.Kind,
		Before: from(c.Peer.ASN, c.Before), After: from(c.Peer.ASN, c.After), Held: c.Held, Facts: factsOf(c),
		Fact: c.Fact, New: c.New, Absent: c.Absent, Unique: c.Unique, Longest: c.Longest,
	}
	switch {
	case c.Flags&wire.RecordTable != 0:
		out.Why = "a table told of it: it teaches and is no news"
	case c.Kind == processor.ChangeWithdrawn:
		out.Why = "a withdrawal: it counts towards visibility only"
	case c.Kind == processor.ChangeReset:
		out.Why = "the session ended or began anew: neither a withdrawal nor a loss"
	case !c.Told:
		out.Why = "no fact: nothing on the path is new, and it is neither longer nor shorter than normal"
	case n == nil:
		out.Why = "not yet judged at the end of what was read"
	default:
		out.Judged, out.Why, out.Incident = n.Judged, n.Why, n.Incident
		var fresh []route.ASN
		for _, h := range n.Hops {
			out.Hops = append(out.Hops, hopOf(h))
			fresh = insert(fresh, h.ASN)
		}
		switch {
		case n.Judged && len(fresh) > 0:
			out.Why = "counted as evidence about " + asList(fresh)
		case out.Why == "" && out.Incident == "":
			out.Why = "judged as a change of origin"
		}
	}
	return out
}

// factsOf names the facts and circumstances of a change.
func factsOf(c *processor.RouteChange) (list []string) {
	for _, f := range []struct {
		flag wire.RecordFlags
		name string
	}{
		{wire.RecordOriginNew, "origin-change"},
		{wire.RecordInflated, "path-inflation"},
		{wire.RecordShortened, "path-shortening"},
		{wire.RecordMoreSpecific, "more-specific"},
		{wire.RecordNoBaseline, "no-baseline"},
		{wire.RecordLoop, "loop"},
		{wire.RecordRTBH, "rtbh"},
		{wire.RecordMaintenance, "maintenance"},
		{wire.RecordHasOTC, "only-to-customer"},
		{wire.RecordVirtualFirst, "virtual-first-hop"},
		{wire.RecordWatched, "watched"},
	} {
		if c.Flags&f.flag != 0 {
			list = append(list, f.name)
		}
	}
	return list
}

func asList(asns []route.ASN) string {
	names := make([]string, len(asns))
	for i, a := range asns {
		names[i] = "AS" + a.String()
	}
	return strings.Join(names, ", ")
}

// related reports whether one of two prefixes holds the other.
func related(p, q route.Prefix) bool { return p.Contains(q) || q.Contains(p) }

// tellAlerts fills in the alerts on the prefix and around it.
func (q *Inquiry) tellAlerts(r *PrefixReport) {
	own := map[string]bool{}
	for _, j := range q.notes.Joins() {
		own[j.Incident] = true
	}
	source := q.source()
	for _, t := range source.sorted(func(t *thread) bool { return t.first.Prefix == r.Prefix }) {
		if id := t.first.Incident; id != "" {
			own[id] = true
		}
		r.Alerts = append(r.Alerts, brief(t))
	}
	for _, id := range slices.Sorted(maps.Keys(own)) {
		if source.byID[id] == nil {
			r.unstored = append(r.unstored, id)
		}
	}
	for _, t := range source.sorted(func(t *thread) bool { return own[t.first.ID] }) {
		if !slices.ContainsFunc(r.Alerts, func(b *AlertBrief) bool { return b.ID == t.first.ID }) {
			r.Alerts = append(r.Alerts, brief(t))
		}
	}
	for _, t := range source.sorted(func(t *thread) bool {
		p := t.first.Prefix
		return p.Family != 0 && p != r.Prefix && related(p, r.Prefix)
	}) {
		r.Nearby = append(r.Nearby, brief(t))
	}
}
