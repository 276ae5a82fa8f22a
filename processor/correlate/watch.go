package correlate

import (
	"slices"

	"detour/route"
	"detour/wire"
)

// watched is a prefix that somebody watches, with the route of every session.
// Shards tell its every change.
type watched struct {
	prefix  route.Prefix
	origins [maxExpected]route.ASN // that the shards expect
	routes  []watchedRoute         // by session
	trends  [allTrends]trend
	low     bool // half of the peers that held it have lost it
	lowAt   route.Time
	lost    bool // and an incident says so
	early   bool // it had a route when all was only learned
}

// watchedRoute is a session's route of a watched prefix.
type watchedRoute struct {
	session uint32
	path    pathID
	prev    pathID // before the last change
	up      bool
	reset   bool       // it ended with its session
	since   route.Time // up; short absences do not count
	lostAt  route.Time
	changed route.Time
	marks   mark
	moved   [maxMoved]asID // ASes that the path before lacked

	prepended route.Time // when the prepends changed, and nothing else
	more      bool       // there were more of them then
}

// What counts as held, and as lost (DETECTION §6).
const (
	heldLong    = route.Hour
	lossDwell   = 130 * route.Second
	lossPeers   = 10
	lossPercent = 50
)

// watchTable holds the watched prefixes that were seen.
type watchTable struct {
	byPrefix map[route.Prefix]*watched
	list     []*watched // in order of first sight
	routes   int
}

func (w *watched) find(session uint32) (int, bool) {
	return slices.BinarySearchFunc(w.routes, session, func(r watchedRoute, s uint32) int {
		return int(int64(r.session) - int64(s))
	})
}

// byPeer returns the places of w's routes in an order that everybody can see:
// that of sessions depends on arrival.
func (c *Correlator) byPeer(w *watched) []int {
	places := make([]int, len(w.routes))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int { return c.comparePeers(w.routes[a].session, w.routes[b].session) })
	return places
}

// watchedOf returns the state of a watched prefix, entering it; nil at the limit.
func (c *Correlator) watchedOf(p route.Prefix) *watched {
	w := c.watch.byPrefix[p]
	if w == nil {
		if len(c.watch.list) >= c.cfg.Limits.Watched {
			c.refused.Watched++
			return nil
		}
		w = &watched{prefix: p}
		c.watch.byPrefix[p] = w
		c.watch.list = append(c.watch.list, w)
	}
	return w
}

// watchRoute follows a route of a watched prefix, and returns its state; nil
// where there is none to be judged.
func (c *Correlator) watchRoute(it *item, t route.Time) *watched {
	if it.Next == 0 || !c.isWatched(it) {
		return nil
	}
	w := c.watchedOf(it.Prefix)
	if w == nil {
		return nil
	}
	if len(it.Origins) > 0 {
		w.origins = [maxExpected]route.ASN{}
		copy(w.origins[:], it.Origins)
	}
	i, had := w.find(it.Peer)
	if !had {
		if c.watch.routes >= c.cfg.Limits.Routes {
			c.refused.Watched++
			return nil
		}
		c.watch.routes++
		w.routes = slices.Insert(w.routes, i, watchedRoute{session: it.Peer, since: t})
	}
	r := &w.routes[i]
	if !r.up && (r.reset || t-r.lostAt > lossDwell) {
		r.since = t
	}
	if it.Flags&wire.RecordTable != 0 {
		r.since = t - heldLong // it was there before
	}
	w.early = w.early || it.Flags&wire.RecordTable != 0 || t < c.learnUntil
	r.path, r.up, r.reset = it.Next, true, false
	c.markRoute(r, it, t)
	c.found(w, it.Peer, t, true)
	c.weigh(w, t)
	c.checkInvalid(w, it, t)
	return w
}

// watchCase judges newcomers of a watched prefix, unless its routes are being
// withdrawn: what is announced then is path exploration. What an incident holds
// is told by that.
func (c *Correlator) watchCase(w *watched, it *item, t route.Time) {
	if !w.low && it.Flags&unjudged == 0 && !c.sessions.list[it.Peer].learning(t) {
		c.followTrends(w, t)
	}
	k := c.cases[it.Prefix]
	if k != nil && k.state == firing {
		c.follow(k, it, t)
		return
	}
	good := !w.low && c.qualifies(it, t)
	c.explain.watches(c, w, it, t, good)
	if k == nil {
		if !good {
			return
		}
		if k = c.newCase(it.Prefix, t); k == nil {
			return
		}
	}
	if c.consider(k, it, t, good) {
		c.tryOpen(k, it, t)
	}
}

// watchLeft follows a stated route of a watched prefix that went away.
func (c *Correlator) watchLeft(it *item, t route.Time) {
	k := c.cases[it.Prefix]
	if k == nil {
		return
	}
	i, ok := k.find(it.Peer)
	switch {
	case !ok:
	case k.state == firing:
		c.lower(k, i, t, &k.gone)
	default:
		c.drop(k, i)
	}
}

// loss follows a withdrawn route.
func (c *Correlator) loss(it *item, t route.Time) {
	if t <= 0 || t > lastTime || it.Flags&wire.RecordWatched == 0 {
		return
	}
	w := c.watch.byPrefix[it.Prefix]
	if w == nil {
		return
	}
	if i, ok := w.find(it.Peer); ok && w.routes[i].up {
		r := &w.routes[i]
		r.up, r.lostAt = false, t
		if p := c.invalidOf(w, it.Peer); p != nil {
			c.leave(p, c.prefixes.find(w.prefix), it.Peer, t, &p.gone)
		}
		c.weigh(w, t)
		if w.lost {
			c.joinLoss(w, r, t)
		}
	}
}

// resetWatched notes that the routes of a session ended with it.
func (c *Correlator) resetWatched(ingester, session uint32, t route.Time) {
	for _, w := range c.watch.list {
		changed := false
		for i := range w.routes {
			r := &w.routes[i]
			if r.session == session || session == route.AllPeers && c.sessions.list[r.session].ingester == ingester {
				r.up, r.reset = false, true
				c.found(w, r.session, t, false)
				changed = true
			}
		}
		if changed {
			c.weigh(w, t)
		}
	}
}

// doubtWatched notes that updates of a session, or of all of an ingester, were
// lost: what it had withdrawn it may have announced again. What an incident
// already tells of stays there until it is heard of.
func (c *Correlator) doubtWatched(ingester, session uint32, t route.Time) {
	for _, w := range c.watch.list {
		changed := false
		for i := range w.routes {
			r := &w.routes[i]
			ours := r.session == session || session == route.AllPeers && c.sessions.list[r.session].ingester == ingester
			changed = ours && r.doubt(w) || changed
		}
		if changed {
			c.weigh(w, t)
		}
	}
}

// doubt makes of a withdrawn route one of which nobody knows, and reports whether
// it did.
func (r *watchedRoute) doubt(w *watched) bool {
	if r.up || r.reset || w.lost {
		return false
	}
	r.reset = true
	return true
}

// announcing returns how many peers show a watched prefix as announced by an AS.
func (c *Correlator) announcing(prefix route.Prefix, as asID) int {
	w := c.watch.byPrefix[prefix]
	if w == nil {
		return 0
	}
	peers := c.asns[:0]
	for i := range w.routes {
		r := &w.routes[i]
		path := c.paths.get(r.path)
		if !r.up || len(path) == 0 || path[len(path)-1] != as {
			continue
		}
		if asn := c.sessions.list[r.session].peer.ASN; !slices.Contains(peers, asn) {
			peers = append(peers, asn)
		}
	}
	c.asns = peers[:0]
	return len(peers)
}

// visitWatched shows the path ids that watched prefixes hold to rename.
func (c *Correlator) visitWatched(rename func(*pathID)) {
	for _, w := range c.watch.list {
		for i := range w.routes {
			rename(&w.routes[i].path)
			rename(&w.routes[i].prev)
		}
	}
}
