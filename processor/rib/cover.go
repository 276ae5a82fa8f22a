package rib

import "detour/route"

// Lengths below these never count as a cover: a default route covers
// everything and says nothing.
const (
	coverMin4 = 8
	coverMin6 = 16
)

// blockBits is the length of a block (DESIGN §2).
const blockBits4 = 16

// prefix returns the id of p, created when it is new; 0 when there is no room.
func (r *RIB) prefix(f *family, p route.Prefix) (id uint32, isNew bool) {
	if id := f.index.find(p); id != 0 {
		return id, false
	}
	if len(f.state) > r.cfg.MaxPrefixes {
		r.Counters.PrefixesRefused++
		return 0, false
	}
	st := prefixState{period: r.period(p)}
	if r.cfg.Speaks != nil && !r.cfg.Speaks(p) {
		st.flags = stateReplica
	}
	if c := f.coverOf(p); c != 0 && f.state[c].base != 0 {
		st.cover, st.base, st.old = c, f.state[c].base, f.state[c].old
		st.flags |= stateInherited
	}
	id = uint32(len(f.state))
	f.state = append(f.state, st)
	f.index.add(p, id)
	f.lengths[p.Bits]++
	return id, true
}

// coverOf returns the longest known prefix that is shorter than p and holds it.
func (f *family) coverOf(p route.Prefix) uint32 {
	least := uint8(coverMin4)
	if p.Family == route.IPv6 {
		least = coverMin6
	}
	for l := p.Bits; l > least; {
		l--
		if f.lengths[l] == 0 {
			continue
		}
		if id := f.index.find(truncate(p, l)); id != 0 {
			return id
		}
	}
	return 0
}

// moreSpecific returns a known prefix with a baseline, up to two bits longer
// than p, that begins in the same block; nil without one. IPv4 only
// (DETECTION §3).
func (r *RIB) moreSpecific(f *family, p route.Prefix) *prefixState {
	if p.Family != route.IPv4 {
		return nil
	}
	for l := p.Bits + 1; l <= min(p.Bits+2, 32); l++ {
		if f.lengths[l] == 0 {
			continue
		}
		step := uint64(1) << (64 - l)
		for q := (route.Prefix{Hi: p.Hi, Bits: l, Family: p.Family}); p.Contains(q); q.Hi += step {
			if q.Hi>>(64-blockBits4) != p.Hi>>(64-blockBits4) {
				break
			}
			if id := f.index.find(q); id != 0 && f.state[id].base != 0 {
				return &f.state[id]
			}
			if q.Hi+step < q.Hi {
				break
			}
		}
	}
	return nil
}

func truncate(p route.Prefix, bits uint8) route.Prefix {
	hi, lo := route.Mask(bits)
	return route.Prefix{Hi: p.Hi & hi, Lo: p.Lo & lo, Bits: bits, Family: p.Family}
}
