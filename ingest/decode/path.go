package decode

import (
	"encoding/binary"
	"slices"

	"detour/route"
)

// asPath reads AS_PATH. An empty one is well-formed.
func asPath(v []byte, as4 bool, u *route.Update) Reason {
	var r Reason
	switch {
	case len(v) < 2 || v[0] != uint8(route.ASSequence) || v[1] == 0:
		r = segments(v, as4, &u.Path)
	case as4 && len(v) == 2+4*int(v[1]):
		r = sequence4(v[2:], &u.Path)
	case !as4 && len(v) == 2+2*int(v[1]):
		r = sequence2(v[2:], &u.Path)
	default:
		r = segments(v, as4, &u.Path)
	}
	if r == ReasonNone {
		u.Flags |= route.FlagHasPath
	}
	return r
}

// sequence4 appends a run of four-octet ASNs to p. Nearly every path is one
// such run.
func sequence4(v []byte, p *route.Path) Reason {
	n := len(p.ASNs)
	p.ASNs = slices.Grow(p.ASNs, len(v)/4)[:n+len(v)/4]
	r := ReasonNone
	out := p.ASNs[n:]
	for i := range out {
		asn := route.ASN(binary.BigEndian.Uint32(v[4*i:]))
		if asn == 0 {
			r = ReasonASZero // RFC 7607 §2
		}
		out[i] = asn
	}
	return r
}

// sequence2 is sequence4 for two-octet ASNs.
func sequence2(v []byte, p *route.Path) Reason {
	n := len(p.ASNs)
	p.ASNs = slices.Grow(p.ASNs, len(v)/2)[:n+len(v)/2]
	r := ReasonNone
	out := p.ASNs[n:]
	for i := range out {
		asn := route.ASN(binary.BigEndian.Uint16(v[2*i:]))
		if asn == 0 {
			r = ReasonASZero
		}
		out[i] = asn
	}
	return r
}

// segments fills the empty p with the segments of v. A segment of an unknown
// type, of no ASN or longer than what is left is malformed (RFC 7606 §7.2).
func segments(v []byte, as4 bool, p *route.Path) Reason {
	width, read := 2, sequence2
	if as4 {
		width, read = 4, sequence4
	}
	zero := ReasonNone
	for len(v) > 0 {
		if len(v) < 2 {
			return ReasonASPath
		}
		typ, n := route.SegmentType(v[0]), int(v[1])
		v = v[2:]
		if typ < route.ASSet || typ > route.ASConfedSet || n == 0 || n*width > len(v) {
			return ReasonASPath
		}
		if read(v[:n*width], p) != ReasonNone {
			zero = ReasonASZero
		}
		v = v[n*width:]
		join(p, route.Segment{Type: typ, Count: uint16(n)})
	}
	flatten(p)
	return zero
}

// join appends s, as part of the segment before it where both are AS_SEQUENCE.
// Counts cannot overflow: a message has room for fewer than 2^15 ASNs in each
// of AS_PATH and AS4_PATH.
func join(p *route.Path, s route.Segment) {
	if n := len(p.Segments); n > 0 && s.Type == route.ASSequence && p.Segments[n-1].Type == route.ASSequence {
		p.Segments[n-1].Count += s.Count
		return
	}
	p.Segments = append(p.Segments, s)
}

// flatten drops the segment list of a path that is one AS_SEQUENCE.
func flatten(p *route.Path) {
	if len(p.Segments) == 1 && p.Segments[0].Type == route.ASSequence {
		p.Segments = p.Segments[:0]
	}
}

// unflatten is the inverse of flatten.
func unflatten(p *route.Path) {
	if len(p.Segments) == 0 && len(p.ASNs) > 0 {
		p.Segments = append(p.Segments, route.Segment{Type: route.ASSequence, Count: uint16(len(p.ASNs))})
	}
}
