package wire

// What our own encoder writes stands in the order of field numbers, so that it
// can be read in a straight line: one comparison per field, no loop for the
// branch predictor to lose itself in. The functions below read exactly that and
// leave everything else, errors included, to fields.scan.

// scanUpdate is scan for an update message.
func (f *fields) scanUpdate(b []byte, m span) error {
	if f.canonicalUpdate(b, m.lo(), m.hi()) {
		return nil
	}
	*f = fields{}
	return f.scan(b, m.lo(), m.hi(), updateShape())
}

// canonicalUpdate reads b[i:end] if it is an update in canonical form without
// the fields above number 15. Otherwise f is left undefined.
func (f *fields) canonicalUpdate(b []byte, i, end int) bool {
	b = b[:end]
	*f = fields{}
	if is(b, i, updNumber<<3) {
		if c := b[i+1]; c < 0x80 { // nearly always
			f.v[updNumber], i = uint64(c), i+2
		} else {
			f.v[updNumber], i = varintBehind(b, i)
		}
	}
	if is(b, i, updPeer<<3) {
		if c := b[i+1]; c < 0x80 { // nearly always
			f.v[updPeer], i = uint64(c), i+2
		} else {
			f.v[updPeer], i = varintBehind(b, i)
		}
	}
	if is(b, i, updEngine<<3) {
		f.v[updEngine], i = varintBehind(b, i)
	}
	if is(b, i, updCollected<<3) {
		f.v[updCollected], i = varintBehind(b, i)
		f.seen = 1 << updCollected
	}
	if is(b, i, updFlags<<3) {
		f.v[updFlags], i = varintBehind(b, i)
	}
	i = f.canonicalBytes(b, i)
	if is(b, i, updOrigin<<3) {
		f.v[updOrigin], i = varintBehind(b, i)
	}
	return i == end
}

// canonicalBytes reads the length-delimited fields up to number 14, each at
// most once and in order, and returns the index behind them.
func (f *fields) canonicalBytes(b []byte, i int) int {
	last := byte(updFlags<<3 | 7)
	for i+1 < len(b) {
		tag, n := b[i], int(b[i+1])
		if tag&7 != typeBytes || tag <= last || tag >= updOrigin<<3 {
			return i
		}
		lo := i + 2
		if n >= 0x80 {
			var long uint64
			if long, lo = uvarint(b, i+1); lo == 0 || long > MaxFrame {
				return i
			}
			n = int(long)
		}
		i = lo + n
		f.v[tag>>3&15] = uint64(lo) | uint64(i)<<32
		last = tag
	}
	return i
}

// is tells whether a field of the given tag and at least one octet stands at i.
func is(b []byte, i int, tag byte) bool { return i+1 < len(b) && b[i] == tag }

// varintBehind reads the varint behind the tag at i. It is unrolled for up to
// four octets: times within seconds of each other.
func varintBehind(b []byte, i int) (v uint64, next int) {
	p := b[i+1:]
	if v = uint64(p[0]); v < 0x80 {
		return v, i + 2
	}
	if len(p) < 4 {
		return varintRest(b, i)
	}
	c := uint64(p[1])
	v = v&0x7f | c<<7
	if c < 0x80 {
		return v, i + 3
	}
	c = uint64(p[2])
	v = v&0x3fff | c<<14
	if c < 0x80 {
		return v, i + 4
	}
	c = uint64(p[3])
	v = v&0x1fffff | c<<21
	if c < 0x80 {
		return v, i + 5
	}
	return varintRest(b, i)
}

// varintRest reads any varint behind the tag at i. Of a broken one it consumes
// nothing.
func varintRest(b []byte, i int) (v uint64, next int) {
	if v, next = uvarint(b, i+1); next == 0 {
		return 0, i
	}
	return v, next
}
