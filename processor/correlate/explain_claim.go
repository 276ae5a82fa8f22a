package correlate

import (
	"slices"

	"detour/processor/reference"
	"detour/route"
	"detour/wire"
)

// ClaimNote is an AS that announced the prefix although it was not expected to.
type ClaimNote struct {
	ASN         route.ASN // 0: the origin could not be told
	Expected    []route.ASN
	First, Last route.Time
	Changes     int
	Peers       []route.ASN // by first sight
	Watched     bool
	Related     bool // to an expected origin: neighbour, customer, same organisation, scrubber
	Shared      bool // its upstream is known beside an expected origin
	Validity    reference.Validity
	Unjudged    []Tally // why changes of it were not judged
	Incident    string  // that took one of them in

	Asked   int // how often the rules were asked about it since, by any prefix
	Closest *ClaimEvaluation
	Latest  *ClaimEvaluation
}

// Tally counts one reason.
type Tally struct {
	Why  string
	N    int
	Last route.Time
}

func tallyUp(list []Tally, why string, t route.Time) []Tally {
	for i := range list {
		if list[i].Why == why {
			list[i].N++
			list[i].Last = t
			return list
		}
	}
	if len(list) >= maxSettled {
		return list
	}
	return append(list, Tally{Why: why, N: 1, Last: t})
}

// ClaimInputs are what the rules for changes of origin look at.
type ClaimInputs struct {
	AS                                 route.ASN
	Peers, Prefixes, Unshared, Victims int
	InvalidPeers, Facts, MoreSpecifics int
	Watched, NewlyInvalid, Mature      bool
	Announcing                         int // peers that show the watched prefix as announced by it
	Related, Shared                    bool
}

// ClaimEvaluation is what these rules said at one moment.
type ClaimEvaluation struct {
	At       route.Time
	Inputs   ClaimInputs
	Verdicts []Verdict
}

// claim notes that a route of the prefix has an unexpected origin; ok as claimOf
// returned it.
func (e *Explainer) claim(c *Correlator, it *item, cl *claim, ok bool, t route.Time) {
	if e == nil || !e.of(it) || !ok && it.Flags&wire.RecordOriginNew == 0 {
		return // of a watched prefix every change is looked at
	}
	by := cl.by
	if path := c.paths.get(it.Next); by == 0 && len(path) > 0 {
		by = path[len(path)-1]
	}
	n := e.byClaim[by]
	if n == nil {
		if len(e.claims) >= maxSuspicions {
			return
		}
		n = &ClaimNote{ASN: c.known.as.asn(by), First: t}
		e.byClaim[by] = n
		e.claims = append(e.claims, n)
	}
	n.Last = t
	n.Changes++
	if peer := c.sessions.list[it.Peer].peer.ASN; !slices.Contains(n.Peers, peer) {
		n.Peers = append(n.Peers, peer)
	}
	n.Expected = append(n.Expected[:0], it.Origins...)
	n.Validity = c.validate(it.Prefix, n.ASN, t)
	if !ok {
		n.Unjudged = tallyUp(n.Unjudged, c.whyNoClaim(it, t), t)
		return
	}
	n.Expected = append(n.Expected[:0], cl.expected...)
	n.Watched, n.Related, n.Shared = cl.watched, cl.related, cl.shared
	switch {
	case c.openClaims(cl.by) != nil:
		n.Incident = c.openClaims(cl.by).alert.ID
	case c.followsLoss(it, cl):
		n.Unjudged = tallyUp(n.Unjudged, "the prefix or its expected origin was being lost: what is announced then "+
			"follows from that", t)
	case cl.related && !cl.watched:
		n.Unjudged = tallyUp(n.Unjudged, "related to the expected origin", t)
	}
}

// followsLoss is consequential without its notes.
func (c *Correlator) followsLoss(it *item, cl *claim) bool {
	for _, o := range cl.expected {
		if p := c.incidents.find(c.lossKey(o)); p != nil && p.open {
			return true
		}
	}
	return c.losing(it.Prefix)
}

// whyNoClaim says why claimOf found nothing to judge in it.
func (c *Correlator) whyNoClaim(it *item, t route.Time) string {
	path, s := c.paths.get(it.Next), &c.sessions.list[it.Peer]
	if len(path) == 0 || path[len(path)-1] == 0 {
		return "its origin cannot be told (an AS_SET, or a private or reserved AS)"
	}
	by := c.known.as.asn(path[len(path)-1])
	w := c.outside.Watch.Match(it.Prefix)
	expected := it.Origins
	if w != nil && len(w.Origins) > 0 {
		expected = w.Origins
	}
	switch {
	case it.Prefix.Bits < 8:
		return "shorter than /8"
	case it.Flags&wire.RecordMoreSpecific != 0 && s.learning(t):
		return "a new part of a known prefix, from a session that was still learning: a table transfer"
	case it.Flags&wire.RecordMoreSpecific != 0 && s.raised > transferRoutes:
		return "a new part of a known prefix, from a session that brought many new routes at once: a table transfer"
	case c.validate(it.Prefix, by, t) == reference.Valid:
		return "valid by the RPKI"
	case w != nil && slices.Contains(w.Origins, by):
		return "the watch file expects it"
	case len(expected) == 0:
		return "no origin was expected: nothing was known of the prefix"
	case slices.Contains(expected, by):
		return "it is an expected origin"
	case c.learnUntil == lastTime:
		return "origins were only being learned: nobody had stated the end of a table"
	case t < c.learnUntil:
		return "origins were only being learned until " + clockOf(c.learnUntil)
	case c.prefixes.find(it.Prefix) == 0:
		return "a table was full"
	}
	return ""
}

// claimant notes what the rules say of an AS that has announced the prefix.
func (e *Explainer) claimant(c *Correlator, k *claimant, it *item, cl *claim) {
	if e == nil {
		return
	}
	n := e.byClaim[k.as]
	if n == nil {
		return
	}
	v := c.claimEvaluation(k, it, cl)
	n.Asked++
	n.Latest = v
	if n.Closest == nil || closestOf(v.Verdicts).Short() < closestOf(n.Closest.Verdicts).Short() {
		n.Closest = v
	}
}

// claimEvaluation asks the rules of hijack one by one.
func (c *Correlator) claimEvaluation(k *claimant, it *item, cl *claim) *ClaimEvaluation {
	in := ClaimInputs{
		AS: c.known.as.asn(k.as), Peers: k.peers.n(), Prefixes: k.prefixes.n(), Unshared: k.unshared.n(),
		Victims: k.victims.n(), InvalidPeers: k.invalid.n(), Facts: k.n[0] + k.n[1], MoreSpecifics: k.ms[0] + k.ms[1],
		Watched: cl.watched, NewlyInvalid: cl.newlyInvalid(), Mature: c.mature, Announcing: c.announcing(it.Prefix, k.as),
		Related: cl.related, Shared: cl.shared,
	}
	return &ClaimEvaluation{At: c.now, Inputs: in, Verdicts: claimVerdicts(&in)}
}

// claimVerdicts are the rules of hijack as tests, in its order.
func claimVerdicts(in *ClaimInputs) (list []Verdict) {
	rule := func(name string, tests func(v *verdict)) {
		v := verdict{keep: true}
		v.atLeast("peers", in.Peers, hijackPeers)
		tests(&v)
		list = append(list, Verdict{Rule: name, Holds: v.failed == 0, Failed: v.failed, Tests: v.list})
	}
	known := func(v *verdict) {
		v.holds("every route from before is known, or the RPKI forbids the origin", in.Mature || in.NewlyInvalid)
	}
	rule("watched-origin", func(v *verdict) {
		v.holds("the prefix or its expected origin is watched", in.Watched)
		v.atLeast("peers that show the prefix as announced by it", in.Announcing, hijackPeers)
	})
	rule("origin-prefixes", func(v *verdict) {
		known(v)
		v.atLeast("prefixes whose usual origin has no neighbour in common with it", in.Unshared, hijackPrefixes)
	})
	rule("origin-victims", func(v *verdict) {
		known(v)
		v.atLeast("networks whose prefixes it announces", in.Victims, hijackVictims)
		v.atLeast("prefixes", in.Prefixes, hijackPrefixes)
	})
	rule("rpki-invalid-origin", func(v *verdict) {
		known(v)
		v.atLeast("peers with a route that the RPKI forbids, of an unrelated origin", in.InvalidPeers, invalidPeers)
	})
	return list
}

// Claims returns the unexpected origins of the prefix, by first sight.
func (e *Explainer) Claims() []*ClaimNote { return e.claims }
