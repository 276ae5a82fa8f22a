package fulltable

import "detour/route"

// store keeps paths back to back, by number; they are shared and read-only.
type store struct {
	asns []route.ASN
	at   []uint32 // where path n ends; it begins where path n-1 ends
}

// add keeps a copy of path, which may be empty for none.
func (s *store) add(path []route.ASN) int {
	s.asns = append(s.asns, path...)
	s.at = append(s.at, uint32(len(s.asns)))
	return len(s.at) - 1
}

// get returns path n, nil if it is empty.
func (s *store) get(n int) []route.ASN {
	from := uint32(0)
	if n > 0 {
		from = s.at[n-1]
	}
	if from == s.at[n] {
		return nil
	}
	return s.asns[from:s.at[n]:s.at[n]]
}

// mix scatters the bits of a sum of its arguments; equal arguments give equal
// results for ever.
func mix(seed uint64, parts ...uint64) uint64 {
	x := seed
	for _, p := range parts {
		x = (x ^ p) * 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return x
}

// between returns a length from lo to hi that follows from h.
func between(h uint64, lo, hi route.Time) route.Time {
	if hi <= lo {
		return lo
	}
	return lo + route.Time(h%uint64(hi-lo))
}
