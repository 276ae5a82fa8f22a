package explain

import (
	"detour/processor/correlate"
	"detour/route"
)

// Suspect is a network that was fresh on a path of the prefix.
type Suspect struct {
	ASN       route.ASN   `json:"asn"`
	Unit      string      `json:"unit"`
	First     route.Time  `json:"first"` // on a path of the prefix
	Last      route.Time  `json:"last"`
	Changes   int         `json:"changes"` // of the prefix that showed it fresh
	Contrast  int         `json:"with_contrast"`
	Flips     int         `json:"flips"`
	Valleys   int         `json:"valleys"`
	Peers     []route.ASN `json:"peers"`
	Origin    route.ASN   `json:"origin"`
	Hop       Hop         `json:"first_seen"`
	Asked     int         `json:"evaluations"` // of the rules, by any prefix, since First
	Closest   *Evaluation `json:"closest,omitempty"`
	Latest    *Evaluation `json:"latest,omitempty"`
	Settled   bool        `json:"explained"` // by an incident of another network
	SettledBy string      `json:"explained_by,omitempty"`
	SettledAt route.Time  `json:"explained_at,omitzero"`
}

// Evaluation is one time that the rules were asked.
type Evaluation struct {
	At      route.Time `json:"at"`
	Skipped string     `json:"skipped,omitempty"` // why the rules had no say
	Numbers *Numbers   `json:"numbers"`
	Rules   []Rule     `json:"rules"`
}

func evaluationOf(v *correlate.Evaluation) *Evaluation {
	if v == nil {
		return nil
	}
	return &Evaluation{At: v.At, Skipped: v.Skipped, Numbers: numbersOf(&v.Inputs), Rules: rulesOf(v.Verdicts)}
}

func suspectsOf(list []*correlate.Suspicion) []Suspect {
	out := make([]Suspect, 0, len(list))
	for _, s := range list {
		out = append(out, Suspect{
			ASN: s.ASN, Unit: unitOf(s.ByEdge), First: s.First, Last: s.Last, Changes: s.Changes, Contrast: s.Contrast,
			Flips: s.Flips, Valleys: s.Valleys, Peers: s.Peers, Origin: s.Origin, Hop: hopOf(s.Hop), Asked: s.Asked,
			Closest: evaluationOf(s.Closest), Latest: evaluationOf(s.Latest),
			Settled: s.SettledAt != 0, SettledBy: s.Settled, SettledAt: s.SettledAt,
		})
	}
	return out
}

// Claim is a network that announced the prefix though it was not expected to.
type Claim struct {
	ASN      route.ASN        `json:"asn"`
	Expected []route.ASN      `json:"expected"`
	First    route.Time       `json:"first"`
	Last     route.Time       `json:"last"`
	Changes  int              `json:"changes"`
	Peers    []route.ASN      `json:"peers"`
	RPKI     string           `json:"rpki"`
	Related  bool             `json:"related"`
	Shared   bool             `json:"shared_upstream"`
	Unjudged []Reason         `json:"not_judged,omitempty"`
	Asked    int              `json:"evaluations"`
	Closest  *ClaimEvaluation `json:"closest,omitempty"`
	Latest   *ClaimEvaluation `json:"latest,omitempty"`
	Incident string           `json:"incident,omitempty"`
}

// ClaimEvaluation is one time that the rules for changes of origin were asked.
type ClaimEvaluation struct {
	At      route.Time    `json:"at"`
	Numbers *ClaimNumbers `json:"numbers"`
	Rules   []Rule        `json:"rules"`
}

// ClaimNumbers are what these rules look at, over two half-windows.
type ClaimNumbers struct {
	Peers         int  `json:"peers"`
	Prefixes      int  `json:"prefixes"`
	Unshared      int  `json:"prefixes_without_shared_upstream"`
	Victims       int  `json:"victims"`
	InvalidPeers  int  `json:"peers_with_invalid"`
	Facts         int  `json:"facts"`
	MoreSpecifics int  `json:"more_specifics"`
	Announcing    int  `json:"peers_of_watched_prefix"`
	Watched       bool `json:"watched"`
	NewlyInvalid  bool `json:"rpki_invalid_origin"`
	Mature        bool `json:"mature"`
	Related       bool `json:"related"`
	Shared        bool `json:"shared_upstream"`
}

func claimNumbers(in *correlate.ClaimInputs) *ClaimNumbers {
	return &ClaimNumbers{
		Peers: in.Peers, Prefixes: in.Prefixes, Unshared: in.Unshared, Victims: in.Victims, InvalidPeers: in.InvalidPeers,
		Facts: in.Facts, MoreSpecifics: in.MoreSpecifics, Announcing: in.Announcing, Watched: in.Watched,
		NewlyInvalid: in.NewlyInvalid, Mature: in.Mature, Related: in.Related, Shared: in.Shared,
	}
}

func claimEvaluation(v *correlate.ClaimEvaluation) *ClaimEvaluation {
	if v == nil {
		return nil
	}
	return &ClaimEvaluation{At: v.At, Numbers: claimNumbers(&v.Inputs), Rules: rulesOf(v.Verdicts)}
}

// Reason counts why something was not judged.
type Reason struct {
	Why  string     `json:"why"`
	N    int        `json:"times"`
	Last route.Time `json:"last"`
}

func reasonsOf(list []correlate.Tally) (out []Reason) {
	for _, t := range list {
		out = append(out, Reason{Why: t.Why, N: t.N, Last: t.Last})
	}
	return out
}

func claimsOf(list []*correlate.ClaimNote) []Claim {
	out := make([]Claim, 0, len(list))
	for _, n := range list {
		out = append(out, Claim{
			ASN: n.ASN, Expected: n.Expected, First: n.First, Last: n.Last, Changes: n.Changes, Peers: n.Peers,
			RPKI: n.Validity.String(), Related: n.Related, Shared: n.Shared, Unjudged: reasonsOf(n.Unjudged), Asked: n.Asked,
			Closest: claimEvaluation(n.Closest), Latest: claimEvaluation(n.Latest), Incident: n.Incident,
		})
	}
	return out
}
