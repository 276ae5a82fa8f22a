package decode

import (
	"reflect"
	"testing"

	"detour/route"

	"github.com/google/go-cmp/cmp"
)

// fill sets every field below v to something that is not zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for _, f := range v.Fields() {
			fill(f)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 5))
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Int64, reflect.Int:
		v.SetInt(1)
	default:
		v.SetUint(1)
	}
}

// reset must stay the equal of Update.Reset when a field is added there.
func TestResetIsUpdateReset(t *testing.T) {
	var got, want route.Update
	fill(reflect.ValueOf(&got).Elem())
	fill(reflect.ValueOf(&want).Elem())
	reset(&got)
	want.Reset()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reset differs (-want +got):\n%s", diff)
	}
	if cap(got.Announced) != 5 || cap(got.Withdrawn) != 5 || cap(got.Path.ASNs) != 5 || cap(got.Path.Segments) != 5 {
		t.Error("reset gave memory away")
	}
}
