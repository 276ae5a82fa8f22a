package mrt

import (
	"detour/ingest/decode"
	"detour/route"
)

// leastBits is the shortest prefix that networks announce. Path identifiers
// read as prefixes give shorter ones, 0.0.0.0/0 above all.
const leastBits = 8

// shortPrefixes counts the prefixes of u that are shorter than leastBits.
func shortPrefixes(u *route.Update) (n int) {
	for i := range u.Announced {
		if u.Announced[i].Bits < leastBits {
			n++
		}
	}
	for i := range u.Withdrawn {
		if u.Withdrawn[i].Bits < leastBits {
			n++
		}
	}
	return n
}

// unmarkedAddPath reports whether a message that made no sense under its own
// subtype makes sense with path identifiers. Such a message is refused, not
// read that way: the subtype decides, and a guess may be wrong.
func (r *Reader) unmarkedAddPath(bgp []byte, s decode.Session) bool {
	s.AddPath4, s.AddPath6 = true, true
	if err := r.try.Message(bgp, s, &r.tryInto); err != nil {
		return false
	}
	return r.tryInto.Elements() > 0 && shortPrefixes(&r.tryInto) == 0
}
