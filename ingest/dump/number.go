package dump

import "math/bits"

// pairs are the numbers below 100, two digits each.
const pairs = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748" +
	"4950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495969798" +
	"99"

// powers are those of ten, by the number of zeros.
var powers = [...]uint32{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// appendDecimal appends v. Most of a line is numbers: writing them in place takes
// half the time of strconv, which copies them from behind.
func appendDecimal(dst []byte, v uint32) []byte {
	if v < 10 {
		return append(dst, '0'+byte(v))
	}
	n := bits.Len32(v) * 1233 >> 12 // log10, or one less
	if v >= powers[n] {
		n++
	}
	end := len(dst) + n
	dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)[:end]
	digits := dst[end-n : end]
	for v >= 100 {
		q := v / 100
		d := (v - q*100) * 2
		n -= 2
		digits[n], digits[n+1] = pairs[d], pairs[d+1]
		v = q
	}
	if v >= 10 {
		digits[0], digits[1] = pairs[v*2], pairs[v*2+1]
	} else {
		digits[0] = '0' + byte(v)
	}
	return dst
}
