package snapshot

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"reflect"
	"slices"
	"unsafe"
)

// sorter puts the entries of a map in the order of their keys' octets.
type sorter struct {
	keys    []byte // back to back
	entries []entry
}

// entry is one entry of a map.
type entry struct {
	head     uint64 // the key's first octets, which decide nearly always
	from, to int    // in sorter.keys
	value    reflect.Value
}

// mapping writes a map: its entries by key.
func (e *encoder) mapping(t *typ, p unsafe.Pointer) {
	m := reflect.NewAt(t.goType, p).Elem()
	if m.IsNil() {
		e.number(0)
		return
	}
	e.number(uint64(m.Len()) + 1)
	e.check.span(m.UnsafePointer(), 1)
	if t.key.plain && t.elem.plain {
		e.plainMap(t, m)
		return
	}
	s := e.sorter
	s.read(t, m)
	e.sorter = sorter{} // an inner map has to have its own
	e.check.index()
	for i := range s.entries {
		n := &s.entries[i]
		e.write(s.keys[n.from:n.to])
		e.value(t.elem, n.value.Addr().UnsafePointer())
	}
	e.check.leave()
	clear(s.entries)
	e.sorter = s
}

// read takes the entries of a map and sorts them.
func (s *sorter) read(t *typ, m reflect.Value) {
	s.keys, s.entries = s.keys[:0], s.entries[:0]
	k := encoder{}
	key := reflect.New(t.key.goType)
	for i := m.MapRange(); i.Next(); {
		key.Elem().SetIterKey(i)
		k.out = s.keys
		k.value(t.key, key.UnsafePointer())
		value := reflect.New(t.elem.goType).Elem()
		value.SetIterValue(i)
		s.entries = append(s.entries, entry{from: len(s.keys), to: len(k.out), value: value})
		s.keys = k.out
	}
	s.sort()
}

func (s *sorter) sort() {
	for i := range s.entries {
		n := &s.entries[i]
		n.head = head(s.keys[n.from:n.to])
	}
	slices.SortFunc(s.entries, func(a, b entry) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		return bytes.Compare(s.keys[a.from:a.to], s.keys[b.from:b.to])
	})
}

// head returns the first octets of a key as a number that sorts as they do.
func head(key []byte) uint64 {
	var b [8]byte
	copy(b[:], key)
	return binary.BigEndian.Uint64(b[:])
}

// place is where an entry of a plain map lies.
type place struct {
	head uint64
	at   int
}

// plainMap writes the entries of a map whose keys and values are plain, which
// may be millions.
func (e *encoder) plainMap(t *typ, m reflect.Value) {
	size := t.key.size + t.elem.size
	if e.count {
		e.n += m.Len() * size
		return
	}
	key, value := reflect.New(t.key.goType), reflect.New(t.elem.goType)
	flat := encoder{out: make([]byte, 0, m.Len()*size)}
	places := make([]place, 0, m.Len())
	for i := m.MapRange(); i.Next(); {
		key.Elem().SetIterKey(i)
		value.Elem().SetIterValue(i)
		at := len(flat.out)
		flat.image(t.key, key.UnsafePointer(), 1)
		places = append(places, place{head(flat.out[at:]), at})
		flat.image(t.elem, value.UnsafePointer(), 1)
	}
	slices.SortFunc(places, func(a, b place) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		return bytes.Compare(flat.out[a.at:][:t.key.size], flat.out[b.at:][:t.key.size])
	})
	for _, p := range places {
		e.write(flat.out[p.at:][:size])
	}
}
