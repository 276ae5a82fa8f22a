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
		{"row under construction", unsafe.Sizeof(row{}), 16},
		{"recent head", unsafe.Sizeof(recentHead{}), 32},
		{"recent session", unsafe.Sizeof(recentSession{}), 56},
		{"head", unsafe.Sizeof(head{}), 70},
		{"reader", unsafe.Sizeof(UpdateReader{}), 96},
	} {
		if tt.got != tt.want {
			t.Errorf("%s has %d octets, want %d", tt.name, tt.got, tt.want)
		}
	}
}
