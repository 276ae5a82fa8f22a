package feed

import "slices"

// seen knows which sequences came: all up to last but for its holes. What the server
// has sent and a lost connection has swallowed is a hole until it comes again.
type seen struct {
	last  uint64
	holes []hole // ascending; at most maxHoles
}

type hole struct{ from, to uint64 } // both missing

// maxHoles bounds holes. Beyond it neighbours become one: what lies between them may
// come twice, and nothing is taken for seen that was not.
const maxHoles = 256

// add notes that a sequence came, and reports whether it is the first time.
func (s *seen) add(sequence uint64) (first bool) {
	if sequence > s.last {
		if sequence > s.last+1 {
			s.insert(len(s.holes), hole{s.last + 1, sequence - 1})
		}
		s.last = sequence
		return true
	}
	for i, h := range s.holes {
		if sequence < h.from || sequence > h.to {
			continue
		}
		s.holes = slices.Delete(s.holes, i, i+1)
		if sequence < h.to {
			s.insert(i, hole{sequence + 1, h.to})
		}
		if sequence > h.from {
			s.insert(i, hole{h.from, sequence - 1})
		}
		return true
	}
	return false
}

func (s *seen) insert(i int, h hole) {
	s.holes = slices.Insert(s.holes, i, h)
	if len(s.holes) > maxHoles {
		s.holes[0].to = s.holes[1].to
		s.holes = slices.Delete(s.holes, 1, 2)
	}
}
