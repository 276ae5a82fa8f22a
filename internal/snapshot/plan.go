package snapshot

import (
	"encoding"
	"fmt"
	"reflect"
)

// planner makes the types of a Codec.
type planner struct {
	known map[reflect.Type]*typ
	types []*typ
}

var (
	marshaler   = reflect.TypeFor[encoding.BinaryMarshaler]()
	unmarshaler = reflect.TypeFor[encoding.BinaryUnmarshaler]()
)

// plan returns the type t, which was met at path.
func (p *planner) plan(t reflect.Type, path string) (*typ, error) {
	if known := p.known[t]; known != nil {
		return known, nil
	}
	out := &typ{name: t.String(), size: int(t.Size()), goType: t, index: len(p.types)}
	p.known[t] = out
	p.types = append(p.types, out)
	defer out.settle()
	if speaks(t) {
		out.kind = kindBinary
		return out, nil
	}
	var err error
	switch t.Kind() {
	case reflect.Bool:
		out.kind = kindBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		out.kind = kindInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		out.kind = kindUint
	case reflect.Float32, reflect.Float64:
		out.kind = kindFloat
	case reflect.String:
		out.kind = kindString
	case reflect.Slice:
		out.kind = kindSlice
		out.elem, err = p.plan(t.Elem(), path+"[]")
	case reflect.Array:
		out.kind, out.count = kindArray, t.Len()
		out.elem, err = p.plan(t.Elem(), path+"[]")
	case reflect.Pointer:
		out.kind = kindPointer
		out.elem, err = p.plan(t.Elem(), path)
	case reflect.Map:
		err = p.planMap(out, path)
	case reflect.Struct:
		err = p.planStruct(out, path)
	default:
		err = fmt.Errorf("%s: a %v cannot be written", path, t)
	}
	return out, err
}

func (p *planner) planMap(out *typ, path string) (err error) {
	out.kind = kindMap
	if out.key, err = p.plan(out.goType.Key(), path+"[key]"); err != nil {
		return err
	}
	if !out.key.keyable {
		return fmt.Errorf("%s: a map by %v cannot be written: it has no order", path, out.goType.Key())
	}
	out.elem, err = p.plan(out.goType.Elem(), path+"[]")
	return err
}

func (p *planner) planStruct(out *typ, path string) error {
	out.kind = kindStruct
	for f := range out.goType.Fields() {
		if leave(&f) {
			continue
		}
		t, err := p.plan(f.Type, path+"."+f.Name)
		if err != nil {
			return err
		}
		out.fields = append(out.fields, field{name: f.Name, offset: int(f.Offset), t: t})
	}
	return nil
}

// leave reports whether a field is left out.
func leave(f *reflect.StructField) bool {
	switch f.Type.Kind() {
	case reflect.Interface, reflect.Func, reflect.Chan:
		return true
	}
	return f.Name == "_" || f.Tag.Get(tagKey) == tagLeave
}

// speaks reports whether a type has an encoding of its own, which is not merely
// that of a struct embedded in it.
func speaks(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return false
	}
	p := reflect.PointerTo(t)
	if !p.Implements(marshaler) || !p.Implements(unmarshaler) {
		return false
	}
	if t.Kind() == reflect.Struct {
		for f := range t.Fields() {
			if f.Anonymous && (speaks(f.Type) || f.Type.Kind() == reflect.Pointer && speaks(f.Type.Elem())) {
				return false
			}
		}
	}
	return true
}
