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
