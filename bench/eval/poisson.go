package eval

import "math"

// poissonBound is the rate that n events or fewer would still come of in one of
// twenty trials: the upper 95 % bound on the expected number.
func poissonBound(n int) float64 {
	low, high := float64(n), float64(n)*2+20
	for range 60 {
		mid := (low + high) / 2
		if poissonUpTo(n, mid) > 0.05 {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}

// poissonUpTo is the probability of at most n events where mean are expected.
func poissonUpTo(n int, mean float64) float64 {
	sum, logFactorial := 0.0, 0.0
	for k := 0; k <= n; k++ {
		if k > 0 {
			logFactorial += math.Log(float64(k))
		}
		sum += math.Exp(float64(k)*math.Log(mean) - mean - logFactorial)
	}
	return sum
}
