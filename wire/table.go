package wire

import "detour/route"

// indexTable maps (ingester, session id) to a place in a message's peer list.
// It is emptied by counting up its generation and holds at most as many
// entries as the message has peers.
type indexTable struct {
	slots []tableSlot // a power of two, at most half full
	used  int
	gen   uint32
}

type tableSlot struct {
	key          uint64
	gen          uint32
	index        uint32
	start        route.Time // what the peer list says of the session
	feed4, feed6 route.Feed
}

func (t *indexTable) reset() {
	t.used = 0
	if t.gen++; t.gen == 0 {
		clear(t.slots)
		t.gen = 1
	}
}

// find returns the slot of key, and whether it holds what s says. An empty or
// outdated slot is for the caller to fill by set.
func (t *indexTable) find(key uint64, s *route.Session) (slot *tableSlot, ok bool) {
	if 2*t.used >= len(t.slots) {
		t.grow()
	}
	slot = t.probe(key)
	ok = slot.gen == t.gen && slot.start == s.Start && slot.feed4 == s.Feed4 && slot.feed6 == s.Feed6
	return slot, ok
}

func (t *indexTable) probe(key uint64) *tableSlot {
	mask := uint64(len(t.slots) - 1)
	for i := key * 0x9e3779b97f4a7c15 >> 32; ; i++ {
		slot := &t.slots[i&mask]
		if slot.gen != t.gen || slot.key == key {
			return slot
		}
	}
}

func (t *indexTable) set(slot *tableSlot, key uint64, s *route.Session, index uint32) {
	if slot.gen != t.gen {
		t.used++
	}
	*slot = tableSlot{key: key, gen: t.gen, index: index, start: s.Start, feed4: s.Feed4, feed6: s.Feed6}
}

func (t *indexTable) grow() {
	old := t.slots
	t.slots = make([]tableSlot, max(64, 2*len(old)))
	for i := range old {
		if old[i].gen == t.gen {
			*t.probe(old[i].key) = old[i]
		}
	}
}
