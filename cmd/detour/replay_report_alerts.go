package main

import (
	"maps"

	"detour/alert"
	"detour/processor/correlate"
	"detour/route"
)

// reportAlerts counts incidents and alerts of prefixes together, then each.
type reportAlerts struct {
	Messages  uint64            `json:"messages"`
	ByKind    map[string]uint64 `json:"by_kind"`
	Firing    uint64            `json:"firing_at_end"`
	Networks  uint64            `json:"networks_told"` // origins that had alerts of prefixes
	Lost      uint64            `json:"lost"`          // messages that the stream discarded unread
	Incidents reportScope       `json:"incidents"`
	Prefixes  reportScope       `json:"prefixes"`
	List      []reportIncident  `json:"incident_list"`
}

type reportScope struct {
	Messages uint64            `json:"messages"`
	ByKind   map[string]uint64 `json:"by_kind"`
	Firing   uint64            `json:"firing_at_end"`
}

// reportIncident is an incident as its last message had it.
type reportIncident struct {
	ID       string         `json:"id"`
	Kind     alert.Kind     `json:"kind"`
	Severity alert.Severity `json:"severity"`
	Status   alert.Status   `json:"status"`
	Suspect  route.ASN      `json:"suspect_asn,omitempty"`
	Expected route.ASN      `json:"expected_origin,omitempty"`
	Opened   route.Time     `json:"opened"`
	Closed   route.Time     `json:"closed,omitzero"`
	Rule     string         `json:"rule"`
	Messages uint32         `json:"messages"`
	Counts   alert.Counts   `json:"counts"`
	Summary  string         `json:"summary"`
}

// reportJudge is the correlator at the end.
type reportJudge struct {
	Mature     bool   `json:"mature"`
	ASes       int    `json:"ases"`
	Transits   int    `json:"transits"`
	Pairs      int    `json:"pairs"`
	Edges      int    `json:"edges"`
	Triples    int    `json:"triples"`
	Fresh      int    `json:"fresh_pairs"`
	Sessions   int    `json:"sessions"`
	Noise      int    `json:"noise"`
	NearMisses uint64 `json:"near_misses"`
	Migrations uint64 `json:"asn_migrations"`
	HeldBack   uint64 `json:"held_back"`
	Refused    uint64 `json:"refused"`
}

func alertsReport(t *alertTally, lost uint64) reportAlerts {
	r := reportAlerts{
		Messages: t.incidents.messages + t.prefixes.messages, ByKind: maps.Clone(t.incidents.byKind),
		Firing:    uint64(len(t.incidents.firing) + len(t.prefixes.firing)),
		Networks:  uint64(len(t.networks)),
		Lost:      lost,
		Incidents: t.incidents.report(), Prefixes: t.prefixes.report(),
		List: []reportIncident{},
	}
	for kind, n := range t.prefixes.byKind {
		r.ByKind[kind] += n
	}
	for _, a := range t.list {
		r.List = append(r.List, reportIncident{
			ID: a.ID, Kind: a.Kind, Severity: a.Severity, Status: a.Status, Suspect: a.Suspect, Expected: a.ExpectedOrigin,
			Opened: a.Opened, Closed: a.Closed, Rule: a.Rule, Messages: a.Revision, Counts: a.Counts, Summary: a.Summary,
		})
	}
	return r
}

func (c *alertCount) report() reportScope {
	return reportScope{Messages: c.messages, ByKind: c.byKind, Firing: uint64(len(c.firing))}
}

func judgeReport(s *correlate.Stats) reportJudge {
	return reportJudge{
		Mature: s.Mature, ASes: s.ASNs, Transits: s.Transits, Pairs: s.Pairs, Edges: s.Edges, Triples: s.Triples,
		Fresh: s.Fresh, Sessions: s.Sessions, Noise: s.Noise, NearMisses: s.NearMisses, Migrations: s.Migrations,
		HeldBack: s.HeldBack, Refused: s.Refused.Degraded(),
	}
}
