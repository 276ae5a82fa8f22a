package snapshot

import (
	"encoding/binary"
	"fmt"
)

// Bounds of a schema.
const (
	maxTypes = 1 << 12
	maxSize  = 1 << 30 // octets of one value
)

// appendSchema writes the format and all types, by index; the first is the root.
func (c *Codec) appendSchema(dst []byte) []byte {
	dst = append(dst, Format)
	dst = binary.AppendUvarint(dst, uint64(len(c.types)))
	for _, t := range c.types {
		dst = append(dst, byte(t.kind), truth(t.plain))
		dst = appendText(dst, t.name)
		dst = binary.AppendUvarint(dst, uint64(t.size))
		switch t.kind {
		case kindSlice, kindPointer:
			dst = binary.AppendUvarint(dst, uint64(t.elem.index))
		case kindArray:
			dst = binary.AppendUvarint(dst, uint64(t.elem.index))
			dst = binary.AppendUvarint(dst, uint64(t.count))
		case kindMap:
			dst = binary.AppendUvarint(dst, uint64(t.key.index))
			dst = binary.AppendUvarint(dst, uint64(t.elem.index))
		case kindStruct:
			dst = binary.AppendUvarint(dst, uint64(len(t.fields)))
			for i := range t.fields {
				f := &t.fields[i]
				dst = appendText(dst, f.name)
				dst = binary.AppendUvarint(dst, uint64(f.offset))
				dst = binary.AppendUvarint(dst, uint64(f.t.index))
			}
		}
	}
	return dst
}

func truth(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// readSchema reads what appendSchema wrote.
func readSchema(r *reader) ([]*typ, error) {
	if f := r.octet(); r.err == nil && f != Format {
		return nil, fmt.Errorf("%w: it is %d, need %d", ErrFormat, f, Format)
	}
	n := r.number()
	if n == 0 || n > maxTypes || n > uint64(r.left()) {
		r.fail("schema of %d types", n)
		return nil, r.err
	}
	types := make([]*typ, n)
	for i := range types {
		types[i] = &typ{index: i}
	}
	for _, t := range types {
		readType(r, t, types)
	}
	if r.err == nil && !lookAll(types) {
		r.fail("types hold each other")
	}
	for _, t := range types {
		if r.err == nil && !t.sound() {
			r.fail("type %s is not possible", t.name)
		}
	}
	return types, r.err
}

func readType(r *reader, t *typ, types []*typ) {
	t.kind, t.plain = kind(r.octet()), r.octet() == 1
	t.name, t.size = r.text(), int(min(r.number(), maxSize+1))
	other := func() *typ {
		i := r.number()
		if i >= uint64(len(types)) {
			r.fail("type %s is of type %d of %d", t.name, i, len(types))
			i = 0
		}
		return types[i]
	}
	switch t.kind {
	case kindSlice, kindPointer:
		t.elem = other()
	case kindArray:
		t.elem, t.count = other(), int(min(r.number(), maxSize+1))
	case kindMap:
		t.key, t.elem = other(), other()
	case kindStruct:
		n := r.number()
		if n > uint64(r.left()) {
			r.fail("type %s has %d fields", t.name, n)
			return
		}
		t.fields = make([]field, n)
		for i := range t.fields {
			t.fields[i] = field{name: r.text(), offset: int(min(r.number(), maxSize+1)), t: other()}
		}
	}
}

// sound reports whether a type of a schema is one that appendSchema writes.
func (t *typ) sound() bool {
	if t.size > maxSize || t.plain && !t.allPlain() {
		return false
	}
	switch t.kind {
	case kindBool:
		return t.plain && t.size == 1
	case kindInt, kindUint, kindFloat:
		return t.plain && (t.size == 1 || t.size == 2 || t.size == 4 || t.size == 8)
	case kindArray:
		return t.count <= maxSize && t.elem.size*t.count == t.size
	case kindStruct:
		end := 0
		for i := range t.fields {
			f := &t.fields[i]
			if f.offset < end || f.end() > t.size {
				return false
			}
			end = f.end()
		}
		return true
	default:
		return t.kind > 0 && t.kind < kindEnd && (t.kind != kindMap || t.key.keyable)
	}
}

// lookAll has all types look at their parts first. It reports false where a type
// is a part of itself.
func lookAll(types []*typ) bool {
	state := make([]uint8, len(types))
	var visit func(t *typ) bool
	visit = func(t *typ) bool {
		if state[t.index] != 0 {
			return state[t.index] == 2
		}
		state[t.index] = 1
		ok := t.kind != kindArray || visit(t.elem)
		for i := range t.fields {
			ok = ok && visit(t.fields[i].t)
		}
		if state[t.index] = 2; ok {
			t.look()
		}
		return ok
	}
	for _, t := range types {
		if !visit(t) {
			return false
		}
	}
	return true
}
