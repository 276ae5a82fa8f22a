package chance

import "detour/route"

// Mix scatters the bits of a seed and of what it is about; equal arguments give
// equal results.
func Mix(seed uint64, parts ...uint64) uint64 {
	x := seed
	for _, p := range parts {
		x = (x ^ p) * 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return x
}

// Between returns a length from lo to hi that follows from h.
func Between(h uint64, lo, hi route.Time) route.Time {
	if hi <= lo {
		return lo
	}
	return lo + route.Time(h%uint64(hi-lo))
}
