package snapshot

import "fmt"

// conv says how values of a schema's type become values of a type of this
// program.
type conv struct {
	from, to  *typ
	same      bool // plain, and alike to the last offset
	elem, key *conv
	fields    []fieldConv // in the order of the schema
}

// fieldConv is one field; to is nil where this program has none of that name.
type fieldConv struct {
	from, to *field
	conv     *conv
}

// converter makes them, each pair of types once.
type converter struct{ known map[[2]*typ]*conv }

// convert returns how from becomes to, or an error that names the field which
// has changed its type.
func (c *converter) convert(from, to *typ, path string) (*conv, error) {
	pair := [2]*typ{from, to}
	if known := c.known[pair]; known != nil {
		return known, nil
	}
	if err := alike(from, to, path); err != nil {
		return nil, err
	}
	out := &conv{from: from, to: to}
	c.known[pair] = out
	var err error
	switch from.kind {
	case kindSlice, kindArray:
		out.elem, err = c.convert(from.elem, to.elem, path+"[]")
	case kindPointer:
		out.elem, err = c.convert(from.elem, to.elem, path)
	case kindMap:
		if out.key, err = c.convert(from.key, to.key, path+"[key]"); err == nil {
			out.elem, err = c.convert(from.elem, to.elem, path+"[]")
		}
	case kindStruct:
		err = c.convertFields(out, path)
	}
	out.same = from.plain && to.plain && out.identical()
	return out, err
}

// alike reports how a type has become another one.
func alike(from, to *typ, path string) error {
	switch {
	case from.kind != to.kind:
		return fmt.Errorf("%s: was %s (%v), is %s (%v)", path, from.name, from.kind, to.name, to.kind)
	case from.kind <= kindFloat && from.size != to.size:
		return fmt.Errorf("%s: was %s of %d octets, is %s of %d", path, from.name, from.size, to.name, to.size)
	case from.kind == kindArray && from.count != to.count:
		return fmt.Errorf("%s: was %d in number, is %d", path, from.count, to.count)
	case from.kind == kindBinary && from.name != to.name:
		return fmt.Errorf("%s: was a %s, is a %s", path, from.name, to.name)
	}
	return nil
}

func (c *converter) convertFields(out *conv, path string) error {
	byName := map[string]*field{}
	for i := range out.to.fields {
		byName[out.to.fields[i].name] = &out.to.fields[i]
	}
	for i := range out.from.fields {
		f := fieldConv{from: &out.from.fields[i]}
		if to := byName[f.from.name]; to != nil {
			var err error
			if f.conv, err = c.convert(f.from.t, to.t, path+"."+to.name); err != nil {
				return err
			}
			f.to = to
			delete(byName, to.name) // of two, the second is of no use
		}
		out.fields = append(out.fields, f)
	}
	return nil
}

// identical reports whether an image of one type is one of the other.
func (c *conv) identical() bool {
	switch c.from.kind {
	case kindArray:
		return c.elem.same
	case kindStruct:
		if c.from.size != c.to.size || len(c.from.fields) != len(c.to.fields) {
			return false
		}
		for i := range c.fields {
			f := &c.fields[i]
			if f.to == nil || f.from.offset != f.to.offset || !f.conv.same {
				return false
			}
		}
	}
	return true
}
