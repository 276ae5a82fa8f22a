package bzip2

// Bounds of a block.
const (
	minTrees   = 2
	maxTrees   = 6
	groupSize  = 50 // symbols between two choices of a tree
	runA       = 0
	runB       = 1
	blockUnit  = 100_000
	maxRunBits = 21 // a run of more than 2^21 fits no block
)

// block reads one block behind its magic number into tt and prepares the walk
// over it.
func (r *Reader) block() error {
	crc, ok := r.bits.take(32)
	random, ok1 := r.bits.take(1)
	origin, ok2 := r.bits.take(24)
	if !ok || !ok1 || !ok2 {
		return r.bits.short()
	}
	if random != 0 {
		return errRandomised
	}
	symbols, err := r.alphabet()
	if err != nil {
		return err
	}
	groups, err := r.choices()
	if err != nil {
		return err
	}
	if err := r.codes(symbols + 2); err != nil {
		return err
	}
	n, err := r.symbols(uint16(symbols+1), groups)
	if err != nil {
		return err
	}
	if int(origin) >= n {
		return errOrigin
	}
	r.invert(n)
	r.want, r.crc = uint32(crc), 0
	r.at, r.left = r.tt[origin]>>8, n
	r.same, r.repeat = 0, 0
	return nil
}

// alphabet reads which values occur into mtf and returns how many do.
func (r *Reader) alphabet() (n int, err error) {
	ranges, ok := r.bits.take(16)
	for hi := range 16 {
		if ranges&(0x8000>>hi) == 0 {
			continue
		}
		used, ok1 := r.bits.take(16)
		ok = ok && ok1
		for lo := range 16 {
			if used&(0x8000>>lo) != 0 {
				r.mtf[n] = byte(hi<<4 | lo)
				n++
			}
		}
	}
	if !ok {
		return 0, r.bits.short()
	}
	if n == 0 {
		return 0, errAlphabet
	}
	return n, nil
}

// choices reads which tree each group of symbols uses and returns how many
// groups there are.
func (r *Reader) choices() (groups int, err error) {
	trees, ok := r.bits.take(3)
	n, ok1 := r.bits.take(15)
	if !ok || !ok1 {
		return 0, r.bits.short()
	}
	if trees < minTrees || trees > maxTrees || n == 0 {
		return 0, errTree
	}
	r.nTrees = int(trees)
	order := [maxTrees]uint8{0, 1, 2, 3, 4, 5}
	for i := range int(n) {
		k := 0
		for {
			bit, ok := r.bits.take(1)
			if !ok {
				return 0, r.bits.short()
			}
			if bit == 0 {
				break
			}
			if k++; k >= r.nTrees {
				return 0, errTree
			}
		}
		c := order[k]
		copy(order[1:k+1], order[:k])
		order[0] = c
		r.chosen[i] = c
	}
	return int(n), nil
}

// codes reads the lengths of all codes, each the difference to the one before.
func (r *Reader) codes(symbols int) error {
	for i := range r.nTrees {
		l, ok := r.bits.take(5)
		if !ok {
			return r.bits.short()
		}
		var lens [maxSymbols]uint8
		for s := range symbols {
			for {
				if l < 1 || l > maxCodeLen {
					return errTree
				}
				step, ok := r.bits.take(1)
				if !ok {
					return r.bits.short()
				}
				if step == 0 {
					break
				}
				down, ok := r.bits.take(1)
				if !ok {
					return r.bits.short()
				}
				l += 1 - 2*down // of 64 bits, and so minus one
			}
			lens[s] = uint8(l)
		}
		r.trees[i].build(lens[:symbols])
	}
	return nil
}

// symbols reads the block's symbols up to end, undoes runs and move-to-front,
// and leaves the values in the low octets of tt. It returns how many there are.
func (r *Reader) symbols(end uint16, groups int) (n int, err error) {
	b, tt := &r.bits, r.tt
	clear(r.counts[:])
	run, shift := 0, 0
	for g := range groups {
		t := &r.trees[r.chosen[g]]
		for range groupSize {
			if b.n < maxCodeLen {
				b.fill()
			}
			e := t.fast[b.v>>(64-fastBits)]
			sym, l := e>>5, uint(e&31)
			if l == 0 {
				if sym, l = t.long(uint32(b.v >> (64 - maxCodeLen))); l == 0 {
					return 0, r.missing(errSymbol)
				}
			}
			if l > b.n {
				return 0, b.short()
			}
			b.v <<= l
			b.n -= l
			if sym <= runB {
				if shift > maxRunBits {
					return 0, errTooLong
				}
				run += int(sym+1) << shift
				shift++
				continue
			}
			if run > 0 {
				if n, err = r.fillRun(n, run); err != nil {
					return 0, err
				}
				run, shift = 0, 0
			}
			if sym == end {
				return n, nil
			}
			if n >= len(tt) {
				return 0, errTooLong
			}
			v := r.toFront(int(sym - 1))
			tt[n] = uint32(v)
			r.counts[v]++
			n++
		}
	}
	return 0, errTree // more symbols than choices of a tree
}

// missing is err, or that the input ended where there were too few bits to say.
func (r *Reader) missing(err error) error {
	if r.bits.n < maxCodeLen {
		return r.bits.short()
	}
	return err
}

func (r *Reader) fillRun(n, run int) (int, error) {
	if run > len(r.tt)-n {
		return 0, errTooLong
	}
	v := r.mtf[0]
	part := r.tt[n : n+run]
	for i := range part {
		part[i] = uint32(v)
	}
	r.counts[v] += uint32(run)
	return n + run, nil
}

func (r *Reader) toFront(i int) byte {
	v := r.mtf[i]
	if i < 16 {
		for ; i > 0; i-- {
			r.mtf[i] = r.mtf[i-1]
		}
	} else {
		copy(r.mtf[1:i+1], r.mtf[:i])
	}
	r.mtf[0] = v
	return v
}

// invert undoes the Burrows-Wheeler transform: above the value of each place
// stands the place of the one that follows.
func (r *Reader) invert(n int) {
	sum := uint32(0)
	for i, c := range r.counts {
		r.counts[i] = sum
		sum += c
	}
	tt := r.tt[:n]
	for i := range tt {
		v := byte(tt[i])
		at := r.counts[v]
		r.counts[v]++
		tt[at] |= uint32(i) << 8
	}
}
