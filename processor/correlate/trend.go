package correlate

import (
	"fmt"
	"slices"
	"time"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// trendKind is a way in which many routes of a watched prefix change at once
// although no AS is new to it (DETECTION §6).
type trendKind uint8

const (
	trendLonger trendKind = iota
	trendShorter
	trendMoved
	trendKinds
)

// Ways in which nothing changes but the prepends, behind the other trends.
const (
	trendMorePrepends trendKind = trendKinds + iota
	trendFewerPrepends
	allTrends
)

// mark says what the last change of a route was.
type mark uint8

const (
	markLonger mark = 1 << iota
	markShorter
)

const (
	maxMoved     = 4
	trendPeers   = 3
	trendWindow  = 60 * route.Second
	trendPause   = 30 * route.Minute // once per prefix and that time
	movedPercent = 50
)

// trend is one of them at work.
type trend struct {
	kind   trendKind
	firing bool
	alert  alert.Alert
	as     asID // trendMoved: to which AS
	peak   int
	routes int // that showed it when it opened
	opened route.Time
}

// markRoute notes how a route of a watched prefix has changed.
func (c *Correlator) markRoute(r *watchedRoute, it *item, t route.Time) {
	r.changed, r.prev, r.marks, r.moved = t, it.Prev, 0, [maxMoved]asID{}
	if it.Flags&unjudged != 0 || it.Prev == 0 {
		return
	}
	if it.Flags&wire.RecordInflated != 0 {
		r.marks |= markLonger
	}
	if it.Flags&wire.RecordShortened != 0 {
		r.marks |= markShorter
	}
	path, prev := c.paths.get(it.Next), c.paths.get(it.Prev)
	if len(path) == 0 || len(prev) == 0 {
		return
	}
	n := 0
	for i, as := range path[:len(path)-1] {
		known := i < 64 && it.Newcomers>>i&1 == 0 // a newcomer has a rule of its own
		if as != 0 && known && n < maxMoved && !slices.Contains(prev, as) {
			r.moved[n] = as
			n++
		}
	}
}

// followTrends finds out whether routes of a watched prefix became longer, or
// shorter, or moved, at many peers at once, and whether that has ended.
func (c *Correlator) followTrends(w *watched, t route.Time) {
	for kind := range trendKinds {
		tr := &w.trends[kind]
		n, as := c.trending(w, kind, tr, t)
		switch {
		case tr.firing && n*goneShare <= tr.peak:
			c.tellTrend(w, tr, alert.CloseWithdrawn, t)
		case tr.firing:
			tr.peak = max(tr.peak, n)
		case n < trendPeers || tr.opened != 0 && t < tr.opened+trendPause:
		case c.cases[w.prefix] == nil && !c.prefixes.held(w.prefix): // what they tell is not told twice
			tr.kind, tr.as, tr.peak, tr.opened, tr.firing = kind, as, n, t, true
			c.holds = append(c.holds, trendHold{due: t + c.cfg.Hold, w: w, kind: kind})
			tr.alert = c.newTrend(w, kind, as, t)
			c.tellTrend(w, tr, "", t)
		}
	}
}

// trendHold is when a trend that still fires has become normal.
type trendHold struct {
	due  route.Time
	w    *watched
	kind trendKind
}

// fireHold ends the trend that has been due for longest, if it is the same one
// still.
func (c *Correlator) fireHold() {
	h := c.holds[0]
	c.holds = c.holds[1:]
	if tr := &h.w.trends[h.kind]; tr.firing && tr.opened+c.cfg.Hold == h.due {
		c.tellTrend(h.w, tr, alert.CloseNormal, h.due)
	}
}

// trending counts the peer ASNs whose route has the mark; of moves those to the
// AS that most went to, at least half of the peers that hold the prefix.
func (c *Correlator) trending(w *watched, kind trendKind, tr *trend, t route.Time) (n int, as asID) {
	if kind != trendMoved || tr.firing {
		return c.peersWith(w, t, tr.firing, func(r *watchedRoute) bool { return r.shows(kind, tr.as) }), tr.as
	}
	total := c.peersHolding(w, t)
	tried := c.gone[:0]
	for i := range w.routes {
		for _, x := range w.routes[i].moved {
			if x == 0 || t-w.routes[i].changed > trendWindow || slices.Contains(tried, c.known.as.asn(x)) {
				continue
			}
			tried = append(tried, c.known.as.asn(x))
			m := c.peersWith(w, t, false, func(r *watchedRoute) bool { return slices.Contains(r.moved[:], x) })
			better := m > n || m == n && as != 0 && c.known.as.asn(x) < c.known.as.asn(as)
			if 100*m >= movedPercent*total && better {
				n, as = m, x
			}
		}
	}
	c.gone = tried[:0]
	return n, as
}

// peersHolding counts the peer ASNs that have a route.
func (c *Correlator) peersHolding(w *watched, t route.Time) int {
	return c.peersWith(w, t, true, func(*watchedRoute) bool { return true })
}

// shows reports whether the last change of a route is one of the trend's.
func (r *watchedRoute) shows(kind trendKind, as asID) bool {
	switch kind {
	case trendLonger:
		return r.marks&markLonger != 0
	case trendShorter:
		return r.marks&markShorter != 0
	}
	return slices.Contains(r.moved[:], as)
}

// peersWith counts the peer ASNs with a route that is so; lately, unless any
// will do.
func (c *Correlator) peersWith(w *watched, t route.Time, any bool, is func(*watchedRoute) bool) int {
	family := familyIndex(w.prefix.Family)
	peers := c.asns[:0]
	for i := range w.routes {
		r := &w.routes[i]
		s := &c.sessions.list[r.session]
		if r.up && (any || t-r.changed <= trendWindow) && is(r) && c.votes(s, family) && !slices.Contains(peers, s.peer.ASN) {
			peers = append(peers, s.peer.ASN)
		}
	}
	c.asns = peers[:0]
	return len(peers)
}

func (c *Correlator) newTrend(w *watched, kind trendKind, as asID, t route.Time) alert.Alert {
	a := alert.Alert{
		Version: alert.Version, Scope: alert.ScopePrefix, Prefix: w.prefix, ExpectedOrigin: c.expectedOf(w),
		Opened: t, FirstEvidence: t, Severity: alert.SeverityWarning,
	}
	switch kind {
	case trendLonger:
		a.Kind, a.Rule = alert.KindPathInflation, "watched-inflation"
	case trendShorter:
		a.Kind, a.Rule = alert.KindPathShortening, "watched-shortening"
	case trendMoved:
		a.Kind, a.Rule, a.Severity = alert.KindUnexpectedTransit, "watched-move", alert.SeverityInfo
		a.Suspect = c.known.as.asn(as)
	}
	a.ID = alert.NewID(a.Scope, a.Kind, w.prefix.String()+" "+a.ExpectedOrigin.String()+" "+a.Rule, t)
	return a
}

// tellTrend emits a trend as it stands at t; why is empty as long
// as it fires.
func (c *Correlator) tellTrend(w *watched, tr *trend, why alert.CloseReason, t route.Time) {
	tr.alert.Revision++
	out := tr.alert
	out.Status, out.Updated = alert.StatusFiring, t
	if why != "" {
		tr.firing = false
		out.Status, out.CloseReason, out.Closed = alert.StatusResolved, why, t
	}
	out.Coverage = c.coverage(t)
	total := max(tr.peak, c.peersHolding(w, t))
	if why == "" {
		places := c.trendRoutes(w, tr, t)
		tr.routes = len(places)
		out.Samples = c.trendSamples(w, places)
	}
	out.Counts = alert.Counts{
		Prefixes: 1, Origins: 1, Peers: uint32(tr.peak), PeersTotal: uint32(total),
		Sessions: uint32(tr.routes), Updates: uint64(tr.routes),
	}
	out.Evidence = []alert.Evidence{{Tag: "watched", Weight: 1, Detail: fmt.Sprintf("%d of %d peers", tr.peak, total)}}
	out.Confidence = sumConfidence(out.Evidence)
	out.Summary = c.trendSummary(w, tr, &out)
	if why == "" {
		c.firing++
	} else {
		c.firing--
	}
	c.emit(&out)
}

func (c *Correlator) trendSummary(w *watched, tr *trend, a *alert.Alert) string {
	what := map[string]string{
		"watched-inflation":  "paths two or more ASes longer than any that was held",
		"watched-shortening": "suddenly shorter paths",
		"watched-move":       "paths that moved to " + c.named(a.Suspect) + ", which is known there",
	}[a.Rule]
	s := c.prefixOf(w.prefix, a.ExpectedOrigin)
	switch {
	case a.CloseReason == alert.CloseNormal:
		return oneLine(fmt.Sprintf("%s: that peers have %s has lasted for %v and counts as normal from now on.", s, what,
			time.Duration(a.Closed-a.Opened)*time.Microsecond))
	case a.Status == alert.StatusResolved:
		return oneLine(s + ": no peer has " + what + " any more.")
	}
	return oneLine(fmt.Sprintf("%s is reached over %s by %d of %s.", s, what, tr.peak, peers(a.Counts.PeersTotal)))
}

// trendRoutes returns the places of the routes that show a trend at t, by peer.
func (c *Correlator) trendRoutes(w *watched, tr *trend, t route.Time) (places []int) {
	for i := range w.routes {
		if r := &w.routes[i]; r.up && t-r.changed <= trendWindow && r.shows(tr.kind, tr.as) {
			places = append(places, i)
		}
	}
	slices.SortFunc(places, func(a, b int) int { return c.comparePeers(w.routes[a].session, w.routes[b].session) })
	return places
}

// trendSamples shows the first of those routes.
func (c *Correlator) trendSamples(w *watched, places []int) (samples []alert.Sample) {
	for _, i := range places[:min(len(places), maxSamples)] {
		r := &w.routes[i]
		peer := &c.sessions.list[r.session].peer
		samples = append(samples, alert.Sample{
			Prefix: w.prefix, Peer: alert.Peer{Collector: peer.Collector, Address: peer.Addr, ASN: peer.ASN},
			Before: c.shown(peer.ASN, r.prev), After: c.shown(peer.ASN, r.path),
		})
	}
	return samples
}
