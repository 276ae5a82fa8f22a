package ingest

import "detour/route"

// leastBits is the shortest prefix that networks announce. Path identifiers
// (RFC 7911) read as prefixes give shorter ones, 0.0.0.0/0 above all.
const leastBits = 8

// ShortPrefixes counts the prefixes of u that are shorter than networks announce. Two
// of them show that path identifiers were read as prefixes.
func ShortPrefixes(u *route.Update) (n int) {
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
