package stream

import (
	"fmt"
	"math/bits"

	"detour/route"
)

// MaxShards bounds the number of shards: sets of shards are 64-bit masks.
const MaxShards = 64

// BlockBits4 and BlockBits6 are the prefix lengths of the blocks that are owned
// as a whole (DESIGN §2).
const (
	BlockBits4 = 16
	BlockBits6 = 28
)

// The constants of the block hash: the finaliser of SplitMix64 (Steele, Lea and
// Flood 2014). They are frozen with testdata/shards.tsv: another value would
// send prefixes to shards that do not hold their state.
const (
	hashAdd  = 0x9e3779b97f4a7c15
	hashMul1 = 0xbf58476d1ce4e5b9
	hashMul2 = 0x94d049bb133111eb
)

// CheckShards reports whether n is a possible number of shards.
func CheckShards(n int) error {
	if n < 1 || n > MaxShards {
		return fmt.Errorf("number of shards is %d, must be from 1 to %d", n, MaxShards)
	}
	return nil
}

// Shard returns the shard that speaks for p: that of p's first block. shards is
// from 1 to MaxShards, and p is valid.
func Shard(p route.Prefix, shards int) int { return shardOf(p.Hi, p.Family, shards) }

// shardOf is the fast path: hi is the upper half of an address of the family.
func shardOf(hi uint64, family route.Family, shards int) int {
	shift := 64 - BlockBits4
	if family == route.IPv6 {
		shift = 64 - BlockBits6
	}
	n, _ := bits.Mul64(mix(hi>>shift|uint64(family)<<32), uint64(shards))
	return int(n)
}

// mix spreads a block number over 64 bits.
func mix(x uint64) uint64 {
	x += hashAdd
	x = (x ^ x>>30) * hashMul1
	x = (x ^ x>>27) * hashMul2
	return x ^ x>>31
}

// short reports whether a prefix of this length spans several blocks.
func short(family route.Family, length uint8) bool {
	if family == route.IPv6 {
		return length < BlockBits6
	}
	return length < BlockBits4
}

// Owners returns the set of shards that own a block of p, a bit each. It has one
// member unless p is shorter than a block; the one that speaks is Shard.
func Owners(p route.Prefix, shards int) uint64 {
	if !short(p.Family, p.Bits) {
		return 1 << shardOf(p.Hi, p.Family, shards)
	}
	return shortOwners(p, shards)
}

// shortOwners walks the blocks of p and stops when every shard was met: ::/0 has
// 2^28 blocks, but some 300 of them meet all of 64 shards.
func shortOwners(p route.Prefix, shards int) uint64 {
	length := BlockBits4
	if p.Family == route.IPv6 {
		length = BlockBits6
	}
	all := ^uint64(0) >> (MaxShards - shards)
	step := uint64(1) << (64 - length)
	hi := p.Hi
	var owners uint64
	for range uint64(1) << (length - int(p.Bits)) {
		owners |= 1 << shardOf(hi, p.Family, shards)
		if owners == all {
			break
		}
		hi += step
	}
	return owners
}
