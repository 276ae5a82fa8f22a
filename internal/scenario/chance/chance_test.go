package chance

import (
	"testing"

	"detour/route"
)

// TestMixIsTheSameForEver holds the values on which every generated world rests.
func TestMixIsTheSameForEver(t *testing.T) {
	for _, tc := range []struct {
		got, want uint64
	}{
		{Mix(7), 7},
		{Mix(1, 2), 0x6c45d188009454f},
		{Mix(1, 2, 3), 0x873e686a9eeaeccf},
	} {
		if tc.got != tc.want {
			t.Errorf("%#x, want %#x", tc.got, tc.want)
		}
	}
	if Mix(1, 2, 3) == Mix(1, 3, 2) {
		t.Error("the order of the parts does not count")
	}
}

func TestBetween(t *testing.T) {
	for h := range uint64(1000) {
		if got := Between(h, 5, 9); got < 5 || got >= 9 {
			t.Errorf("%d is between 5 and 9 as %d", h, got)
		}
	}
	if got := Between(77, 9, 9); got != route.Time(9) {
		t.Errorf("between 9 and 9: %d", got)
	}
}
