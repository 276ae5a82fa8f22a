package correlate

import (
	"fmt"

	"detour/alert"
	"detour/route"
)

// prepends follows a route of a watched prefix of which nothing has changed but
// how often a network stands on its path. When several peers tell so within a
// minute that is told once, for information: it moves traffic, and is done on
// purpose nearly always (DETECTION §6).
func (c *Correlator) prepends(it *item, t route.Time) {
	w := c.watch.byPrefix[it.Prefix]
	if w == nil || it.Flags&unjudged != 0 || c.sessions.list[it.Peer].learning(t) {
		return
	}
	i, ok := w.find(it.Peer)
	if !ok || !w.routes[i].up {
		return
	}
	more, kind := it.Raised > it.Routes, trendFewerPrepends
	if more {
		kind = trendMorePrepends
	}
	w.routes[i].prepended, w.routes[i].more = t, more
	n := c.peersWith(w, t, true, func(r *watchedRoute) bool {
		return r.prepended != 0 && t-r.prepended <= trendWindow && r.more == more
	})
	tr := &w.trends[kind]
	if n < trendPeers || tr.opened != 0 && t < tr.opened+trendPause || c.prefixes.held(w.prefix) {
		return
	}
	tr.opened = t
	c.tellPrepends(w, it, n, t)
}

// tellPrepends says that n peers have a path with other prepends, opened and
// resolved at once.
func (c *Correlator) tellPrepends(w *watched, it *item, n int, t route.Time) {
	out := alert.Alert{
		Version: alert.Version, Revision: 1, Scope: alert.ScopePrefix, Kind: alert.KindPathShortening,
		Severity: alert.SeverityInfo, Status: alert.StatusResolved, CloseReason: alert.CloseNormal,
		Prefix: w.prefix, ExpectedOrigin: c.expectedOf(w), Rule: "prepend-change",
		Opened: t, Updated: t, Closed: t, FirstEvidence: t, Coverage: c.coverage(t),
	}
	less := "fewer"
	if it.Raised > it.Routes {
		out.Kind, less = alert.KindPathInflation, "more"
	}
	out.ID = alert.NewID(out.Scope, out.Kind, w.prefix.String()+" "+out.ExpectedOrigin.String()+" "+out.Rule, t)
	total := max(n, c.peersHolding(w, t))
	out.Counts = alert.Counts{Prefixes: 1, Origins: 1, Peers: uint32(n), PeersTotal: uint32(total)}
	detail := fmt.Sprintf("raw length %d before, %d now", it.Routes, it.Raised)
	out.Evidence = []alert.Evidence{{Tag: "prepend-change", Detail: detail}}
	out.Confidence = sumConfidence(out.Evidence)
	s := c.prefixOf(w.prefix, out.ExpectedOrigin)
	out.Summary = oneLine(fmt.Sprintf("%s is reached over the same networks with %s prepends by %d of %s: %s.",
		s, less, n, peers(uint32(total)), detail))
	c.stats.Opened++
	c.stats.Resolved++
	c.emit(&out)
}
