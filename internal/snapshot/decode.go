package snapshot

import (
	"encoding"
	"fmt"
	"reflect"
	"unsafe"
)

// decoder fills values from what a scanner has found to be possible.
type decoder struct {
	scanner
	objects []made // by number, from 0
	queue   []int
	claimed map[unsafe.Pointer]bool // objects of the target that are taken
}

// made is what became of an object.
type made struct {
	at   unsafe.Pointer // nil: nothing that was kept has led to it
	conv *conv
}

// Decode fills what root points to, which is as its constructor made it: fields
// that were not written stay as they are. Where the target has an object already,
// it is filled rather than replaced, and so are maps, and slices that have the
// right length. Fields of data that the type has no longer are skipped. After an
// error the target is of no use.
func (c *Codec) Decode(data []byte, root any) error {
	o, err := c.object(root)
	if err != nil {
		return err
	}
	r := &reader{data: data}
	types, err := readSchema(r)
	if err != nil {
		return err
	}
	convs := converter{known: map[[2]*typ]*conv{}}
	conv, err := convs.convert(types[0], c.root, c.root.name)
	if err != nil {
		return fmt.Errorf("snapshot of another version: %w", err)
	}
	d := decoder{scanner: scanner{r: r}, claimed: map[unsafe.Pointer]bool{}}
	if err := d.scan(types[0]); err != nil {
		return err
	}
	return d.fill(made{at: o.at, conv: conv})
}

// fill fills the root and all that it leads to.
func (d *decoder) fill(root made) error {
	d.objects = make([]made, len(d.bodies))
	d.make(0, root)
	for i := 0; i < len(d.queue) && d.r.err == nil; i++ {
		n := d.queue[i]
		d.r.at = d.bodies[n].at
		d.value(d.objects[n].conv, d.objects[n].at)
	}
	return d.r.err
}

func (d *decoder) make(n int, m made) {
	d.objects[n] = m
	d.claimed[m.at] = true
	d.queue = append(d.queue, n)
}

// value fills the value at p.
func (d *decoder) value(c *conv, p unsafe.Pointer) {
	if c.from.plain {
		d.image(c, d.r.take(uint64(c.from.size)), p)
		return
	}
	if d.r.err != nil {
		return
	}
	switch c.from.kind {
	case kindString:
		b := d.r.take(d.r.number())
		if d.spend(uint64(len(b))) {
			*(*string)(p) = string(b)
		}
	case kindSlice:
		d.slice(c, p)
	case kindArray:
		for i := range c.to.count {
			d.value(c.elem, unsafe.Add(p, i*c.to.elem.size))
		}
	case kindPointer:
		d.pointer(c, (*unsafe.Pointer)(p))
	case kindMap:
		d.mapping(c, reflect.NewAt(c.to.goType, p).Elem())
	case kindStruct:
		for i := range c.fields {
			if f := &c.fields[i]; f.to == nil {
				d.scanner.value(f.from.t) // skipped
			} else {
				d.value(f.conv, unsafe.Add(p, f.to.offset))
			}
		}
	case kindBinary:
		d.own(c.to, p)
	}
}

// image fills a value from the image of a plain one.
func (d *decoder) image(c *conv, image []byte, p unsafe.Pointer) {
	switch {
	case d.r.err != nil:
	case c.same:
		if !c.to.truthful(image) {
			d.r.fail("%s: neither true nor false", c.to.name)
			return
		}
		copy(unsafe.Slice((*byte)(p), c.to.size), image)
	case c.from.kind == kindArray:
		for i := range c.to.count {
			d.image(c.elem, image[i*c.from.elem.size:][:c.from.elem.size], unsafe.Add(p, i*c.to.elem.size))
		}
	default:
		for i := range c.fields {
			if f := &c.fields[i]; f.to != nil {
				d.image(f.conv, image[f.from.offset:f.from.end()], unsafe.Add(p, f.to.offset))
			}
		}
	}
}

func (d *decoder) slice(c *conv, p unsafe.Pointer) {
	n, none := d.r.count()
	v := reflect.NewAt(c.to.goType, p).Elem()
	if none {
		v.SetZero()
		return
	}
	if s := (*sliceHeader)(p); s.data == nil || uint64(s.len) != n {
		if !d.spend(n * uint64(max(c.to.elem.size, 1))) {
			return
		}
		v.Set(reflect.MakeSlice(c.to.goType, int(n), int(n)))
	}
	at := (*sliceHeader)(p).data
	if c.elem.same && !c.to.elem.bools {
		copy(unsafe.Slice((*byte)(at), int(n)*c.to.elem.size), d.r.take(n*uint64(c.from.elem.size)))
		return
	}
	for i := range int(n) {
		if d.r.err != nil {
			return
		}
		d.value(c.elem, unsafe.Add(at, i*c.to.elem.size))
	}
}

// pointer sets a pointer to the object that it is to point to, which is made
// when the first one comes.
func (d *decoder) pointer(c *conv, p *unsafe.Pointer) {
	id := d.r.number()
	if id == 0 {
		*p = nil
		return
	}
	o := &d.objects[id-1]
	switch {
	case o.at != nil && o.conv.to != c.elem.to:
		d.r.fail("object %d is a %s, need a %s", id, o.conv.to.name, c.elem.to.name)
	case o.at != nil && *p != nil && *p != o.at:
		d.r.fail("object %d was made before the target's %s was met", id, c.elem.to.name)
	case o.at != nil:
		*p = o.at
	default:
		if *p == nil || d.claimed[*p] {
			if !d.spend(uint64(c.elem.to.size)) {
				return
			}
			*p = reflect.New(c.elem.to.goType).UnsafePointer()
		}
		d.make(int(id-1), made{at: *p, conv: c.elem})
	}
}

func (d *decoder) mapping(c *conv, m reflect.Value) {
	n, none := d.r.count()
	if none {
		m.SetZero()
		return
	}
	if !d.spend(n * uint64(c.to.key.size+c.to.elem.size+8)) {
		return
	}
	m.Set(reflect.MakeMapWithSize(c.to.goType, int(n)))
	key, value := reflect.New(c.to.key.goType), reflect.New(c.to.elem.goType)
	for ; n > 0 && d.r.err == nil; n-- {
		key.Elem().SetZero()
		value.Elem().SetZero()
		d.value(c.key, key.UnsafePointer())
		d.value(c.elem, value.UnsafePointer())
		m.SetMapIndex(key.Elem(), value.Elem())
	}
}

// own fills a value that speaks for itself.
func (d *decoder) own(t *typ, p unsafe.Pointer) {
	b := d.r.take(d.r.number())
	defer func() {
		if bad := recover(); bad != nil {
			d.r.fail("%s: %v", t.name, bad)
		}
	}()
	m := reflect.NewAt(t.goType, p).Interface().(encoding.BinaryUnmarshaler)
	if err := m.UnmarshalBinary(b); err != nil {
		d.r.fail("%s: %v", t.name, err)
	}
}
