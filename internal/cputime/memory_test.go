package cputime

import "testing"

func TestPeakMemoryHoldsWhatWasUsed(t *testing.T) {
	before := PeakMemory()
	if before == 0 {
		t.Skip("the system does not tell")
	}
	const more = 64 << 20
	b := make([]byte, more)
	for i := range b {
		b[i] = 1
	}
	if now := PeakMemory(); now < more || now < before {
		t.Errorf("%d bytes at most with %d in use, %d before", now, len(b), before)
	}
}
