package snapshot

// body is where an object of a snapshot lies, and of what type it is.
type body struct {
	at int
	t  *typ
}

// scanner goes over all values without making any: it finds the objects, and
// that every length and number is possible.
type scanner struct {
	r      *reader
	bodies []body
	depth  int
	budget int // what may still be looked at, or made
}

// allowance is how many octets of memory, or steps, an octet of a snapshot may
// cost. A nil slice takes one octet there, and 24 in memory.
const allowance = 32

// scan reads all objects, of which the first is a root.
func (s *scanner) scan(root *typ) error {
	s.budget = allowance*s.r.left() + 1<<16
	s.bodies = append(s.bodies, body{t: root})
	for i := 0; i < len(s.bodies) && s.r.err == nil; i++ {
		s.bodies[i].at = s.r.at
		s.value(s.bodies[i].t)
	}
	if s.r.left() > 0 {
		s.r.fail("%d octets too many", s.r.left())
	}
	return s.r.err
}

// spend takes from the budget.
func (s *scanner) spend(n uint64) bool {
	if n > uint64(max(s.budget, 0)) {
		s.r.fail("it would take too much memory")
		return false
	}
	s.budget -= int(n)
	return true
}

func (s *scanner) value(t *typ) {
	if t.plain {
		s.r.take(uint64(t.size))
		return
	}
	if s.depth++; s.depth > maxDepth {
		s.r.fail("%s lies too deep", t.name)
	}
	if s.r.err == nil && s.spend(1) {
		s.parts(t)
	}
	s.depth--
}

func (s *scanner) parts(t *typ) {
	switch t.kind {
	case kindString, kindBinary:
		s.r.take(s.r.number())
	case kindSlice:
		n, _ := s.r.count()
		s.values(t.elem, n)
	case kindArray:
		s.values(t.elem, uint64(t.count))
	case kindPointer:
		s.pointer(t)
	case kindMap:
		n, _ := s.r.count()
		for ; n > 0 && s.r.err == nil && s.spend(1); n-- {
			s.value(t.key)
			s.value(t.elem)
		}
	case kindStruct:
		for i := range t.fields {
			s.value(t.fields[i].t)
		}
	}
}

func (s *scanner) values(t *typ, n uint64) {
	if t.plain && t.size > 0 {
		if n > uint64(s.r.left()/t.size) {
			s.r.fail("%d times %s", n, t.name)
			return
		}
		s.r.take(n * uint64(t.size))
		return
	}
	for ; n > 0 && s.r.err == nil && s.spend(1); n-- {
		s.value(t)
	}
}

func (s *scanner) pointer(t *typ) {
	switch id := s.r.number(); {
	case id == 0:
	case id == uint64(len(s.bodies))+1:
		s.bodies = append(s.bodies, body{t: t.elem})
	case id > uint64(len(s.bodies)):
		s.r.fail("object %d of %d", id, len(s.bodies))
	case s.bodies[id-1].t != t.elem:
		s.r.fail("object %d is a %s, need a %s", id, s.bodies[id-1].t.name, t.elem.name)
	}
}
