package processor

import (
	"detour/processor/rib"
	"detour/route"
	"detour/wire"
)

// maxRawLengths bounds how many routes of watched prefixes have their raw length
// remembered; of further ones changes of prepending are not told, which is
// counted.
const maxRawLengths = 1 << 20

// rawKey names a route of a watched prefix.
type rawKey struct {
	peer   rib.Peer
	prefix route.Prefix
}

// prepended remembers the raw length of a route of a watched prefix, prepends
// included, and tells of it if nothing but that has changed: to the state that
// is no change (DETECTION §6).
func (e *engine) prepended(u *route.Update, n route.NLRI) {
	path := &e.at.path
	if e.change.Next != path.Node || u.Flags&route.FlagPathIDs != 0 {
		return
	}
	raw := uint32(e.rib.RawLength(&u.Path))
	key := rawKey{e.at.pe.rib, n.Prefix()}
	was, known := e.raw[key]
	if !known && len(e.raw) >= maxRawLengths {
		e.counters.RawRefused++
		return
	}
	if was == raw {
		return
	}
	if e.raw == nil {
		e.raw = map[rawKey]uint32{}
	}
	e.raw[key] = raw
	if !known || e.change.Outcome != rib.Unchanged || u.Flags&route.FlagTableDump != 0 {
		return
	}
	r := e.begin(u, wire.RecordChange)
	r.Prefix = n.Prefix()
	r.Flags |= wire.RecordWatched | wire.RecordPrepended | pathFlags(path.Flags)
	r.Next = e.pathIndex(path.Node)
	r.Prev, r.Unique = r.Next, path.Unique
	r.Routes, r.Raised = uint64(was), uint64(raw)
	e.add(r)
}
