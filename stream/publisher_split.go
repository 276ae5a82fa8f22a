package stream

import (
	"math/bits"

	"detour/route"
)

// onlyShard returns the shard that all prefixes of u belong to, or -1.
func (p *Publisher) onlyShard(u *route.Update) int {
	shards := len(p.lanes)
	if shards == 1 && u.Elements() > 0 {
		return 0
	}
	only := -1
	for _, list := range [2][]route.NLRI{u.Announced, u.Withdrawn} {
		for i := range list {
			n := &list[i]
			if short(n.Family, n.Bits) {
				return -1
			}
			shard := shardOf(n.Hi, n.Family, shards)
			if only >= 0 && only != shard {
				return -1
			}
			only = shard
		}
	}
	return only
}

// split fills the lanes' scratch with their parts of u and returns the set of
// lanes that have one.
func (p *Publisher) split(u *route.Update) (touched uint64) {
	shards := len(p.lanes)
	for i := range u.Announced {
		n := &u.Announced[i]
		owners := ownersOf(n, shards)
		for fresh := owners &^ touched; fresh != 0; fresh &= fresh - 1 {
			p.lanes[bits.TrailingZeros64(fresh)].resetScratch()
		}
		touched |= owners
		for ; owners != 0; owners &= owners - 1 {
			l := p.lanes[bits.TrailingZeros64(owners)]
			l.announced = append(l.announced, *n)
		}
	}
	for i := range u.Withdrawn {
		n := &u.Withdrawn[i]
		owners := ownersOf(n, shards)
		for fresh := owners &^ touched; fresh != 0; fresh &= fresh - 1 {
			p.lanes[bits.TrailingZeros64(fresh)].resetScratch()
		}
		touched |= owners
		for ; owners != 0; owners &= owners - 1 {
			l := p.lanes[bits.TrailingZeros64(owners)]
			l.withdrawn = append(l.withdrawn, *n)
		}
	}
	return touched
}

func (l *lane) resetScratch() {
	l.announced = l.announced[:0]
	l.withdrawn = l.withdrawn[:0]
}

// ownersOf is Owners for an element of an update.
func ownersOf(n *route.NLRI, shards int) uint64 {
	if !short(n.Family, n.Bits) {
		return 1 << shardOf(n.Hi, n.Family, shards)
	}
	return shortOwners(n.Prefix(), shards)
}
