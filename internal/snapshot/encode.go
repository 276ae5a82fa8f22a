package snapshot

import (
	"encoding"
	"encoding/binary"
	"fmt"
	"reflect"
	"unsafe"
)

// maxDepth bounds how deep slices, arrays, maps and structs lie in each other.
// Pointers do not count: what they point to is written behind.
const maxDepth = 100

// object is something that a pointer points to.
type object struct {
	at unsafe.Pointer
	t  *typ
}

// encoder writes one graph: what the root points to, then each object in the
// order in which a pointer first led to it.
type encoder struct {
	out    []byte
	n      int  // octets, also where only counted
	count  bool // only count
	ids    map[object]uint64
	queue  []object
	depth  int
	sorter sorter
	check  *checker // nil does not check
	err    error
}

// Append writes what root points to behind dst. Equal graphs give equal bytes.
func (c *Codec) Append(dst []byte, root any) ([]byte, error) {
	e := encoder{out: dst}
	if err := e.encode(c, root); err != nil {
		return dst, err
	}
	return e.out, nil
}

// Size returns how many bytes Append would write. It reads none of the blocks
// that Append copies, so that it is much faster.
func (c *Codec) Size(root any) (int, error) {
	e := encoder{count: true}
	err := e.encode(c, root)
	return e.n, err
}

func (e *encoder) encode(c *Codec, root any) error {
	o, err := c.object(root)
	if err != nil {
		return err
	}
	schema := c.appendSchema(nil)
	e.write(schema)
	e.ids = map[object]uint64{}
	e.meet(o)
	for i := 0; i < len(e.queue) && e.err == nil; i++ {
		o := e.queue[i]
		e.check.enter(i)
		e.value(o.t, o.at)
	}
	if e.err != nil {
		return fmt.Errorf("snapshot of %T: %w", root, e.err)
	}
	return nil
}

// meet returns the number of an object, from 1.
func (e *encoder) meet(o object) uint64 {
	id, known := e.ids[o]
	if !known {
		id = uint64(len(e.ids)) + 1
		e.ids[o] = id
		e.queue = append(e.queue, o)
		e.check.object(o)
	}
	return id
}

func (e *encoder) write(b []byte) {
	if e.n += len(b); !e.count {
		e.out = append(e.out, b...)
	}
}

func (e *encoder) number(n uint64) {
	var b [binary.MaxVarintLen64]byte
	e.write(b[:binary.PutUvarint(b[:], n)])
}

// image writes n plain values that lie one behind the other.
func (e *encoder) image(t *typ, p unsafe.Pointer, n int) {
	size := n * t.size
	if e.n += size; e.count || size == 0 {
		return
	}
	from := len(e.out)
	e.out = append(e.out, unsafe.Slice((*byte)(p), size)...)
	if t.gaps {
		for i := range n {
			t.clean(e.out[from+i*t.size:][:t.size])
		}
	}
}

// value writes the value of type t at p.
func (e *encoder) value(t *typ, p unsafe.Pointer) {
	if t.plain {
		e.image(t, p, 1)
		return
	}
	if e.depth++; e.depth > maxDepth && e.err == nil {
		e.err = fmt.Errorf("%s lies too deep", t.name)
	}
	if e.err == nil {
		e.parts(t, p)
	}
	e.depth--
}

func (e *encoder) parts(t *typ, p unsafe.Pointer) {
	switch t.kind {
	case kindString:
		s := *(*string)(p)
		e.number(uint64(len(s)))
		e.write(unsafe.Slice(unsafe.StringData(s), len(s)))
	case kindSlice:
		e.slice(t, (*sliceHeader)(p))
	case kindArray:
		e.check.index()
		for i := range t.count {
			e.value(t.elem, unsafe.Add(p, i*t.elem.size))
		}
		e.check.leave()
	case kindPointer:
		to := *(*unsafe.Pointer)(p)
		if to == nil {
			e.number(0)
			return
		}
		e.number(e.meet(object{to, t.elem}))
	case kindMap:
		e.mapping(t, p)
	case kindStruct:
		for i := range t.fields {
			f := &t.fields[i]
			e.check.field(f)
			e.value(f.t, unsafe.Add(p, f.offset))
			e.check.leave()
		}
	case kindBinary:
		e.own(t, p)
	}
}

// sliceHeader is a slice as it lies in memory.
type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

func (e *encoder) slice(t *typ, s *sliceHeader) {
	if s.data == nil {
		e.number(0)
		return
	}
	e.number(uint64(s.len) + 1)
	e.check.span(s.data, s.cap*t.elem.size)
	if t.elem.plain {
		e.image(t.elem, s.data, s.len)
		return
	}
	e.check.index()
	for i := range s.len {
		e.value(t.elem, unsafe.Add(s.data, i*t.elem.size))
	}
	e.check.leave()
}

// own writes a value that speaks for itself.
func (e *encoder) own(t *typ, p unsafe.Pointer) {
	m := reflect.NewAt(t.goType, p).Interface().(encoding.BinaryMarshaler)
	b, err := m.MarshalBinary()
	if err != nil && e.err == nil {
		e.err = fmt.Errorf("%s: %w", t.name, err)
	}
	e.number(uint64(len(b)))
	e.write(b)
}
