package oracle

import "detour/route"

// Visibility is how many sessions hold a prefix, and how many lost it by
// withdrawal (§8).
type Visibility struct {
	Prefix   route.Prefix
	Up, Lost int
}

func (v Visibility) low() bool { return 2*v.Up <= v.Up+v.Lost && v.Up+v.Lost >= lowFrom }

// visibility counts the slots of p.
func (s *Shard) visibility(p route.Prefix) Visibility {
	v := Visibility{Prefix: p}
	st := s.prefixes[p]
	if st == nil {
		return v
	}
	for _, sl := range st.slots {
		switch {
		case !sl.down:
			v.Up++
		case !sl.reset:
			v.Lost++
		}
	}
	return v
}

// visible notes in f whether the visibility of p turned since it was was.
func (s *Shard) visible(f *Facts, p route.Prefix, was Visibility) {
	if is := s.visibility(p); is.low() != was.low() {
		f.Turned, f.Up, f.Lost = true, is.Up, is.Lost
	}
}

// Common returns how many prefixes of a family at least n sessions hold.
func (s *Shard) Common(f route.Family, n int) (count int) {
	for p := range s.prefixes {
		if p.Family == f && s.visibility(p).Up >= n {
			count++
		}
	}
	return count
}
