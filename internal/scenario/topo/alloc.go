package topo

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"detour/route"
)

// space hands out IPv4 blocks in 216 /8s, each from its start to its end, so
// that blocks must be asked for from large to small. Holes are never touched.
type space struct {
	rng   *rand.Rand
	parts []part
}

type part struct {
	at, end uint64
	holes   []span // ascending
}

type span struct{ from, to uint64 }

// newSpace leaves out bogons and what taken covers.
func newSpace(taken []Entry, rng *rand.Rand) *space {
	var holes []span
	add := func(p route.Prefix) {
		from := p.Hi >> 32
		holes = append(holes, span{from, from + 1<<(32-p.Bits)})
	}
	for _, b := range bogons {
		add(route.MustPrefix(b))
	}
	for _, e := range taken {
		if e.Prefix.Family == route.IPv4 {
			add(e.Prefix)
		}
	}
	slices.SortFunc(holes, func(a, b span) int { return int(int64(a.from) - int64(b.from)) })
	s := &space{rng: rng}
	for top := range uint64(224) {
		p := part{at: top << 24, end: (top + 1) << 24}
		for _, h := range holes {
			if h.from < p.end && p.at < h.to {
				p.holes = append(p.holes, h)
			}
		}
		if p.skip(1); p.at < p.end {
			s.parts = append(s.parts, p)
		}
	}
	return s
}

// skip moves to the next place where a block of a size lies free.
func (p *part) skip(size uint64) {
	p.at = (p.at + size - 1) / size * size
	for len(p.holes) > 0 && p.holes[0].from < p.at+size {
		if h := p.holes[0]; h.to > p.at {
			p.at = (h.to + size - 1) / size * size
		}
		p.holes = p.holes[1:]
	}
}

// take returns a free block of the length.
func (s *space) take(bits uint8) (uint32, error) {
	size := uint64(1) << (32 - bits)
	for tries := 0; len(s.parts) > 0; tries++ {
		i := s.rng.IntN(len(s.parts))
		p := s.parts[i]
		if p.skip(size); p.at+size <= p.end {
			p.at += size
			s.parts[i] = p
			return uint32(p.at - size), nil
		}
		if s.parts[i].at >= p.end {
			s.parts = slices.Delete(s.parts, i, i+1)
		}
		if tries > 20*224 {
			break
		}
	}
	return 0, fmt.Errorf("allocate a /%d: the address space is full", bits)
}

// layOut gives every slot its address: roots from the space, large ones first,
// the others at random in their parents. No two slots get the same prefix; one
// that finds its parent full becomes a root.
func layOut(slots []slot, sp *space) error {
	var byBits [33][]int32
	for i := range slots {
		if slots[i].parent < 0 {
			byBits[slots[i].bits] = append(byBits[slots[i].bits], int32(i))
		}
	}
	for bits := range byBits {
		list := byBits[bits]
		sp.rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, i := range list {
			addr, err := sp.take(uint8(bits))
			if err != nil {
				return err
			}
			slots[i].addr = addr
		}
	}
	used := map[uint64]bool{} // of one node
	node := int32(-1)
	for i := range slots {
		s := &slots[i]
		if s.node != node {
			node = s.node
			clear(used)
		}
		if s.parent >= 0 {
			if err := inParent(s, slots[s.parent], used, sp); err != nil {
				return err
			}
		}
		used[uint64(s.addr)<<8|uint64(s.bits)] = true
	}
	return nil
}

// inParent places a slot at a free spot of its parent near a drawn one.
func inParent(s *slot, parent slot, used map[uint64]bool, sp *space) error {
	step, room := uint32(1)<<(32-s.bits), uint32(1)<<(s.bits-parent.bits)
	at := sp.rng.Uint32N(room)
	for range min(room, 64) {
		s.addr = parent.addr + at*step
		if !used[uint64(s.addr)<<8|uint64(s.bits)] {
			return nil
		}
		at = (at + 1) % room
	}
	addr, err := sp.take(s.bits)
	s.addr = addr
	return err
}
