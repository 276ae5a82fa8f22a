package dump

import "detour/route"

// appendPath appends a path: sequences bare, AS_SET in {}, AS_CONFED_SEQUENCE
// in (), AS_CONFED_SET in [].
func appendPath(dst []byte, p *route.Path) []byte {
	if len(p.Segments) == 0 {
		return appendASNs(dst, p.ASNs, ' ')
	}
	rest := p.ASNs
	for i, s := range p.Segments {
		if i > 0 {
			dst = append(dst, ' ')
		}
		n := min(int(s.Count), len(rest))
		asns := rest[:n]
		rest = rest[n:]
		switch s.Type {
		case route.ASSet:
			dst = append(appendASNs(append(dst, '{'), asns, ','), '}')
		case route.ASConfedSequence:
			dst = append(appendASNs(append(dst, '('), asns, ' '), ')')
		case route.ASConfedSet:
			dst = append(appendASNs(append(dst, '['), asns, ','), ']')
		default:
			dst = appendASNs(dst, asns, ' ')
		}
	}
	return dst
}

func appendASNs(dst []byte, asns []route.ASN, between byte) []byte {
	for i, a := range asns {
		if i > 0 {
			dst = append(dst, between)
		}
		dst = appendDecimal(dst, uint32(a))
	}
	return dst
}
