package flat

import (
	"testing"

	"pgregory.net/rapid"
)

// tableKeys are few, so that they meet, and some share a home at every size of
// the table, the last cell's among them, so that runs wrap around.
func tableKeys() (keys []uint64) {
	tab := Table[uint64, uint64]{shift: 64 - 10}
	want := map[int]int{0: 6, 1<<10 - 1: 6, 1<<9 - 1: 3}
	for k := uint64(1); len(want) > 0; k++ {
		home := tab.slot(k)
		if want[home] > 0 {
			keys = append(keys, k)
			if want[home]--; want[home] == 0 {
				delete(want, home)
			}
		}
	}
	for k := range uint64(40) {
		keys = append(keys, 1<<56|3<<32|k+1)
	}
	return keys
}

// TestTableIsAMap holds the table, its deletion above all, against a map.
func TestTableIsAMap(t *testing.T) {
	keys := tableKeys()
	rapid.Check(t, func(t *rapid.T) {
		var tab Table[uint64, uint64]
		want := map[uint64]uint64{}
		key := rapid.SampledFrom(keys)
		put := func(t *rapid.T) {
			k, val := key.Draw(t, "key"), rapid.Uint64().Draw(t, "value")
			v, added := tab.Put(k)
			old, had := want[k]
			if added == had || *v != old {
				t.Fatalf("put %d: added %t with %d, want %t with %d", k, added, *v, !had, old)
			}
			*v, want[k] = val, val
		}
		del := func(t *rapid.T) {
			k := key.Draw(t, "key")
			tab.Del(k)
			delete(want, k)
		}
		t.Repeat(map[string]func(*rapid.T){
			"put": put, "put2": put, "del": del,
			"": func(t *rapid.T) { sameAsMap(t, &tab, want, keys) },
		})
	})
}

func sameAsMap(t *rapid.T, tab *Table[uint64, uint64], want map[uint64]uint64, keys []uint64) {
	if tab.n != len(want) {
		t.Fatalf("%d entries, want %d", tab.n, len(want))
	}
	for _, k := range keys {
		v, old := tab.Get(k), want[k]
		if _, had := want[k]; had != (v != nil) || had && *v != old {
			t.Fatalf("key %d: %v, want %d, %t", k, v, old, had)
		}
	}
	for i, k := range tab.keys {
		if k == 0 && tab.vals[i] != 0 {
			t.Fatalf("cell %d is free and holds %d", i, tab.vals[i])
		}
	}
}

// TestTableStaysSmall holds that deletion leaves nothing behind for which a
// table would grow.
func TestTableStaysSmall(t *testing.T) {
	var tab Table[uint32, uint32]
	for k := uint32(1); k <= 100_000; k++ {
		tab.Put(k)
		if k > 10 {
			tab.Del(k - 10)
		}
	}
	if tab.n != 10 || len(tab.keys) != 16 {
		t.Errorf("%d entries in %d cells", tab.n, len(tab.keys))
	}
}
