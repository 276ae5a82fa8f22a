package flat

import (
	"math/bits"
	"unsafe"
)

// Table is an open-addressing hash table from a non-zero integer key to a
// small value. It holds no pointers of its own, so the garbage collector does
// not scan it when V has none. Deletion shifts back, so no tombstones gather.
type Table[K ~uint32 | ~uint64, V any] struct {
	keys  []K
	vals  []V
	n     int
	shift uint8
}

// Hash64 is Fibonacci hashing with one fold, which is enough for keys that are
// packed small integers.
func Hash64(k uint64) uint64 {
	k ^= k >> 32
	k *= 0x9E3779B97F4A7C15
	k ^= k >> 29
	return k * 0xBF58476D1CE4E5B9
}

func (t *Table[K, V]) slot(k K) int { return int(Hash64(uint64(k)) >> t.shift) }

// Octets returns what the table takes.
func (t *Table[K, V]) Octets() int {
	var k K
	var v V
	return len(t.keys) * int(unsafe.Sizeof(k)+unsafe.Sizeof(v))
}

// Len returns the number of entries.
func (t *Table[K, V]) Len() int { return t.n }

// Each calls f for every entry, in no useful order. f may change the value but
// not the table.
func (t *Table[K, V]) Each(f func(k K, v *V)) {
	for i, k := range t.keys {
		if k != 0 {
			f(k, &t.vals[i])
		}
	}
}

// Clear removes all entries and keeps the memory.
func (t *Table[K, V]) Clear() {
	clear(t.keys)
	clear(t.vals)
	t.n = 0
}

// Get returns the place of k's value, nil when k is absent. The pointer is
// valid until the next Put or Del.
func (t *Table[K, V]) Get(k K) *V {
	if t.n == 0 {
		return nil
	}
	mask := len(t.keys) - 1
	for i := t.slot(k); ; i = (i + 1) & mask {
		switch t.keys[i] {
		case k:
			return &t.vals[i]
		case 0:
			return nil
		}
	}
}

// Put returns the place of k's value, which is new and zero when absent.
func (t *Table[K, V]) Put(k K) (v *V, added bool) {
	if t.n*4 >= len(t.keys)*3 {
		t.grow()
	}
	mask := len(t.keys) - 1
	for i := t.slot(k); ; i = (i + 1) & mask {
		switch t.keys[i] {
		case k:
			return &t.vals[i], false
		case 0:
			t.keys[i] = k
			t.n++
			return &t.vals[i], true
		}
	}
}

func (t *Table[K, V]) grow() {
	keys, vals := t.keys, t.vals
	size := max(16, 2*len(keys))
	t.keys, t.vals, t.n = make([]K, size), make([]V, size), 0
	t.shift = uint8(64 - bits.TrailingZeros(uint(size)))
	for i, k := range keys {
		if k != 0 {
			v, _ := t.Put(k)
			*v = vals[i]
		}
	}
}

// Del removes k and closes the gap behind it.
func (t *Table[K, V]) Del(k K) {
	if t.n == 0 {
		return
	}
	mask := len(t.keys) - 1
	i := t.slot(k)
	for t.keys[i] != k {
		if t.keys[i] == 0 {
			return
		}
		i = (i + 1) & mask
	}
	var zero V
	for j := (i + 1) & mask; t.keys[j] != 0; j = (j + 1) & mask {
		// The entry at j may move to the gap at i unless its home lies behind i.
		if home := t.slot(t.keys[j]); (j-home)&mask >= (j-i)&mask {
			t.keys[i], t.vals[i] = t.keys[j], t.vals[j]
			i = j
		}
	}
	t.keys[i], t.vals[i] = 0, zero
	t.n--
}
