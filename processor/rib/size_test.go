package rib

import (
	"testing"
	"unsafe"

	"detour/route"
)

// TestStructSizes holds the sizes of docs/state.md §1.
func TestStructSizes(t *testing.T) {
	var x index
	var rec recent
	var b bases
	for _, c := range []struct {
		name      string
		got, want uintptr
	}{
		{"AS table, cell", cellSize[uint32, uint32](), 8},
		{"AS table, ASN", unsafe.Sizeof(route.ASN(0)), 4},
		{"path-tree node", unsafe.Sizeof(node{}), 16},
		{"path-tree index, cell", unsafe.Sizeof(treeCell(0)), 4},
		{"prefix index, IPv4", unsafe.Sizeof(x.v4[0]), 8},
		{"prefix index, IPv6", unsafe.Sizeof(cell6{}), 24},
		{"prefix state", unsafe.Sizeof(prefixState{}), 28},
		{"slot", unsafe.Sizeof(slot(0)), 4},
		{"slot of a sparse peer, cell", cellSize[uint32, slot](), 8},
		{"ADD-PATH id", unsafe.Sizeof(pathEntry{}), 16},
		{"ADD-PATH table, cell", cellSize[uint64, uint32](), 12},
		{"recently changed, cell", unsafe.Sizeof(rec.cells[0]), 8},
		{"baselines, index cell", unsafe.Sizeof(b.index[0]), 8},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d bytes, want %d", c.name, c.got, c.want)
		}
	}
}

// cellSize is what one cell of a table costs: keys and values lie apart.
func cellSize[K ~uint32 | ~uint64, V any]() uintptr {
	var k K
	var v V
	return unsafe.Sizeof(k) + unsafe.Sizeof(v)
}
