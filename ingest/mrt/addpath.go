package mrt

import (
	"detour/ingest"
	"detour/ingest/decode"
)

// unmarkedAddPath reports whether a message that made no sense under its own
// subtype makes sense with path identifiers. Such a message is refused, not
// read that way: the subtype decides, and a guess may be wrong.
func (r *Reader) unmarkedAddPath(bgp []byte, s decode.Session) bool {
	s.AddPath4, s.AddPath6 = true, true
	if err := r.try.Message(bgp, s, &r.tryInto); err != nil {
		return false
	}
	return r.tryInto.Elements() > 0 && ingest.ShortPrefixes(&r.tryInto) == 0
}
