package snapshot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
)

// Format is the number of the layout of the bytes. It is raised when a change
// cannot be told by the schema.
const Format = 1

// ErrFormat says that bytes were written in another format.
var ErrFormat = errors.New("snapshot has another format")

// tagKey and tagLeave mark fields that are left out: `snapshot:"-"`.
const (
	tagKey   = "snapshot"
	tagLeave = "-"
)

// Codec encodes and decodes values of one type and all that they refer to.
type Codec struct {
	root  *typ
	types []*typ // by index
}

// For returns the Codec for what root points to. A type that cannot be written
// is an error that names the field.
//
// Written is everything that is reached by fields, pointers, slices, arrays and
// maps, but for fields that are interfaces, functions or channels or carry the
// tag `snapshot:"-"`. Types that implement encoding.BinaryMarshaler and
// BinaryUnmarshaler speak for themselves. Pointers may be shared and may form
// cycles. Pointers into the middle of something, and slices and maps that share
// memory, would come back as copies: see Check.
func For(root any) (*Codec, error) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, errors.New("snapshot: this machine is not little-endian")
	}
	t := reflect.TypeOf(root)
	if t == nil || t.Kind() != reflect.Pointer {
		return nil, fmt.Errorf("snapshot of %v: need a pointer", t)
	}
	p := planner{known: map[reflect.Type]*typ{}}
	r, err := p.plan(t.Elem(), t.Elem().String())
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	return &Codec{root: r, types: p.types}, nil
}

// object returns what root points to, or an error where it is of another type
// than the Codec's.
func (c *Codec) object(root any) (object, error) {
	v := reflect.ValueOf(root)
	if !v.IsValid() || v.Kind() != reflect.Pointer || v.Type().Elem() != c.root.goType || v.IsNil() {
		return object{}, fmt.Errorf("snapshot of %T: need a *%s", root, c.root.name)
	}
	return object{at: v.UnsafePointer(), t: c.root}, nil
}
