package decode

import (
	"errors"
	"fmt"

	"detour/route"
)

// Sums are made by walking everything that was decoded, so that no decoder can
// leave work out and none can read something else.
type Sums struct {
	Updates, Announced, Withdrawn uint64
	ASNs                          uint64 // of AS_PATH, added up
	Bits                          uint64 // lengths of all prefixes, added up
}

// errSums ends a bench whose decoders do not read the same.
var errSums = errors.New("checksums differ")

// devSums returns what nine independent decoders agreed upon for the recordings of
// recording.Dev.
func devSums() Sums {
	return Sums{
		Updates: 163_305, Announced: 417_185, Withdrawn: 25_644, ASNs: 64_462_593_184, Bits: 10_417_387,
	}
}

func (s *Sums) add(u *route.Update) {
	s.Updates++
	s.Announced += uint64(len(u.Announced))
	s.Withdrawn += uint64(len(u.Withdrawn))
	for i := range u.Announced {
		s.Bits += uint64(u.Announced[i].Bits)
	}
	for i := range u.Withdrawn {
		s.Bits += uint64(u.Withdrawn[i].Bits)
	}
	for _, a := range u.Path.ASNs {
		s.ASNs += uint64(a)
	}
}

// elements is how many routes were announced or withdrawn.
func (s *Sums) elements() uint64 { return s.Announced + s.Withdrawn }

// equal returns an error that names both sides where they differ.
func equal(who string, got Sums, whom string, want Sums) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("%w: %s gives %+v, %s %+v", errSums, who, got, whom, want)
}

// alike is equal for recordings in which detour does by RFC what gobgp does not:
// it merges AS4_PATH into the path of a two-octet session (RFC 6793), and takes
// announcements with a malformed attribute for withdrawals (RFC 7606). Then the
// sum of AS numbers differs, and how elements divide.
func alike(who string, got Sums, whom string, want Sums) error {
	if got.Updates == want.Updates && got.elements() == want.elements() && got.Bits == want.Bits {
		return nil
	}
	return equal(who, got, whom, want)
}
