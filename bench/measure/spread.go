package measure

import (
	"fmt"
	"slices"
	"strconv"
)

// Spread is what several rounds gave.
type Spread struct{ Min, Median, Max float64 }

// SpreadOf returns the spread of v; of an even number the upper of the two
// middle values is the median. Without values it is zero.
func SpreadOf(v []float64) Spread {
	if len(v) == 0 {
		return Spread{}
	}
	s := slices.Sorted(slices.Values(v))
	return Spread{s[0], s[len(s)/2], s[len(s)-1]}
}

// Ratios divides a by b, round by round: what one round of a busy machine does
// to one side it does to the other.
func Ratios(a, b []float64) Spread {
	var r []float64
	for i := range min(len(a), len(b)) {
		if b[i] > 0 {
			r = append(r, a[i]/b[i])
		}
	}
	return SpreadOf(r)
}

// String returns the median, and least and most in parentheses.
func (s Spread) String() string {
	return fmt.Sprintf("%s (%s–%s)", Number(s.Median), Number(s.Min), Number(s.Max))
}

// Number returns v with three significant digits, or all of its whole ones with
// a comma between thousands.
func Number(v float64) string {
	switch {
	case v < 0:
		return "-" + Number(-v)
	case v >= 99.95:
		return thousands(strconv.FormatFloat(v, 'f', 0, 64))
	case v >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v >= 0.995 || v == 0:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// Count returns n with a comma between thousands.
func Count(n uint64) string { return thousands(strconv.FormatUint(n, 10)) }

func thousands(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
