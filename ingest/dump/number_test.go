package dump

import (
	"math"
	"strconv"
	"testing"
)

func TestDecimalIsThatOfStrconv(t *testing.T) {
	check := func(v uint32) {
		t.Helper()
		if got, want := string(appendDecimal([]byte("x"), v)), "x"+strconv.FormatUint(uint64(v), 10); got != want {
			t.Errorf("%d is %q", v, got)
		}
	}
	for v := range uint32(200_000) {
		check(v)
	}
	for p := uint64(1); p <= math.MaxUint32; p *= 10 {
		for d := range uint64(3) {
			check(uint32(p + d - 1))
		}
	}
	for shift := range 32 {
		check(1<<shift - 1)
		check(1 << shift)
		check(math.MaxUint32 >> shift)
	}
}
