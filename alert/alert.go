package alert

import "detour/route"

// Alert is what was judged and has a life: an incident, or one prefix that
// somebody watches. Every message holds the whole alert; a later Revision
// replaces an earlier one of the same ID. Slices belong to whoever filled it.
type Alert struct {
	Version  int      `json:"version"`
	ID       string   `json:"id"`       // NewID
	Revision uint32   `json:"revision"` // from 1, grows by 1 with each message
	Scope    Scope    `json:"scope"`
	Kind     Kind     `json:"kind"`
	LeakType LeakType `json:"leak_type,omitempty"`
	Severity Severity `json:"severity"`
	Status   Status   `json:"status"`

	Suspect         route.ASN    `json:"suspect_asn,omitempty"` // leaker or hijacker; absent for loss
	Segment         *Segment     `json:"segment,omitempty"`
	Prefix          route.Prefix `json:"prefix,omitzero"`           // prefix alerts
	ExpectedOrigin  route.ASN    `json:"expected_origin,omitempty"` // whose prefix it is
	AnnouncedOrigin route.ASN    `json:"announced_origin,omitempty"`
	Incident        string       `json:"incident,omitempty"` // id of the incident, on prefix alerts

	// All in engine time.
	Opened        route.Time  `json:"opened"`
	Updated       route.Time  `json:"updated"`
	Closed        route.Time  `json:"closed,omitzero"`
	CloseReason   CloseReason `json:"close_reason,omitempty"`
	FirstEvidence route.Time  `json:"first_evidence"`

	Counts     Counts     `json:"counts"`
	Rule       string     `json:"rule"`
	Confidence uint8      `json:"confidence"` // 0–10
	Evidence   []Evidence `json:"evidence,omitempty"`
	Carried    *Carried   `json:"still_carried,omitempty"` // who holds bad routes right now; incidents only
	TopOrigins []Origin   `json:"top_origins,omitempty"`
	Samples    []Sample   `json:"samples,omitempty"`
	Coverage   Coverage   `json:"coverage"`
	Summary    string     `json:"summary"`          // one sentence for people
	Timing     *Timing    `json:"timing,omitempty"` // live only
}

// Segment is the triplet around a leaker, read from the peer towards the
// origin. Zero is unknown.
type Segment struct {
	ExportedTo  route.ASN `json:"exported_to,omitempty"`
	Leaker      route.ASN `json:"leaker"`
	LearnedFrom route.ASN `json:"learned_from,omitempty"`
}

// Counts are totals since the alert opened. Peers are distinct full-feed peer
// ASNs, PeersTotal how many of those there are in that family.
type Counts struct {
	Prefixes      uint32 `json:"prefixes"`
	Origins       uint32 `json:"origins"`
	Peers         uint32 `json:"peers"`
	PeersTotal    uint32 `json:"peers_total"`
	Sessions      uint32 `json:"sessions"`
	MoreSpecifics uint32 `json:"more_specifics"`
	Updates       uint64 `json:"updates"`
}

// Carried says who holds bad routes (of a loss: who lacks them) at the time of
// the message: how many prefixes are left, at how many peer ASNs, and the ASNs
// with most routes first.
type Carried struct {
	Prefixes uint32      `json:"prefixes"`
	Peers    uint32      `json:"peers"`
	ASNs     []route.ASN `json:"asns,omitempty"`
}

// Evidence is one reason for or (with a negative Weight) against the alert.
type Evidence struct {
	Tag    string `json:"tag"`
	Weight int8   `json:"weight"`
	Detail string `json:"detail,omitempty"`
}

// Origin is one of the origins hit hardest.
type Origin struct {
	ASN      route.ASN `json:"asn"`
	Name     string    `json:"name,omitempty"`
	Prefixes uint32    `json:"prefixes"`
}

// Sample shows one route before and after.
type Sample struct {
	Prefix route.Prefix `json:"prefix"`
	Peer   Peer         `json:"peer"`
	Before Path         `json:"before,omitempty"`
	After  Path         `json:"after,omitempty"` // absent when the route was withdrawn
}

// Coverage says how far the alert can be trusted, and why not further.
type Coverage struct {
	State   CoverageState `json:"state"`
	Reasons []string      `json:"reasons,omitempty"`
}

// Timing holds the wall clocks along the way of the update that opened the
// alert; live only, since a replay must not depend on them. Zero is unknown.
type Timing struct {
	Received   route.Time `json:"received,omitzero"`
	Published  route.Time `json:"published,omitzero"`
	Applied    route.Time `json:"applied,omitzero"`
	Correlated route.Time `json:"correlated,omitzero"`
	Emitted    route.Time `json:"emitted,omitzero"`
}
