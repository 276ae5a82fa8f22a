package topo

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"detour/route"
)

// lengths4 is how many of 10,000 IPv4 prefixes have each length from /8 on,
// about as tables of the
// 2020s have it, with fewer short ones, so that the address space suffices.
var lengths4 = [...]int{
	0, 0, 1, 1, 2, 3, 6, 10, // /8 to /15
	90, 75, 130, 250, 430, 490, 1050, 1010, 6452, // /16 to /24
}

// lengths6 is the same for IPv6 from /29 on.
var lengths6 = [...]int{
	350, 50, 30, 1500, 150, 100, 150, 400, 100, 100, 100, 1000, // /29 to /40
	100, 250, 100, 1000, 150, 250, 320, 3800, // /41 to /48
}

// sizes of named networks: prefixes of a table of a million, by construction.
var sizes = []struct {
	asn route.ASN
	n   int
}{
	{16509, 9000},
	{20940, 6000},
	{13335, 2400},
	{15169, 1000},
	{8075, 700},
	{63949, 600},
	{54113, 500},
	{2906, 300},
	{714, 350},
	{32934, 250},
	{37963, 1500},
	{12479, 4000},
	{7029, 2500},
	{4755, 3500},
	{8151, 3500},
	{12389, 1500},
	{9498, 2500},
	{4134, 1800},
	{9121, 1200},
	{4788, 800},
	{55410, 824},
	{4713, 400},
	{9394, 1500},
	{3209, 600},
	{1136, 500},
	{3303, 300},
	{5410, 400},
	{18101, 900},
	{2497, 500},
	{174, 3000},
	{701, 900},
	{3356, 1500},
	{33154, 60},
	{396531, 1},
	{38099, 20},
	{7625, 20},
	{9457, 3},
	{36561, 6},
}

// counts says how many prefixes each node of g announces: at least one, total
// in all, with a heavy tail of index 1.1.
func counts(g *Graph, total int, rng *rand.Rand) []int {
	n := g.Len()
	weight := make([]float64, n)
	for v := range n {
		x := math.Pow(1-rng.Float64(), -1/1.1)
		weight[v] = min(x, 3000) * (1 + math.Log2(1+float64(len(g.near(int32(v), Customer))))/3)
	}
	out := make([]int, n)
	fixed, fixedSum := make([]bool, n), 0
	for _, s := range sizes {
		if v, ok := g.index[s.asn]; ok {
			out[v] = max(1, s.n*total/1_000_000)
			fixed[v] = true
			fixedSum += out[v]
		}
	}
	free := make([]int32, 0, n)
	sum := 0.0
	for v := range int32(n) {
		if !fixed[v] {
			free = append(free, v)
			sum += weight[v]
		}
	}
	left := total - fixedSum - len(free)
	for _, v := range free {
		extra := int(float64(max(left, 0)) * weight[v] / sum)
		out[v] = 1 + extra
		fixedSum += out[v]
	}
	for ; fixedSum < total && len(free) > 0; fixedSum++ { // what rounding lost
		out[free[rng.IntN(len(free))]]++
	}
	return out
}

// slot is a prefix in the making.
type slot struct {
	addr   uint32
	parent int32 // slot that covers it, -1 for none
	node   int32
	bits   uint8
}

// shapes draws the lengths of all prefixes and which of them lie in another of
// the same origin: more than half of those that can. Slots of a node follow each
// other, shortest first.
func shapes(counts []int, rng *rand.Rand) []slot {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	table := cumulative(lengths4[:])
	out := make([]slot, 0, sum)
	for v, n := range counts {
		first := len(out)
		for range n {
			out = append(out, slot{node: int32(v), parent: -1, bits: uint8(8 + draw(table, rng))})
		}
		own := out[first:]
		slices.SortStableFunc(own, func(a, b slot) int { return cmp.Compare(a.bits, b.bits) })
		for i := 1; i < len(own); i++ {
			if p := rng.IntN(i); own[p].bits < own[i].bits && rng.IntN(100) < 70 {
				own[i].parent = int32(first + p)
			}
		}
	}
	return out
}

func cumulative(weights []int) []int {
	out := make([]int, len(weights))
	sum := 0
	for i, w := range weights {
		sum += w
		out[i] = sum
	}
	return out
}

// draw returns an index by cumulative weights.
func draw(cumulative []int, rng *rand.Rand) int {
	n := rng.IntN(cumulative[len(cumulative)-1])
	i, _ := slices.BinarySearch(cumulative, n+1)
	return i
}
