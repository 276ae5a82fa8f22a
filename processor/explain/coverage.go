package explain

import (
	"fmt"

	"detour/alert"
	"detour/processor/correlate"
	"detour/route"
)

// Coverage says how far silence can be trusted.
type Coverage struct {
	State      alert.CoverageState `json:"state"`
	Reasons    []string            `json:"reasons,omitempty"`
	Mature     bool                `json:"mature"` // the routes from before are known
	MatureAt   route.Time          `json:"mature_at,omitzero"`
	MatureWhy  string              `json:"mature_why"`
	Known4     int                 `json:"ipv4_prefixes"`
	Known6     int                 `json:"ipv6_prefixes"`
	Common4    int                 `json:"ipv4_prefixes_common"` // held by at least three sessions
	Common6    int                 `json:"ipv6_prefixes_common"`
	Origins    bool                `json:"origin_changes_judged"`
	OriginsAt  route.Time          `json:"origin_changes_judged_from,omitzero"`
	NoiseReady bool                `json:"noise_known"`
	Noise      int                 `json:"noise"`
	FirstSeen  route.Time          `json:"log_begins,omitzero"`
	Cut        bool                `json:"log_cut"` // its beginning is gone by age
	Gaps       uint64              `json:"gaps"`
	LastGap    route.Time          `json:"last_gap,omitzero"`
	Sessions   []Session           `json:"sessions"`
}

// Session is one vantage point.
type Session struct {
	Peer     alert.Peer `json:"peer"`
	Up       bool       `json:"up"`
	FullFeed bool       `json:"full_feed"` // of the prefix's family
	Learning bool       `json:"learning"`
	From     route.Time `json:"from,omitzero"`
	Learned  route.Time `json:"learned,omitzero"` // when it stopped to learn, or must at the latest
	Primed   bool       `json:"primed"`
	Routes   int        `json:"routes"` // of the prefix's family
}

func (q *Inquiry) coverage(s *correlate.State) Coverage {
	c := Coverage{
		State: s.Coverage.State, Reasons: s.Coverage.Reasons, Mature: s.Mature, MatureAt: s.MatureAt,
		MatureWhy: maturityWords(s), Known4: s.Known[0], Known6: s.Known[1], Common4: s.Common[0], Common6: s.Common[1],
		Origins: s.Origins, OriginsAt: s.OriginsAt, NoiseReady: s.NoiseReady, Noise: s.Noise, FirstSeen: q.first, Cut: q.cut,
		Gaps: s.Gaps, LastGap: s.GapAt,
	}
	family := familyIndex(q.cfg.Prefix.Family)
	for _, x := range s.Sessions {
		c.Sessions = append(c.Sessions, Session{
			Peer: alert.Peer{Collector: x.Peer.Collector, Address: x.Peer.Addr, ASN: x.Peer.ASN},
			Up:   x.Up, FullFeed: x.Votes[family], Learning: x.Learning, From: x.From, Learned: x.Until, Primed: x.Primed,
			Routes: x.Routes[family],
		})
	}
	return c
}

// maturityWords says why the routes from before are taken for known, or not.
func maturityWords(s *correlate.State) string {
	switch {
	case s.Maturity == correlate.MatureYes:
		return "by --mature yes"
	case s.Maturity == correlate.MatureNo:
		return "by --mature no"
	case s.Mature:
		return "a full table was given or built up by " + clock(s.MatureAt)
	}
	return fmt.Sprintf("no full table was seen: of %d IPv4 prefixes %d are held by three sessions (a full table has %d), "+
		"of %d IPv6 prefixes %d (%d)", s.Known[0], s.Common[0], s.FullTable[0], s.Known[1], s.Common[1], s.FullTable[1])
}

// clock writes a time for people, to the second.
func clock(t route.Time) string {
	if t == 0 {
		return "-"
	}
	return t.Std().Format("2006-01-02 15:04:05")
}

// WatchRule is what the rule for watched prefixes made of the prefix.
type WatchRule struct {
	Changes   int        `json:"changes"`
	Qualified int        `json:"qualified"`
	Not       []Reason   `json:"not_qualified,omitempty"`
	Quorum    int        `json:"quorum"`
	Asked     int        `json:"evaluations"`
	Most      *Agreement `json:"closest,omitempty"`
}

// Agreement is how many peers agreed on one network.
type Agreement struct {
	At       route.Time `json:"at"`
	ASN      route.ASN  `json:"asn"`
	Peers    int        `json:"peers"`
	Need     int        `json:"need"`
	Incident string     `json:"incident,omitempty"` // an open incident told of it instead
}

// Visibility is how many full-feed peers held the watched prefix for more than
// an hour, and how many of those withdrew it.
type Visibility struct {
	Asked   int      `json:"evaluations"`
	Worst   Standing `json:"worst"`
	Latest  Standing `json:"latest"`
	Peers   int      `json:"need_peers"`
	Percent int      `json:"need_percent"`
	Dwell   string   `json:"need_for"`
}

// Standing is one count.
type Standing struct {
	At   route.Time `json:"at"`
	Held int        `json:"held"`
	Lost int        `json:"lost"`
}

// watch fills in what the rules of watched prefixes said.
func (q *Inquiry) watch(r *PrefixReport) {
	if !r.Known.Watched {
		return
	}
	state := q.line.Correlator().View()
	w := q.notes.Watch()
	r.Watch = &WatchRule{
		Changes: w.Changes, Qualified: w.Qualified, Not: reasonsOf(w.Not), Asked: w.Asked,
		Quorum: state.Quorum[familyIndex(r.Prefix.Family)],
	}
	if w.Asked > 0 {
		a := w.Closest
		r.Watch.Most = &Agreement{At: a.At, ASN: a.ASN, Peers: a.Peers, Need: a.Need, Incident: a.Incident}
	}
	l, rule := q.notes.Loss(), q.line.Correlator().LossRule()
	r.Loss = &Visibility{
		Asked: l.Asked, Worst: Standing(l.Worst), Latest: Standing(l.Latest), Peers: rule.Peers, Percent: rule.Percent,
		Dwell: rule.Dwell.Std().Sub(route.Time(0).Std()).String(),
	}
}
