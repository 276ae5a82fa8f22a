package correlate

import (
	"slices"

	"detour/alert"
	"detour/processor/flat"
	"detour/processor/reference"
	"detour/route"
	"detour/wire"
)

// originRules are the thresholds of DETECTION §5.
const (
	hijackPeers    = 3
	hijackPrefixes = 5
	hijackVictims  = 3
	invalidPeers   = 10 // for one prefix that is newly invalid
	transferRoutes = 300
)

// claimant gathers the facts about an AS that announces prefixes of others.
type claimant struct {
	as        asID
	half      int64
	prefixes  spread // all
	unshared  spread // whose usual origin has no neighbour in common with it
	victims   spread
	peers     spread
	invalid   spread // peers that show a newly invalid, unrelated route
	n, ms     [2]int // facts in this half-window and the one before; on new more-specifics
	firstSeen route.Time
}

func (k *claimant) roll(half int64) {
	if half <= k.half {
		return
	}
	next := half == k.half+1
	k.half = half
	for _, s := range []*spread{&k.prefixes, &k.unshared, &k.victims, &k.peers, &k.invalid} {
		s.roll(next)
	}
	k.n[1], k.ms[1] = 0, 0
	if next {
		k.n[1], k.ms[1] = k.n[0], k.ms[0]
	} else {
		k.firstSeen = 0
	}
	k.n[0], k.ms[0] = 0, 0
}

// origins holds what is gathered towards hijack incidents.
type origins struct {
	windows   windows
	claimants map[asID]*claimant
	order     []asID                   // of arrival
	behind    flat.Table[uint64, bool] // (AS, origin): what knowledge.behind said in this half-window
}

// claim is what one changed route says of its origin.
type claim struct {
	by       asID
	prefix   prefixID
	expected []route.ASN
	watched  bool // somebody watches the prefix
	shared   bool // its upstream is known beside the usual origin: often a migration
	related  bool
	validity reference.Validity
	upstream asID
}

// originChange judges a route whose origin is none of the expected ones, and
// reports whether it came into an incident.
func (c *Correlator) originChange(it *item, t route.Time) bool {
	c.rollOrigins(t)
	cl, ok := c.claimOf(it, t)
	c.explain.claim(c, it, &cl, ok, t)
	if !ok {
		return false
	}
	if p := c.openClaims(cl.by); p != nil {
		c.joinClaim(p, it, &cl, t)
		return true
	}
	if c.consequential(it, &cl) || cl.related && !cl.watched {
		return false
	}
	k := c.claimant(&cl)
	c.noteClaim(k, it, &cl, t)
	c.explain.claimant(c, k, it, &cl)
	if rule := c.hijack(k, it, &cl); rule != "" {
		c.openHijack(k, it, &cl, rule, t)
		return true
	}
	c.recentClaim(it, &cl, t)
	return false
}

// claimOf describes the claim that it makes; false where there is none to be
// judged.
func (c *Correlator) claimOf(it *item, t route.Time) (claim, bool) {
	path := c.paths.get(it.Next)
	n := len(path)
	if n == 0 || path[n-1] == 0 || it.Prefix.Bits < 8 {
		return claim{}, false
	}
	told := it.Flags&wire.RecordOriginNew != 0 // else only a watch file can say that the origin is wrong
	s := &c.sessions.list[it.Peer]
	if it.Flags&wire.RecordMoreSpecific != 0 && (s.learning(t) || s.raised > transferRoutes) {
		return claim{}, false // a table transfer
	}
	cl := claim{by: path[n-1], expected: it.Origins}
	if n >= 2 {
		cl.upstream = path[n-2]
	} else {
		cl.upstream = c.known.as.find(s.vantage(it.Flags))
	}
	by := c.known.as.asn(cl.by)
	cl.validity = c.validate(it.Prefix, by, t)
	if cl.validity == reference.Valid {
		return claim{}, false
	}
	if w := c.outside.Watch.Match(it.Prefix); w != nil {
		cl.watched = true
		if len(w.Origins) > 0 {
			if slices.Contains(w.Origins, by) {
				return claim{}, false
			}
			cl.expected, told = w.Origins, true
		}
	}
	if !told || len(cl.expected) == 0 {
		return claim{}, false
	}
	for _, o := range cl.expected {
		if o == by {
			return claim{}, false
		}
		cl.watched = cl.watched || c.outside.Watch.ASN(o) != nil
		id := c.known.as.find(o)
		cl.related = cl.related || c.related(cl.by, id, path)
		cl.shared = cl.shared || cl.upstream != 0 && id != 0 &&
			(c.known.edgeOld(cl.upstream, id) || c.known.edgeOld(id, cl.upstream))
	}
	cl.shared = cl.shared || replacesOrigin(path, c.paths.get(it.Prev))
	cl.prefix = c.usePrefix(it.Prefix, t)
	return cl, cl.prefix != 0 && (t >= c.learnUntil || cl.watched)
}

// replacesOrigin reports whether a path is the one before but for its origin: a
// network with a new number.
func replacesOrigin(path, prev []asID) bool {
	return len(path) > 1 && len(path) == len(prev) && slices.Equal(path[:len(path)-1], prev[:len(prev)-1])
}

// related reports whether o may announce prefixes of old: as its customer, its
// provider, or a part of the same organisation.
func (c *Correlator) related(o, old asID, path []asID) bool {
	if old == 0 {
		return false
	}
	if slices.Contains(path, old) || c.isBehind(o, old) || c.known.edgeOld(o, old) || c.known.edgeOld(old, o) {
		return true
	}
	a, b := c.known.as.asn(o), c.known.as.asn(old)
	return c.outside.Names.SameOrg(a, b) || c.outside.Lists.Scrubber(a) ||
		c.outside.Relationships.Of(a, b) != reference.Unknown
}

// isBehind asks knowledge.behind, which may look at many neighbours, once in a
// half-window: a hijack brings the same two a thousand times.
func (c *Correlator) isBehind(o, old asID) bool {
	table := &c.origins.behind
	key := pack(o, old)
	if is := table.Get(key); is != nil {
		return *is
	}
	is := c.known.behind(o, old)
	if table.Len() < c.cfg.Limits.Windows {
		v, _ := table.Put(key)
		*v = is
	}
	return is
}

// validate asks the VRPs that hold at t.
func (c *Correlator) validate(p route.Prefix, origin route.ASN, t route.Time) reference.Validity {
	return c.vrpsAt(t).Validate(p, origin)
}

// rollOrigins moves the windows to t.
func (c *Correlator) rollOrigins(t route.Time) {
	half := int64(t / c.cfg.OriginWindow)
	if c.origins.windows.roll(half) {
		c.sweepClaimants(half)
		c.origins.behind.Clear()
		c.claims.expire(t - 2*c.cfg.OriginWindow)
	}
}

func (c *Correlator) claimant(cl *claim) *claimant {
	o := &c.origins
	k := o.claimants[cl.by]
	if k == nil {
		k = &claimant{as: cl.by, half: o.windows.half}
		o.claimants[cl.by] = k
		o.order = append(o.order, cl.by)
	}
	k.roll(o.windows.half)
	return k
}

func (c *Correlator) sweepClaimants(half int64) {
	keep := c.origins.order[:0]
	for _, as := range c.origins.order {
		if k := c.origins.claimants[as]; k.half+1 < half {
			delete(c.origins.claimants, as)
			continue
		}
		keep = append(keep, as)
	}
	c.origins.order = keep
}

func (c *Correlator) noteClaim(k *claimant, it *item, cl *claim, t route.Time) {
	w := &c.origins.windows
	if k.firstSeen == 0 {
		k.firstSeen = t
	}
	k.n[0]++
	if it.Flags&wire.RecordMoreSpecific != 0 {
		k.ms[0]++
	}
	peer := c.known.id(c.sessions.list[it.Peer].peer.ASN)
	w.meet(&k.prefixes, meetKey(metPrefix, k.as, cl.prefix))
	w.meet(&k.peers, meetKey(metPeer, k.as, peer))
	for _, o := range cl.expected {
		w.meet(&k.victims, meetKey(metVictim, k.as, c.known.id(o)))
	}
	if !cl.shared {
		w.meet(&k.unshared, meetKey(metUnshared, k.as, cl.prefix))
	}
	if cl.newlyInvalid() && !cl.related && !cl.shared {
		w.meet(&k.invalid, meetKey(metInvalid, k.as, peer))
	}
}

// newlyInvalid reports whether the RPKI forbids this origin. What was so from
// the start would be an expected origin by now.
func (cl *claim) newlyInvalid() bool { return cl.validity == reference.InvalidOrigin }

// hijack returns the rule by which k hijacks, or nothing.
func (c *Correlator) hijack(k *claimant, it *item, cl *claim) string {
	switch peers := k.peers.n(); {
	case peers < hijackPeers:
	case cl.watched && c.announcing(it.Prefix, k.as) >= hijackPeers:
		return "watched-origin"
	case !c.mature && !cl.newlyInvalid():
	case k.unshared.n() >= hijackPrefixes:
		return "origin-prefixes"
	case k.victims.n() >= hijackVictims && k.prefixes.n() >= hijackPrefixes:
		return "origin-victims"
	case k.invalid.n() >= invalidPeers:
		return "rpki-invalid-origin"
	}
	return ""
}

// openClaims returns the open hijack incident of an AS, or nil.
func (c *Correlator) openClaims(as asID) *incident {
	for _, kind := range []alert.Kind{alert.KindHijack, alert.KindSubprefixHijack} {
		if p := c.incidents.find(incidentKey{kind, as}); p != nil && p.open {
			return p
		}
	}
	return nil
}
