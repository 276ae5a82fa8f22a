package rib

import (
	"bytes"
	"encoding/binary"

	"github.com/RoaringBitmap/roaring/v2"
)

// editor is where a content is made. It keeps its memory.
type editor struct {
	loose   bool
	origins []uint32 // dense AS ids, in order of ASN
	set     *roaring.Bitmap
	ids     []uint32 // scratch
	out     bytes.Buffer
}

func newEditor() editor { return editor{set: roaring.New()} }

func (e *editor) clear() {
	e.loose, e.origins = false, e.origins[:0]
	e.set.Clear()
}

// load begins with a copy of c.
func (e *editor) load(c content) {
	e.clear()
	e.loose = c.loose()
	for i := range c.origins() {
		e.origins = append(e.origins, c.origin(i))
	}
	e.ids = c.set().members(e.ids[:0])
	e.set.AddMany(e.ids)
}

// content returns what was made, valid until the next call.
func (e *editor) content() content {
	head := uint32(len(e.origins))
	if e.loose {
		head |= contentLoose
	}
	e.out.Reset()
	var word [4]byte
	put := func(v uint32) {
		binary.LittleEndian.PutUint32(word[:], v)
		e.out.Write(word[:])
	}
	put(head)
	put(uint32(e.set.GetSerializedSizeInBytes()))
	for _, o := range e.origins {
		put(o)
	}
	e.set.WriteTo(&e.out) //nolint:errcheck // a buffer takes everything
	for e.out.Len()%arenaUnit != 0 {
		e.out.WriteByte(0)
	}
	return e.out.Bytes()
}
