package wire

import (
	"testing"
	"unsafe"
)

// What is touched for each update stays small.
func TestSizes(t *testing.T) {
	for _, tt := range []struct {
		name      string
		got, want uintptr
	}{
		{"recent head", unsafe.Sizeof(recentHead{}), 64},
		{"recent session", unsafe.Sizeof(recentSession{}), 48},
		{"head", unsafe.Sizeof(head{}), 76},
		{"reader", unsafe.Sizeof(UpdateReader{}), 96},
	} {
		if tt.got != tt.want {
			t.Errorf("%s has %d octets, want %d", tt.name, tt.got, tt.want)
		}
	}
}
