package rib

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"detour/processor/flat"
)

// arena holds the contents of baselines, each once, back to back in chunks that
// hold no pointers. A Base counts 4 octets.
type arena struct {
	chunks []*arenaChunk
	used   int // octets in the last chunk
}

const (
	arenaBits = 20
	arenaSize = 1 << arenaBits
	arenaUnit = 4
	// arenaMax bounds the chunks: 1 GiB of baselines in a shard.
	arenaMax = 1 << 10
)

type arenaChunk [arenaSize]byte

// newArena leaves one unit free, so that 0 names nothing; read as a content it
// has no origins and an empty set.
func newArena() arena {
	return arena{chunks: []*arenaChunk{new(arenaChunk)}, used: arenaUnit}
}

// octets returns how much is in use.
func (a *arena) octets() int { return (len(a.chunks)-1)<<arenaBits + a.used }

// at returns a content, and what lies behind it in its chunk.
func (a *arena) at(b Base) content {
	at := uint64(b) * arenaUnit
	return a.chunks[at>>arenaBits][at&(arenaSize-1):]
}

// add copies c into the arena; false where there is no room.
func (a *arena) add(c content) (Base, bool) {
	if len(c) > arenaSize {
		return 0, false
	}
	if a.used+len(c) > arenaSize {
		if len(a.chunks) == arenaMax {
			return 0, false
		}
		a.chunks, a.used = append(a.chunks, new(arenaChunk)), 0
	}
	id := Base(((len(a.chunks)-1)<<arenaBits + a.used) / arenaUnit)
	a.used += copy(a.chunks[len(a.chunks)-1][a.used:], c)
	return id, true
}

// content is a baseline as octets, little-endian: the number of its origins in
// 31 bits and whether it is loose (it holds ASes that were not seen on the way
// to one of its origins), the size of its set, the origins as dense AS ids in
// order of their ASNs, and the set of on-path ASes as a roaring bitmap in its
// portable form; padded to a unit.
type content []byte

const (
	contentHead  = 8
	contentLoose = 1 << 31
)

func (c content) loose() bool  { return binary.LittleEndian.Uint32(c)&contentLoose != 0 }
func (c content) origins() int { return int(binary.LittleEndian.Uint32(c) &^ contentLoose) }

func (c content) origin(i int) uint32 { return binary.LittleEndian.Uint32(c[contentHead+4*i:]) }

func (c content) hasOrigin(o uint32) bool {
	for i := range c.origins() {
		if c.origin(i) == o {
			return true
		}
	}
	return false
}

func (c content) set() asSet {
	at := contentHead + 4*c.origins()
	return asSet(c[at : at+int(binary.LittleEndian.Uint32(c[4:]))])
}

// equals compares with a content that ends where its slice does.
func (c content) equals(d content) bool { return len(c) >= len(d) && bytes.Equal(c[:len(d)], d) }

// trim cuts off what lies behind c.
func (c content) trim() content {
	size := contentHead + 4*c.origins() + int(binary.LittleEndian.Uint32(c[4:]))
	return c[:(size+arenaUnit-1)&^(arenaUnit-1)]
}

// hash is of a trimmed content.
func (c content) hash() uint64 {
	h := uint64(len(c))
	for ; len(c) >= 8; c = c[8:] {
		h = flat.Hash64(h ^ binary.LittleEndian.Uint64(c))
	}
	if len(c) > 0 {
		h = flat.Hash64(h ^ uint64(binary.LittleEndian.Uint32(c)))
	}
	return h
}

// resize gives the index another size, a power of two.
func (b *bases) resize(size int) {
	old := b.index
	b.index = make([]uint64, size)
	b.shift = uint8(64 - bits.TrailingZeros(uint(size)))
	for _, cell := range old {
		if cell != 0 {
			// The upper half of the hash chooses the place in up to 2³² cells.
			i := int(cell >> 32 << 32 >> b.shift)
			for ; b.index[i] != 0; i = (i + 1) & (size - 1) {
			}
			b.index[i] = cell
		}
	}
}
