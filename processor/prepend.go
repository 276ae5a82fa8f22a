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

// prepended remembers the raw length of a route of a watched prefix, prepends
// included, and tells of it if nothing but that has changed: to the state that
// is no change (DETECTION §6).
func (e *engine) prepended(u *route.Update, n route.NLRI) {
	path := &e.at.path
	if e.change.Next != path.Node || u.Flags&route.FlagPathIDs != 0 {
		return
	}
	raw := uint32(e.rib.RawLength(&u.Path))
	key := e.rib.RouteKey(e.at.pe.rib, n.Prefix())
	if key == 0 {
		return
	}
	was, known := uint32(0), false
	if held := e.raw.Get(key); held != nil {
		was, known = *held, true
	}
	if !known && e.raw.Len() >= maxRawLengths {
		e.counters.RawRefused++
		return
	}
	if was == raw {
		return
	}
	held, _ := e.raw.Put(key)
	*held = raw
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
