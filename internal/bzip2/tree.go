package bzip2

const (
	maxCodeLen = 20
	fastBits   = 10
	maxSymbols = 258 // 256 values less one, two for runs, one for the end
)

// tree decodes one Huffman code.
type tree struct {
	fast  [1 << fastBits]uint16  // symbol<<5 | length by the next bits; 0 for longer codes
	limit [maxCodeLen + 1]uint32 // by length: the first code beyond, as 20 bits
	first [maxCodeLen + 1]uint32 // by length: the first code
	place [maxCodeLen + 1]uint32 // by length: where the symbol of the first code stands
	perm  [maxSymbols]uint16     // symbols by code
}

// build makes the code in which symbol i has lens[i] bits, from 1 to 20. Lengths
// that leave bits without a symbol, or symbols without bits, are no fault until
// such bits are read: bzip2 itself takes them, and a tree may stand there unused.
func (t *tree) build(lens []uint8) {
	var count [maxCodeLen + 1]uint32
	for _, l := range lens {
		count[l]++
	}
	code, place := uint32(0), uint32(0)
	for l := 1; l <= maxCodeLen; l++ {
		t.first[l], t.place[l] = code, place
		code += count[l]
		place += count[l]
		t.limit[l] = code << (maxCodeLen - l)
		code <<= 1
	}
	next := t.place
	for sym, l := range lens {
		t.perm[next[l]] = uint16(sym)
		next[l]++
	}
	t.buildFast()
}

func (t *tree) buildFast() {
	clear(t.fast[:])
	for l := uint32(1); l <= fastBits; l++ {
		from := t.first[l] << (fastBits - l)
		to := min(t.limit[l]>>(maxCodeLen-fastBits), 1<<fastBits)
		for at := from; at < to; at++ {
			sym := t.perm[t.place[l]+(at>>(fastBits-l))-t.first[l]]
			t.fast[at] = sym<<5 | uint16(l)
		}
	}
}

// long finds a code of more than fastBits bits in the 20 bits v, 0 bits when
// there is none.
func (t *tree) long(v uint32) (sym uint16, n uint) {
	for l := uint32(fastBits + 1); l <= maxCodeLen; l++ {
		if v < t.limit[l] {
			return t.perm[t.place[l]+(v>>(maxCodeLen-l))-t.first[l]], uint(l)
		}
	}
	return 0, 0
}
