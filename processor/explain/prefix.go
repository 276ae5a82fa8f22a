package explain

import (
	"fmt"
	"slices"

	"detour/alert"
	"detour/processor"
	"detour/processor/correlate"
	"detour/route"
)

// PrefixReport is all that is known of one prefix at one moment, and why there
// was, or was not, an alert. docs/reference/explain.md explains the names; they
// are stable: new ones may come, none goes or changes its meaning.
type PrefixReport struct {
	Version int          `json:"version"`
	Prefix  route.Prefix `json:"prefix"`
	At      route.Time   `json:"at"` // engine time up to which all was judged
	Source  Source       `json:"source"`

	Answer    []string      `json:"answer"` // sentences, the most important first
	Known     Known         `json:"known"`
	Routes    []Route       `json:"routes"` // by collector, peer ASN and address
	History   []Change      `json:"history"`
	Omitted   int           `json:"history_omitted"` // earlier changes that are not kept
	Baseline  Baseline      `json:"baseline"`
	Suspects  []Suspect     `json:"suspects"`       // networks that were fresh on its paths
	Origins   []Claim       `json:"origin_changes"` // networks that announced it unexpectedly
	Watch     *WatchRule    `json:"watched_rule,omitempty"`
	Loss      *Visibility   `json:"visibility,omitempty"`
	Alerts    []*AlertBrief `json:"alerts"` // on it, or on incidents that took in its routes
	Nearby    []*AlertBrief `json:"nearby"` // on parts of it and on what covers it
	Coverage  Coverage      `json:"coverage"`
	Deployed  bool          `json:"deployed"` // alerts are those that a deployment has stored
	names     func(route.ASN) string
	maturity  correlate.Maturity
	suspicion []*correlate.Suspicion
	claims    []*correlate.ClaimNote
	unstored  []string // incidents that a deployment has not stored
}

// Known is what the prefix is.
type Known struct {
	Cover              route.Prefix   `json:"cover,omitzero"` // longest known prefix that holds it
	MoreSpecifics      []route.Prefix `json:"more_specifics,omitempty"`
	MoreSpecificsTotal int            `json:"more_specifics_total"`
	Expected           []route.ASN    `json:"expected_origins"`
	First              []OriginFirst  `json:"expected_first_seen"`
	Announced          []Origin       `json:"announced_origins"`
	RPKIKnown          bool           `json:"rpki_known"` // VRPs were given
	Beacon             bool           `json:"beacon"`
	Watched            bool           `json:"watched"`
	WatchedBy          string         `json:"watched_by,omitempty"` // the entry that speaks for it
	Group              string         `json:"group,omitempty"`
	Up                 int            `json:"sessions_up"`
	Lost               int            `json:"sessions_lost"`
	HeldBy             int            `json:"full_feed_peers_up"` // distinct peer ASNs
	Of                 int            `json:"full_feed_peers"`
	Low                bool           `json:"low"` // as many sessions have withdrawn it as hold it, of ten or more
	Visible            []OriginSight  `json:"origin_visibility"`
}

// OriginSight is how many prefixes of an expected origin as many sessions have
// withdrawn as still hold them.
type OriginSight struct {
	ASN      route.ASN  `json:"asn"`
	Low      int        `json:"low"`
	Prefixes int        `json:"prefixes"` // first announced with this origin
	Least    int        `json:"need_low"` // and most of all
	Since    route.Time `json:"since,omitzero"`
	Open     bool       `json:"incident"`
}

// OriginFirst says when an expected origin was first seen in what was read.
type OriginFirst struct {
	ASN   route.ASN  `json:"asn"`
	At    route.Time `json:"at"`
	Table bool       `json:"table"` // a table told of it
}

// Origin is one that peers announce now.
type Origin struct {
	ASN      route.ASN `json:"asn"` // 0 unknown
	Peers    int       `json:"peers"`
	Expected bool      `json:"expected"`
	RPKI     string    `json:"rpki,omitempty"` // RFC 6811: valid, invalid-origin, invalid-length, not-found
}

// Baseline is what is normal for the prefix.
type Baseline struct {
	Known     bool        `json:"known"`
	Inherited bool        `json:"inherited"` // from the cover: the prefix is a new part of it
	Transit   []route.ASN `json:"transit"`
	Before    []route.ASN `json:"transit_before,omitempty"` // of the ageing period before, where it differs
	Origins   []route.ASN `json:"origins"`
	OriginsB4 []route.ASN `json:"origins_before,omitempty"`
	Ages      route.Time  `json:"ages,omitzero"`
	Newcomers []Newcomer  `json:"newcomers"`
}

// Newcomer is an AS that the baseline lacks.
type Newcomer struct {
	ASN    route.ASN  `json:"asn"`
	Origin bool       `json:"origin"`
	First  route.Time `json:"first_seen"`
	Normal route.Time `json:"normal_from"`
}

// UnknownError says that nobody has announced a prefix, and what is known near
// it.
type UnknownError struct {
	Prefix route.Prefix
	Cover  route.Prefix   // longest known prefix that holds it; zero for none
	Parts  []route.Prefix // some of the known prefixes in it
	Total  int
}

func (e *UnknownError) Error() string {
	s := fmt.Sprintf("nobody has announced %s", e.Prefix)
	if e.Cover.Family != 0 {
		s += fmt.Sprintf("; %s, which holds it, is known", e.Cover)
	}
	if e.Total > 0 {
		s += fmt.Sprintf("; %d of its parts are known, such as %s", e.Total, e.Parts[0])
	}
	return s
}

const maxParts = 20

// Prefix reports on Config.Prefix; an *UnknownError when nobody has announced it.
func (q *Inquiry) Prefix() (*PrefixReport, error) {
	p := q.cfg.Prefix
	view, ok := q.line.Query(p)
	parts, total := q.line.Within(p, maxParts)
	if !ok {
		cover, _ := q.line.CoverOf(p)
		return nil, &UnknownError{Prefix: p, Cover: cover, Parts: parts, Total: total}
	}
	c := q.line.Correlator()
	state := c.View()
	r := &PrefixReport{
		Version: 1, Prefix: p, At: state.Now, Source: q.cfg.Source, Deployed: q.stored != nil,
		names: q.cfg.Correlate.Outside.Names.Name, maturity: state.Maturity,
		suspicion: q.notes.Suspicions(), claims: q.notes.Claims(),
		Alerts: []*AlertBrief{}, Nearby: []*AlertBrief{},
	}
	r.Known = q.known(view, state)
	r.Known.MoreSpecifics, r.Known.MoreSpecificsTotal = parts, total
	r.Baseline = baselineOf(view)
	r.Routes = q.routes(view)
	r.History, r.Omitted = q.changes()
	r.Suspects = suspectsOf(r.suspicion)
	r.Origins = claimsOf(r.claims)
	r.Coverage = q.coverage(state)
	q.watch(r)
	q.tellAlerts(r)
	r.Answer = q.answer(r, state)
	return r, nil
}

func (q *Inquiry) known(v *processor.PrefixView, state *correlate.State) Known {
	c := q.line.Correlator()
	var first []OriginFirst
	for _, asn := range union(v.Base.Origins, v.Old.Origins) {
		if o, ok := q.history.origins[asn]; ok {
			first = append(first, o)
		}
	}
	k := Known{
		First: first,
		Cover: v.Cover, Expected: append([]route.ASN{}, union(v.Base.Origins, v.Old.Origins)...), Up: v.Up, Lost: v.Lost,
		Announced: []Origin{},
	}
	family := familyIndex(v.Prefix.Family)
	votes := make(map[route.Peer]bool, len(state.Sessions))
	for i := range state.Sessions {
		votes[state.Sessions[i].Peer] = state.Sessions[i].Votes[family]
	}
	var holders []route.ASN
	seen := map[route.ASN][]route.ASN{} // origin to peer ASNs
	for i := range v.Routes {
		r := &v.Routes[i]
		if !r.Up {
			continue
		}
		peer := r.Session.ASN
		if votes[r.Session.Peer] {
			holders = insert(holders, peer)
		}
		origin := peer
		if n := len(r.Path); n > 0 {
			origin = r.Path[n-1]
		}
		seen[origin] = insert(seen[origin], peer)
	}
	k.HeldBy, k.Of = len(holders), state.Voters[family]
	for asn, peers := range seen {
		validity, any := c.Validate(v.Prefix, asn, state.Now)
		o := Origin{ASN: asn, Peers: len(peers), Expected: slices.Contains(k.Expected, asn)}
		if k.RPKIKnown = any; any {
			o.RPKI = validity.String()
		}
		k.Announced = append(k.Announced, o)
	}
	slices.SortFunc(k.Announced, func(a, b Origin) int {
		if a.Peers != b.Peers {
			return b.Peers - a.Peers
		}
		return int(int64(a.ASN) - int64(b.ASN))
	})
	k.setWatched(c.ViewPrefix(v.Prefix, k.Expected))
	return k
}

func (k *Known) setWatched(s correlate.PrefixState) {
	k.Beacon, k.Low, k.Visible = s.Beacon, s.Low, []OriginSight{}
	for _, o := range s.Origins {
		k.Visible = append(k.Visible, OriginSight{
			ASN: o.ASN, Low: o.Low, Prefixes: o.Prefixes, Least: o.Least, Since: o.Since, Open: o.Open,
		})
	}
	switch {
	case s.Watched != nil:
		k.Watched, k.Group = true, s.Watched.Group
		k.WatchedBy = fmt.Sprintf("%s, line %d of the watch file", s.Watched.Prefix, s.Watched.Line)
		if len(s.Watched.Origins) > 0 {
			k.WatchedBy += ", expected from " + asList(s.Watched.Origins)
		}
	case len(s.ByASN) > 0:
		k.Watched, k.WatchedBy = true, asList(s.ByASN)+" in the watch file"
	}
}

func baselineOf(v *processor.PrefixView) Baseline {
	b := Baseline{
		Known: v.Base.Known, Inherited: v.Inherited, Transit: []route.ASN{}, Origins: []route.ASN{}, Newcomers: []Newcomer{},
	}
	if v.Base.Known {
		b.Transit, b.Origins = v.Base.ASNs, v.Base.Origins
	}
	if v.Old.Known && (!slices.Equal(v.Old.ASNs, v.Base.ASNs) || !slices.Equal(v.Old.Origins, v.Base.Origins)) {
		b.Before, b.OriginsB4 = v.Old.ASNs, v.Old.Origins
	}
	if v.Base.Known {
		b.Ages = v.Ages
	}
	for _, n := range v.Newcomers {
		b.Newcomers = append(b.Newcomers, Newcomer{ASN: n.ASN, Origin: n.Origin, First: n.First, Normal: n.Normal})
	}
	return b
}

func familyIndex(f route.Family) int {
	if f == route.IPv6 {
		return 1
	}
	return 0
}

// union returns the ASNs of both, ascending.
func union(a, b []route.ASN) []route.ASN {
	out := slices.Clone(a)
	for _, asn := range b {
		out = insert(out, asn)
	}
	return out
}

// insert puts asn into an ascending list unless it is there.
func insert(list []route.ASN, asn route.ASN) []route.ASN {
	i, ok := slices.BinarySearch(list, asn)
	if ok {
		return list
	}
	return slices.Insert(list, i, asn)
}

// AlertBrief is an alert in short.
type AlertBrief struct {
	ID       string            `json:"id"`
	Scope    alert.Scope       `json:"scope"`
	Kind     alert.Kind        `json:"kind"`
	Suspect  route.ASN         `json:"suspect_asn,omitempty"`
	Prefix   route.Prefix      `json:"prefix,omitzero"`
	Incident string            `json:"incident,omitempty"`
	Status   alert.Status      `json:"status"`
	Opened   route.Time        `json:"opened"`
	Closed   route.Time        `json:"closed,omitzero"`
	Reason   alert.CloseReason `json:"close_reason,omitempty"`
	Rule     string            `json:"rule"`
	Prefixes uint32            `json:"prefixes"`
	Messages int               `json:"messages"`
	Summary  string            `json:"summary"`
}

func brief(t *thread) *AlertBrief {
	a := t.last
	return &AlertBrief{
		ID: a.ID, Scope: a.Scope, Kind: a.Kind, Suspect: a.Suspect, Prefix: a.Prefix, Incident: a.Incident,
		Status: a.Status, Opened: a.Opened, Closed: a.Closed, Reason: a.CloseReason, Rule: a.Rule,
		Prefixes: a.Counts.Prefixes, Messages: t.messages, Summary: a.Summary,
	}
}
