package speaker

import (
	"math/bits"

	"detour/route"
)

// guard counts the paths that a session holds, and sees when they are too many. It
// remembers 64 mixed bits of each: two that agree would count as one.
type guard struct {
	most int
	held map[route.Family]map[uint64]struct{}
	over route.Family // that has more than most; 0 none
}

// newGuard returns nil, which sees nothing, where there is no limit.
func newGuard(most int) *guard {
	if most == 0 {
		return nil
	}
	return &guard{most: most, held: map[route.Family]map[uint64]struct{}{route.IPv4: {}, route.IPv6: {}}}
}

func (g *guard) see(u *route.Update) {
	for i := range u.Withdrawn {
		n := &u.Withdrawn[i]
		delete(g.held[n.Family], mix(n))
	}
	for i := range u.Announced {
		n := &u.Announced[i]
		held := g.held[n.Family]
		if held == nil || g.over != 0 {
			continue
		}
		held[mix(n)] = struct{}{}
		if len(held) > g.most {
			g.over = n.Family
		}
	}
}

func mix(n *route.NLRI) uint64 {
	const a, b = 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93
	hi, lo := bits.Mul64(n.Hi^a, b)
	h := hi ^ lo
	hi, lo = bits.Mul64(h^n.Lo, a)
	h = hi ^ lo
	hi, lo = bits.Mul64(h^uint64(n.PathID)<<8^uint64(n.Bits), b)
	return hi ^ lo
}
