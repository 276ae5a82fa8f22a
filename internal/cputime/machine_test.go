package cputime

import (
	"testing"
	"time"
)

func TestBusyTimeLeavesIdleOut(t *testing.T) {
	for stat, want := range map[string]time.Duration{
		"cpu  100 20 30 4000 500 6 7 8 9 10\ncpu0 1 2\n": 171 * 10 * time.Millisecond,
		"cpu  100 1 20 9999 5 3 2 0 0 0":                 1260 * time.Millisecond,
	} {
		if got, ok := busy(stat); !ok || got != want {
			t.Errorf("%v, %v, want %v", got, ok, want)
		}
	}
	for _, bad := range []string{
		"", "cpu 1 2 3", "cpu0 1 2 3 4 5 6 7", "intr 1 2 3 4 5 6 7 8", "cpu a b c d e f g h",
	} {
		if _, ok := busy(bad); ok {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestProcessorTimeIsRead(t *testing.T) {
	const stat = "77 (a (b) c) S 1 77 77 0 -1 4194560 9 0 0 0 123 45 0 0 20 0 8 0 1 2 3"
	if got, ok := used(stat); !ok || got != 1680*time.Millisecond {
		t.Errorf("process: %v", got)
	}
	for _, bad := range []string{"", "77 (x) S 1", "cpu a b c d e f g h"} {
		if got, ok := used(bad); ok {
			t.Errorf("%q has the time %v", bad, got)
		}
	}
}
