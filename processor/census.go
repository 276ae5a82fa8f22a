package processor

import (
	"cmp"
	"slices"

	"detour/processor/rib"
	"detour/route"
	"detour/wire"
)

// censusEvery is the engine time between two counts.
const censusEvery = 10 * route.Second

// maxOrigins bounds the origins whose count waits for the next census. At the
// bound all are told at once.
const maxOrigins = 1 << 15

// maxTurned bounds the prefixes of whose visibility is told at a reset; the
// others follow with each census.
const maxTurned = 1 << 13

// count is what a session holds of one family, of the prefixes for which this
// shard speaks.
type count struct {
	routes, raised uint64 // held now; came up since the last census
	told           uint64 // routes as of the last census
	again          int64  // announced again as they were since the last census, less those on another path
	byDefault      bool   // the default route is among them
}

// census is what waits for the next count. docs/state.md §8 says what is
// counted.
type census struct {
	due     route.Time   // the boundary that engine time passes next
	at      route.Update `snapshot:"-"` // stands in for the update that passes a boundary: its Number is 0
	order   []int32      // peers by ingester and identity
	sorted  bool         // order holds all peers
	told    [2][2]uint64
	origins map[route.ASN]int64 // prefixes since the last census
	asns    []route.ASN         // keys of origins
}

func newCensus() census { return census{origins: map[route.ASN]int64{}} }

// familyAt and familyIndex number the families.
func familyAt(i int) route.Family {
	if i == 0 {
		return route.IPv4
	}
	return route.IPv6
}

func familyIndex(f route.Family) int {
	if f == route.IPv4 {
		return 0
	}
	return 1
}

// again counts an announcement that changes nothing: many at once are a table that
// is given again (DETECTION §6). The entries of a table are none. A change counts
// against it, for a session may repeat routes all day amid its changes.
func (e *engine) again(u *route.Update, n route.NLRI) {
	if u.Flags&route.FlagTableDump == 0 && e.change.Next != 0 {
		e.at.pe.held[familyIndex(n.Family)].again++
	}
}

// count counts the change at hand.
func (e *engine) count(u *route.Update, n route.NLRI) {
	ch := &e.change
	c := &e.at.pe.held[familyIndex(n.Family)]
	switch {
	case ch.Raised:
		c.routes++
		c.raised++
	case ch.Moved:
		c.again--
	case ch.Outcome == rib.Withdrawn, ch.Outcome == rib.Unfilled:
		c.routes--
	}
	if n.Bits == 0 {
		c.byDefault = ch.Outcome != rib.Withdrawn && ch.Outcome != rib.Unfilled
	}
	if !ch.NewPrefix {
		return
	}
	if n.Family == route.IPv4 {
		e.counters.IPv4++
	} else {
		e.counters.IPv6++
	}
	origin := e.rib.Origin(ch.Next)
	if origin == 0 {
		return
	}
	s := &e.census
	if s.origins[origin]++; s.origins[origin] == 1 {
		s.asns = append(s.asns, origin)
	}
	if len(s.asns) >= maxOrigins {
		e.tellOrigins(u)
	}
}

// passBoundary takes the census of the boundary that engine time passes on its
// way to t. Of several it is the first: between them nothing changed here, and
// another shard, of whose time this one knows nothing, may have been given an
// update there.
func (e *engine) passBoundary(t route.Time) {
	s := &e.census
	if t < s.due {
		return
	}
	if s.due > 0 {
		s.at.Engine = s.due
		e.takeCensus(&s.at, nil)
		e.passSilence(&s.at)
	}
	s.due = t - t%censusEvery + censusEvery
	if s.due < t {
		s.due = endOfLog // beyond the end of time
	}
}

// takeCensus tells what changed since the last census: of all sessions or those
// of one ingester, of all prefixes, and of the origins. Number and time are u's.
func (e *engine) takeCensus(u *route.Update, only *ingester) {
	cause := e.at.in
	e.at.flags = 0
	e.work += uint64(len(e.peers))
	for _, k := range e.peerOrder() {
		p := &e.peers[k]
		if only != nil && p.in != only {
			continue
		}
		e.at.in, e.at.pe = p.in, p
		for i := range p.held {
			if c := &p.held[i]; (c.routes != c.told || c.raised != 0 || c.again != 0) && !e.full() {
				e.tellCount(u, i, c)
				c.told, c.raised, c.again = c.routes, 0, 0
			}
		}
	}
	e.at.in, e.at.pe = cause, nil
	for i := range e.census.told {
		now := [2]uint64{uint64(e.rib.Shown(familyAt(i))), uint64(e.rib.Common(familyAt(i)))}
		if now != e.census.told[i] && !e.full() {
			e.tellCount(u, i, &count{routes: now[0], raised: now[1]})
			e.census.told[i] = now
		}
	}
	e.tellOrigins(u)
	e.tellTurned(u)
}

// tellCount tells one count, of the session at hand or of all.
func (e *engine) tellCount(u *route.Update, family int, c *count) {
	r := e.begin(u, wire.RecordCensus)
	r.Prefix = route.Prefix{Family: familyAt(family)}
	r.Routes, r.Raised, r.Delta = c.routes, c.raised, c.again
	if c.byDefault {
		r.Flags |= wire.RecordDefault
	}
	if e.at.pe == nil {
		r.Peer = route.AllPeers
	}
	e.add(r)
}

// tellOrigins tells how many more prefixes each origin has, in order.
func (e *engine) tellOrigins(u *route.Update) {
	s, pe, flags := &e.census, e.at.pe, e.at.flags
	e.at.pe, e.at.flags = nil, 0
	slices.Sort(s.asns)
	told := 0
	for _, origin := range s.asns {
		if e.full() {
			break
		}
		r := e.begin(u, wire.RecordOrigin)
		r.Peer, r.Origin, r.Delta = route.AllPeers, origin, s.origins[origin]
		e.add(r)
		delete(s.origins, origin)
		told++
	}
	s.asns = slices.Delete(s.asns, 0, told)
	e.at.pe, e.at.flags = pe, flags
}

// tellVisibility tells of a prefix whose visibility became low or stopped being
// low; its expected origins stand in e.asns.
func (e *engine) tellVisibility(u *route.Update, p route.Prefix, up, lost uint16) {
	r := e.begin(u, wire.RecordVisibility)
	if e.at.pe == nil {
		r.Peer = route.AllPeers
	}
	r.Prefix, r.Routes, r.Raised, r.Origins = p, uint64(up), uint64(up)+uint64(lost), e.asns
	e.add(r)
}

// tellTurned tells of prefixes whose visibility turned by resets.
func (e *engine) tellTurned(u *route.Update) {
	if e.full() {
		return
	}
	e.rib.Turned(maxTurned, func(v *rib.Visibility) {
		e.asns = e.rib.VisibilityOrigins(e.asns[:0], v)
		flags := e.at.flags
		e.at.flags |= wire.RecordUnsure
		e.tellVisibility(u, v.Prefix, v.Up, v.Lost)
		e.at.flags = flags
	})
}

// peerOrder returns the peers by their ingester's name, then by who they are.
func (e *engine) peerOrder() []int32 {
	s := &e.census
	if s.sorted {
		return s.order
	}
	s.order = s.order[:0]
	for i := range e.peers {
		s.order = append(s.order, int32(i))
	}
	slices.SortFunc(s.order, func(a, b int32) int {
		x, y := &e.peers[a], &e.peers[b]
		return cmp.Or(cmp.Compare(x.in.name, y.in.name), comparePeers(&x.session.Peer, &y.session.Peer))
	})
	s.sorted = true
	return s.order
}

func comparePeers(a, b *route.Peer) int {
	return cmp.Or(
		cmp.Compare(a.Collector, b.Collector),
		cmp.Compare(a.ASN, b.ASN),
		a.Addr.Compare(b.Addr),
		a.Router.Compare(b.Router),
		cmp.Compare(a.Distinguisher, b.Distinguisher),
		cmp.Compare(a.LocalASN, b.LocalASN),
		cmp.Compare(a.View, b.View),
	)
}
