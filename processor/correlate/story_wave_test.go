package correlate

import (
	"slices"

	"pgregory.net/rapid"

	"detour/route"
	"detour/wire"
)

// wave lets session by session take a path, its origin left open, to some
// prefixes, or lose it.
func (d *drawing) wave(hops []route.ASN, left bool) {
	prefixes := d.prefixes(2)
	step := rapid.SampledFrom([]route.Time{route.Second, 1, 20 * route.Second, 31 * route.Second}).Draw(d.T, "step")
	for _, session := range d.tellers() {
		u := d.update(session, step)
		for _, prefix := range prefixes {
			origin := storyExpected(prefix)[0]
			e := element{prefix: prefix, prev: asns(64000, origin), next: append(slices.Clone(hops), origin), inflated: true}
			if left {
				e.prev, e.next = e.next, nil
			}
			u.elements = append(u.elements, e)
		}
		d.updates = append(d.updates, u)
	}
}

// tellers returns at least half of the sessions that tell of everything.
func (d *drawing) tellers() []*route.Session {
	from := rapid.IntRange(0, storyTellers/2).Draw(d.T, "from")
	return d.sessions[from:storyTellers]
}

func (d *drawing) prefixes(least int) []route.Prefix {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(storyPrefixes), least, 8, rapid.ID[route.Prefix]).Draw(d.T, "prefixes")
}

// claims lets sessions take routes of a foreign origin.
func (d *drawing) claims() {
	prefixes := d.prefixes(4)
	for _, session := range d.tellers() {
		u := d.update(session, rapid.SampledFrom([]route.Time{1, route.Second, 30 * route.Second}).Draw(d.T, "step"))
		for _, prefix := range prefixes {
			e := element{prefix: prefix, prev: asns(64000, storyExpected(prefix)[0]), next: asns(9002, 64666)}
			u.elements = append(u.elements, e)
		}
		d.updates = append(d.updates, u)
	}
}

// loss lets all sessions hold a watched prefix for long, and lose it.
func (d *drawing) loss() {
	prefix := storyPrefixes[3*rapid.IntRange(0, 2).Draw(d.T, "lost")]
	path := tabled(storyExpected(prefix)[0])
	for _, session := range d.sessions {
		u := d.update(session, 1)
		u.flags = wire.RecordTable
		u.elements = []element{{prefix: prefix, next: path, plain: true}}
		d.updates = append(d.updates, u)
	}
	for _, session := range d.sessions[rapid.IntRange(0, storyTellers).Draw(d.T, "keep"):] {
		u := d.update(session, 1)
		u.elements = []element{{prefix: prefix, prev: path, held: true}}
		d.updates = append(d.updates, u)
	}
	d.at += rapid.SampledFrom([]route.Time{1, 131 * route.Second}).Draw(d.T, "dwell")
	if rapid.Bool().Draw(d.T, "back") {
		for _, session := range d.sessions {
			u := d.update(session, 1)
			u.elements = []element{{prefix: prefix, prev: path, next: path, plain: true}}
			d.updates = append(d.updates, u)
		}
	}
}

// seen tells of prefixes that many sessions lost, or have again.
func (d *drawing) seen() {
	held := rapid.SampledFrom([]uint64{0, 0, 5, 12}).Draw(d.T, "held")
	origin := rapid.SampledFrom(storyOrigins[:2]).Draw(d.T, "origin")
	for _, prefix := range d.prefixes(5) {
		u := d.update(d.sessions[0], rapid.SampledFrom([]route.Time{0, route.Second}).Draw(d.T, "step"))
		n := storyCount{prefix: prefix, kind: wire.RecordVisibility, session: d.sessions[0], origin: origin}
		n.routes, n.raised = held, 12
		u.counts = []storyCount{n}
		d.updates = append(d.updates, u)
	}
	d.at += rapid.SampledFrom([]route.Time{1, 140 * route.Second}).Draw(d.T, "dwell")
}

// census tells numbers of each prefix, which the shards add up. A few have
// changed since the last one.
func (d *drawing) census() {
	u := d.update(d.sessions[0], storySteps.Draw(d.T, "step"))
	u.session = nil
	changed := d.prefixes(2)
	for i, prefix := range storyPrefixes {
		now := d.counted[i]
		if slices.Contains(changed, prefix) {
			now = d.drawCounts(prefix)
			u.counts = append(u.counts,
				storyCount{prefix: prefix, kind: wire.RecordOrigin, routes: 1, origin: storyExpected(prefix)[0]})
		}
		u.counts = append(u.counts, now...)
		for j := range now {
			if now[j].session != nil {
				now[j].raised = 0 // the next time
			}
		}
		d.counted[i] = slices.Clone(now)
	}
	d.updates = append(d.updates, u)
}

// drawCounts draws what is counted of a prefix, of all sessions and of those of
// one ingester.
func (d *drawing) drawCounts(prefix route.Prefix) []storyCount {
	n := rapid.SampledFrom([]uint64{0, 1, 30_000, 60_000}).Draw(d.T, "known")
	common := n * rapid.SampledFrom([]uint64{0, 50, 90, 100}).Draw(d.T, "common") / 100
	list := []storyCount{{prefix: prefix, kind: wire.RecordCensus, routes: n, raised: common}}
	for _, session := range d.sessions[:storyTellers] {
		if session.ID%2 != d.sessions[0].ID%2 {
			continue
		}
		routes := rapid.SampledFrom([]uint64{0, 100, 50_000}).Draw(d.T, "routes")
		raised := rapid.SampledFrom([]uint64{0, 5, 60}).Draw(d.T, "raised")
		each := storyCount{prefix: prefix, kind: wire.RecordCensus, session: session, routes: routes, raised: raised}
		list = append(list, each)
	}
	return list
}

func drawElements(t *rapid.T, u *storyUpdate) {
	next := drawPath(t)
	if rapid.IntRange(0, 9).Draw(t, "leaked") == 9 {
		next = append(asns(64001, 800, 801), next[len(next)-1])
	}
	for _, p := range rapid.SliceOfNDistinct(rapid.SampledFrom(storyPrefixes), 1, 2, rapid.ID[route.Prefix]).Draw(t, "p") {
		e := element{prefix: p, next: next, prev: drawPath(t), inflated: rapid.IntRange(0, 3).Draw(t, "inflated") > 0}
		e.plain = rapid.IntRange(0, 6).Draw(t, "plain") == 6
		e.held = rapid.Bool().Draw(t, "held")
		if rapid.IntRange(0, 4).Draw(t, "no prev") == 4 {
			e.prev = nil
		}
		if rapid.IntRange(0, 8).Draw(t, "left") == 8 {
			e.prev, e.next = next, nil
		}
		u.elements = append(u.elements, e)
	}
}
