package snapshot

import "reflect"

// kind is what a type is in a schema. The numbers are part of the format.
type kind uint8

const (
	kindBool kind = iota + 1
	kindInt
	kindUint
	kindFloat
	kindString
	kindSlice
	kindArray
	kindPointer
	kindMap
	kindStruct
	kindBinary // speaks for itself
	kindEnd
)

var kindNames = [kindEnd]string{
	"", "bool", "int", "uint", "float", "string", "slice", "array", "pointer", "map", "struct", "binary",
}

func (k kind) String() string { return kindNames[k%kindEnd] }

// typ is a type: of this program, or as a schema tells of it.
type typ struct {
	kind   kind
	name   string
	size   int // octets in memory
	elem   *typ
	key    *typ // of a map
	count  int  // of an array
	fields []field
	// plain types are written as they lie in memory: they hold no pointers, and
	// no field of them is left out.
	plain bool
	gaps  bool // plain, with octets between fields
	bools bool // plain, with a bool somewhere
	// keyable types can be those of a map's keys: equal values are equal octets.
	keyable bool

	index  int
	goType reflect.Type // nil in a schema
}

// field is a field of a struct.
type field struct {
	name   string
	offset int
	t      *typ
}

// end returns the offset behind a field.
func (f *field) end() int { return f.offset + f.t.size }

// settle finds out whether a type is plain, all parts of which are settled.
func (t *typ) settle() {
	t.plain = t.allPlain() && !t.left()
	t.look()
}

// left reports whether a struct has fields that are left out.
func (t *typ) left() bool {
	if t.kind != kindStruct || t.goType == nil {
		return false
	}
	for f := range t.goType.Fields() {
		if f.Name != "_" && leave(&f) {
			return true
		}
	}
	return false
}

// allPlain reports whether a type is plain as far as its parts are.
func (t *typ) allPlain() bool {
	switch t.kind {
	case kindBool, kindInt, kindUint, kindFloat:
		return true
	case kindArray:
		return t.elem.plain
	case kindStruct:
		for i := range t.fields {
			if !t.fields[i].t.plain {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// look notes what a type holds, of which all parts have been looked at.
func (t *typ) look() {
	switch t.kind {
	case kindBool:
		t.bools, t.keyable = true, true
	case kindInt, kindUint, kindString, kindBinary:
		t.keyable = true
	case kindArray:
		t.gaps, t.bools, t.keyable = t.elem.gaps, t.elem.bools, t.elem.keyable
	case kindStruct:
		end := 0
		t.keyable = !t.left()
		for i := range t.fields {
			f := &t.fields[i]
			t.gaps = t.gaps || f.t.gaps || f.offset != end
			t.bools = t.bools || f.t.bools
			t.keyable = t.keyable && f.t.keyable
			end = f.end()
		}
		t.gaps = t.gaps || end != t.size
	}
}

// clean zeroes what lies between the fields of an image of a plain type, so that
// equal values are equal octets.
func (t *typ) clean(image []byte) {
	if !t.gaps {
		return
	}
	if t.kind == kindArray {
		for i := range t.count {
			t.elem.clean(image[i*t.elem.size:][:t.elem.size])
		}
		return
	}
	end := 0
	for i := range t.fields {
		f := &t.fields[i]
		clear(image[end:f.offset])
		f.t.clean(image[f.offset:f.end()])
		end = f.end()
	}
	clear(image[end:t.size])
}

// truthful reports whether every bool in an image is 0 or 1.
func (t *typ) truthful(image []byte) bool {
	if !t.bools {
		return true
	}
	switch t.kind {
	case kindBool:
		return image[0] <= 1
	case kindArray:
		for i := range t.count {
			if !t.elem.truthful(image[i*t.elem.size:][:t.elem.size]) {
				return false
			}
		}
	default:
		for i := range t.fields {
			if f := &t.fields[i]; !f.t.truthful(image[f.offset:f.end()]) {
				return false
			}
		}
	}
	return true
}
