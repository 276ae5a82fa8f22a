package wire

// gathered is a repeated field, or the last occurrence of a bytes field. What
// our own encoder writes is one piece, and b its view. Other encoders may write
// several pieces, or an element by itself: their payloads stand one behind the
// other in joined, which is what one piece would have held.
type gathered struct {
	b      []byte
	joined []byte
}

func (g *gathered) reset() { g.b, g.joined = nil, g.joined[:0] }

// add takes a further piece, which must hold whole elements: of width octets
// each, or varints where that is 0.
func (g *gathered) add(p []byte, width int) bool {
	switch {
	case len(p) == 0:
		return true
	case width != 0 && len(p)%width != 0, width == 0 && p[len(p)-1] >= 0x80:
		return false
	case len(g.b) == 0:
		g.b = p
		return true
	case len(g.joined) == 0:
		g.joined = append(g.joined, g.b...)
	}
	g.joined = append(g.joined, p...)
	g.b = g.joined
	return true
}
