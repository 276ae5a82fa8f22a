package processor

import (
	"math/bits"

	"detour/processor/detect"
	"detour/processor/rib"
	"detour/route"
	"detour/wire"
)

// ChangeKind says what became of a route.
type ChangeKind string

// Kinds of RouteChange.
const (
	ChangeTable     ChangeKind = "table"     // a table told of it; no news
	ChangeAnnounced ChangeKind = "announced" // a new path, or it is back
	ChangeExtra     ChangeKind = "extra"     // a further ADD-PATH path
	ChangeWithdrawn ChangeKind = "withdrawn"
	ChangeReset     ChangeKind = "reset" // its session ended or began anew
)

// RouteChange is one change of one peer's route of a traced prefix, with what
// the shard stated about it. It belongs to whoever was told.
type RouteChange struct {
	Kind     ChangeKind
	At       route.Time // engine time
	Number   uint64     // of the update, within its ingester
	Ingester string
	Peer     route.Peer
	Before   []route.ASN // behind the vantage point; of a new more-specific its cover's
	After    []route.ASN // nil where it went away
	Held     bool        // it was up, and had not changed for rib.Held

	Flags   wire.RecordFlags
	Told    bool        // to the correlator, as a change with facts or of a watched prefix
	Fact    bool        // a fact holds of it
	New     []route.ASN // hops that the prefix's baseline lacks
	Absent  []route.ASN // of the hops that were told, those that Before lacks
	Young   []route.ASN // hops from which the way to the origin is news
	Unique  int         // unique length of After
	Longest int         // longest unique length that was normal, 0 unknown
	Origins []route.ASN // expected
}

// tracer tells the changes of one prefix. A nil one tells nothing.
type tracer struct {
	prefix route.Prefix
	tell   func(*RouteChange)
}

// changed tells of the change at hand.
func (t *tracer) changed(e *engine, u *route.Update, n route.NLRI, facts *detect.Facts, watched wire.RecordFlags) {
	if t == nil || n.Prefix() != t.prefix {
		return
	}
	ch := &e.change
	c := t.begin(e, u, e.at.pe)
	switch {
	case ch.Outcome == rib.Announced:
		c.Kind = ChangeAnnounced
	case ch.Outcome == rib.Extra, ch.Outcome == rib.Filled && !ch.Moved && ch.Prev == 0:
		c.Kind = ChangeExtra
	case ch.Outcome == rib.Withdrawn, ch.Outcome == rib.Unfilled:
		c.Kind = ChangeWithdrawn
	default:
		c.Kind = ChangeTable
	}
	c.Held = ch.Held
	if ch.Prev != 0 {
		c.Before = e.rib.Tail([]route.ASN{}, ch.Prev)
	}
	if ch.Next != 0 {
		c.After = e.rib.Tail([]route.ASN{}, ch.Next)
	}
	c.Flags |= facts.Flags | watched
	if tooSpecific(n) {
		c.Flags |= wire.RecordRTBH
	}
	c.Fact = facts.Any()
	c.Told = c.Fact || watched != 0 && ch.Moved
	c.New, c.Absent = hopsOf(c.After, facts.Unknown), hopsOf(c.After, facts.Contrast)
	c.Young = hopsOf(c.After, facts.Young)
	c.Unique, c.Longest = int(ch.Unique), int(ch.Longest)
	c.Origins = e.rib.Origins(nil, ch)
	t.tell(c)
}

// reset tells that the session of p ended or began anew, if it had the prefix.
func (t *tracer) reset(e *engine, u *route.Update, p *peer) {
	if t == nil {
		return
	}
	path, up := e.rib.PathOf(p.rib, t.prefix)
	if !up {
		return
	}
	c := t.begin(e, u, p)
	c.Kind, c.Before, c.Flags = ChangeReset, path, 0
	t.tell(c)
}

func (t *tracer) begin(e *engine, u *route.Update, p *peer) *RouteChange {
	return &RouteChange{
		At: max(u.Engine, e.floor), Number: u.Number, Ingester: e.at.in.name, Peer: p.session.Peer, Flags: e.at.flags,
	}
}

// hopsOf returns the hops of path whose bits are set.
func hopsOf(path []route.ASN, mask uint64) (out []route.ASN) {
	for ; mask != 0; mask &= mask - 1 {
		if i := bits.TrailingZeros64(mask); i < len(path) {
			out = append(out, path[i])
		}
	}
	return out
}
