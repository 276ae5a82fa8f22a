package correlate

import (
	"slices"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// caseState is where a prefix stands.
type caseState uint8

const (
	watching caseState = iota // too few peers agree so far
	firing                    // an alert fires
	resolved                  // an alert fired within Config.Reopen
)

// prefixCase holds what is known of one prefix with a suspicious route.
type prefixCase struct {
	prefix route.Prefix
	state  caseState
	due    route.Time  // when something happens by itself; a case is always among the timers
	place  int         // among the timers
	routes []caseRoute // by session

	// While firing or resolved.
	alert  alert.Alert // what lasts of it; samples and reasons are made anew each time
	wanted []route.ASN // expected origins
	since  route.Time  // of this firing; the alert may have opened before
	quiet  route.Time  // since when the routes are gone, with isQuiet
	peers  []casePeer  // by ASN
	active int         // peers that have a route through the suspect
	peak   int         // most of them at one time
	gone   int         // routes that were replaced or withdrawn
	lost   int         // routes whose session went down
	closed route.Time
	growth uint8 // most hops beyond the longest path held

	isQuiet bool
}

// caseRoute is a session's suspicious route of the prefix.
type caseRoute struct {
	session    uint32
	at         route.Time // of the evidence
	prev, next pathID
	contrast   uint64 // hops of next that the session's path lacked before
	flags      wire.RecordFlags
	growth     uint8
	up         bool
	voted      bool // counts for its peer ASN
}

type casePeer struct {
	asn route.ASN
	up  int // routes
}

func (k *prefixCase) find(session uint32) (int, bool) {
	return slices.BinarySearchFunc(k.routes, session, func(r caseRoute, s uint32) int {
		return int(int64(r.session) - int64(s))
	})
}

func (k *prefixCase) peer(asn route.ASN) *casePeer {
	i, ok := slices.BinarySearchFunc(k.peers, asn, func(p casePeer, a route.ASN) int {
		return int(int64(p.asn) - int64(a))
	})
	if !ok {
		k.peers = slices.Insert(k.peers, i, casePeer{asn: asn})
	}
	return &k.peers[i]
}

// raise counts a route through the suspect.
func (k *prefixCase) raise(r *caseRoute, asn route.ASN, votes bool) {
	r.up = true
	if r.voted = votes; !votes {
		return
	}
	p := k.peer(asn)
	if p.up++; p.up == 1 {
		k.active++
		k.peak = max(k.peak, k.active)
	}
}

// lower takes a route out of the count. why is k.gone or k.lost.
func (k *prefixCase) lower(r *caseRoute, asn route.ASN, why *int) {
	*why++
	r.up = false
	if !r.voted {
		return
	}
	p := k.peer(asn)
	if p.up--; p.up == 0 {
		k.active--
	}
}

// setDue notes at t whether the routes are gone, and when that or Hold closes
// the alert.
func (c *Correlator) setDue(k *prefixCase, t route.Time) {
	if k.active*goneShare > k.peak {
		k.isQuiet = false
	} else if !k.isQuiet {
		k.isQuiet, k.quiet = true, t
	}
	k.due = k.since + c.cfg.Hold
	if k.isQuiet {
		k.due = min(k.due, k.quiet+c.cfg.Settle)
	}
}

func lessCases(a, b *prefixCase) bool {
	if a.due != b.due {
		return a.due < b.due
	}
	return a.prefix.Less(b.prefix)
}

// newCase starts to watch a prefix; nil at the limit.
func (c *Correlator) newCase(p route.Prefix, t route.Time) *prefixCase {
	if len(c.cases) >= c.cfg.Limits.Cases {
		c.refused.Cases++
		return nil
	}
	k := &prefixCase{}
	if n := len(c.idle); n > 0 {
		k, c.idle = c.idle[n-1], c.idle[:n-1]
	}
	*k = prefixCase{prefix: p, due: t + c.cfg.Window, routes: k.routes[:0], peers: k.peers[:0]}
	c.cases[p] = k
	c.timers.push(k)
	return k
}

// maxIdle bounds how many cases are kept for reuse.
const maxIdle = 1 << 12

func (c *Correlator) endCase(k *prefixCase) {
	c.clear(k)
	delete(c.cases, k.prefix)
	c.timers.remove(k.place)
	if len(c.idle) < maxIdle {
		c.idle = append(c.idle, k)
	}
}

func (c *Correlator) clear(k *prefixCase) {
	c.held -= len(k.routes)
	k.routes = k.routes[:0]
}

func (c *Correlator) drop(k *prefixCase, i int) {
	k.routes = slices.Delete(k.routes, i, i+1)
	c.held--
}

// put adds a route at place i; false at the limit.
func (c *Correlator) put(k *prefixCase, i int, r caseRoute) bool {
	if c.held >= c.cfg.Limits.Routes {
		c.refused.Routes++
		return false
	}
	k.routes = slices.Insert(k.routes, i, r)
	c.held++
	return true
}

// fireCase does what was due of k.
func (c *Correlator) fireCase(k *prefixCase) {
	switch k.state {
	case watching:
		c.prune(k)
	case firing:
		c.resolve(k)
	case resolved:
		k.state, k.alert = watching, alert.Alert{}
		c.prune(k)
	}
}

// prune drops the routes whose evidence is too old to count, and the case with
// the last of them.
func (c *Correlator) prune(k *prefixCase) {
	due := k.due
	for i := len(k.routes) - 1; i >= 0; i-- {
		if k.routes[i].at+c.cfg.Window <= due {
			c.drop(k, i)
		}
	}
	if len(k.routes) == 0 {
		c.endCase(k)
		return
	}
	k.due = k.routes[0].at + c.cfg.Window
	for _, r := range k.routes[1:] {
		k.due = min(k.due, r.at+c.cfg.Window)
	}
	c.timers.fix(k.place)
}
