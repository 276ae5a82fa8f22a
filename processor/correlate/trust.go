package correlate

import (
	"slices"

	"detour/processor/rib"
	"detour/route"
	"detour/wire"
)

// A peer is distrusted that shows origins in masses which no other peer shows: it
// lies, or somebody feeds it what was never in the Internet. Of the prefixes for
// which it shows another origin than the expected one, those count for which no
// peer of another ASN has shown the same within aloneWait; as long as it holds
// them, at most aloneKept.
const (
	aloneLeast   = 500                // so many, more than were shown by others, too, and
	alonePercent = 10                 // of all routes that it holds, where it showed them as it came up
	aloneWait    = 300 * route.Second // for others to follow
	aloneKept    = rib.Hold + route.Hour
	aloneJudges  = 3          // other peer ASNs with a full feed, at least
	aloneMost    = 1 << 15    // of one session; more tell nothing new
	trustEvery   = route.Hour // a distrusted peer that has less than half of that left is trusted again
)

// doubts are what speaks against a session.
type doubts struct {
	shown       int    // its entries in trust.shown that nobody else has shown
	queued      int    // its entries in trust.queue
	alone, late int    // of these: those that others had time to show; and not as it came up
	agreed      [2]int // unexpected origins that others showed, too: in this aloneKept and the one before
	span        int64  // which one that is
	at          route.Time
}

// trust holds who has shown an origin that is not the expected one.
type trust struct {
	shown map[route.Prefix][]shown
	n     int       // all in shown
	queue []shownAt // those that others have still time to show, from head on
	head  int
	sweep route.Time // when the old ones are forgotten; 0 never
}

// shown is an unexpected origin of a prefix, with who was the first to show it.
type shown struct {
	origin              route.ASN
	session             uint32
	at                  route.Time
	alone, late, agrees bool // see doubts; agrees: others have shown it, too
}

type shownAt struct {
	prefix  route.Prefix
	origin  route.ASN
	at      route.Time
	session uint32
}

// trusted reports whether what s shows counts.
func (s *session) trusted() bool { return !s.ignored && !s.distrusted }

// compare notes whether a changed route has an origin that others must show, too.
// Only what contradicts them counts: of a prefix that is new, or of which nothing
// was known, nobody has another one.
func (c *Correlator) compare(s *session, it *item, t route.Time) {
	const other = wire.RecordMoreSpecific | wire.RecordNoBaseline | wire.RecordTable | wire.RecordRTBH
	origin := route.ASN(0)
	if it.Flags&wire.RecordOriginNew != 0 && it.Flags&other == 0 && c.mature && t >= c.learnUntil {
		origin = c.originOf(s, it)
	}
	c.takeBack(s, it.Prefix, origin)
	if origin == 0 || s.ignored {
		return
	}
	list := c.trust.shown[it.Prefix]
	i := slices.IndexFunc(list, func(e shown) bool { return e.origin == origin })
	if i < 0 {
		c.showFirst(s, it, origin, t)
		return
	}
	e := &list[i]
	switch first := &c.sessions.list[e.session]; {
	case s.peer.ASN == first.peer.ASN, s.distrusted:
	case e.agrees:
		s.doubts.agree(t)
	default:
		c.uncount(first, e)
		e.agrees = true
		first.doubts.agree(t)
		s.doubts.agree(t)
	}
}

// originOf returns who announces the new path of it, 0 unknown.
func (c *Correlator) originOf(s *session, it *item) route.ASN {
	if it.Next == 0 {
		return 0
	}
	if path := c.paths.get(it.Next); len(path) > 0 {
		return c.known.as.asn(path[len(path)-1])
	}
	return s.vantage(it.Flags)
}

// showFirst enters an origin that nobody else has shown.
func (c *Correlator) showFirst(s *session, it *item, origin route.ASN, t route.Time) {
	k := &c.trust
	if s.doubts.shown >= aloneMost || s.doubts.queued >= aloneMost { // or one flapping route would use up the room of all
		return
	}
	if k.n >= c.cfg.Limits.Shown || len(k.queue)-k.head >= c.cfg.Limits.Shown {
		c.refused.Shown++
		return
	}
	late := it.Flags&wire.RecordLearning == 0 && !s.learning(t)
	k.shown[it.Prefix] = append(k.shown[it.Prefix], shown{origin: origin, session: s.id, at: t, late: late})
	k.queue = append(k.queue, shownAt{it.Prefix, origin, t, s.id})
	k.n++
	s.doubts.shown++
	s.doubts.queued++
	if k.sweep == 0 {
		k.sweep = t - t%trustEvery + trustEvery
	}
}

// takeBack forgets what s alone has shown of a prefix, but for an origin that it
// still shows.
func (c *Correlator) takeBack(s *session, p route.Prefix, but route.ASN) {
	list, ok := c.trust.shown[p]
	if !ok {
		return
	}
	c.keepShown(p, list, func(e *shown) bool { return e.session != s.id || e.agrees || e.origin == but })
}

// keepShown forgets those of a prefix's list that are not to be kept.
func (c *Correlator) keepShown(p route.Prefix, list []shown, keep func(*shown) bool) {
	n := 0
	for i := range list {
		if e := &list[i]; keep(e) {
			list[n] = *e
			n++
		} else if !e.agrees {
			c.uncount(&c.sessions.list[e.session], e)
		}
	}
	c.trust.n -= len(list) - n
	switch {
	case n == 0:
		delete(c.trust.shown, p)
	case n < len(list):
		clear(list[n:])
		c.trust.shown[p] = list[:n]
	}
}

// uncount takes an entry, which nobody else has shown so far, out of the count of s.
func (c *Correlator) uncount(s *session, e *shown) {
	d := &s.doubts
	d.shown--
	if e.alone {
		d.alone--
		if e.late {
			d.late--
		}
	}
	e.alone = false
}

// agree counts an unexpected origin that others show, too.
func (d *doubts) agree(t route.Time) {
	d.roll(t)
	d.agreed[0]++
}

func (d *doubts) roll(t route.Time) {
	span := int64(t / aloneKept)
	if span <= d.span { // Live, the clock of another shard may lie behind
		return
	}
	if span == d.span+1 {
		d.agreed[1] = d.agreed[0]
	} else {
		d.agreed[1] = 0
	}
	d.agreed[0], d.span = 0, span
}

// forgetShown forgets what a session has shown that ends, or begins anew. Whether it
// is trusted is looked at again when others had time to agree.
func (c *Correlator) forgetShown(s *session) {
	if s.doubts.shown == 0 {
		return
	}
	for p, list := range c.trust.shown {
		c.keepShown(p, list, func(e *shown) bool { return e.session != s.id || e.agrees })
	}
}
