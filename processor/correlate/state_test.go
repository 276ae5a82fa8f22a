package correlate

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"github.com/RoaringBitmap/roaring/v2"

	"detour/alert"
	"detour/internal/snapshot"
	"detour/wire"
)

// reborn returns a Correlator with the state of c, through a snapshot.
func reborn(t testing.TB, c *Correlator) *Correlator {
	t.Helper()
	codec := codecOf(t)
	if err := codec.Check(c); err != nil {
		t.Fatal(err)
	}
	cfg := c.cfg
	cfg.Explain = nil // notes are none of its state
	out := New(cfg)
	if err := codec.Decode(stateOf(t, c), out); err != nil {
		t.Fatal(err)
	}
	out.Restored()
	return out
}

func codecOf(t testing.TB) *snapshot.Codec {
	t.Helper()
	codec, err := snapshot.For(&Correlator{})
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

func stateOf(t testing.TB, c *Correlator) []byte {
	t.Helper()
	body, err := codecOf(t).Append(nil, c)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// rangeTwice gives a range to c and to a copy that came out of a snapshot, and
// fails unless they tell the same and come to the same state.
func rangeTwice(t testing.TB, c *Correlator, r *wire.Range, emit func(*alert.Alert)) error {
	t.Helper()
	copied := reborn(t, c)
	var want, got []string
	err := c.Range(r, func(a *alert.Alert) {
		want = append(want, asJSON(t, a))
		emit(a)
	})
	if again := copied.Range(r, func(a *alert.Alert) { got = append(got, asJSON(t, a)) }); again != err {
		t.Fatalf("the copy says %v, need %v", again, err)
	}
	if !slices.Equal(want, got) {
		t.Fatalf("the copy tells\n%v\nneed\n%v", got, want)
	}
	d := differ{met: map[[2]unsafe.Pointer]bool{}}
	if where := d.values(reflect.ValueOf(c), reflect.ValueOf(copied)); where != "" {
		t.Fatalf("the copy comes to another state: at %s", where)
	}
	return err
}

// differ compares what a snapshot holds of two values; an empty list is as none.
type differ struct{ met map[[2]unsafe.Pointer]bool }

// values returns where a and b differ first, "" where they do not.
func (d *differ) values(a, b reflect.Value) string {
	switch a.Kind() {
	case reflect.Struct:
		for f, v := range a.Fields() {
			if f.Tag.Get("snapshot") == "-" {
				continue
			}
			if where := d.values(v, b.FieldByIndex(f.Index)); where != "" {
				return "." + f.Name + where
			}
		}
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			return fmt.Sprintf(" with %d and %d", a.Len(), b.Len())
		}
		for i := range a.Len() {
			if where := d.values(a.Index(i), b.Index(i)); where != "" {
				return fmt.Sprintf("[%d]%s", i, where)
			}
		}
	case reflect.Map:
		if a.Len() != b.Len() {
			return fmt.Sprintf(" with %d and %d", a.Len(), b.Len())
		}
		for k, v := range a.Seq2() {
			if other := b.MapIndex(k); !other.IsValid() {
				return fmt.Sprintf("[%v] is missing", k)
			} else if where := d.values(v, other); where != "" {
				return fmt.Sprintf("[%v]%s", k, where)
			}
		}
	case reflect.Pointer:
		return d.pointers(a, b)
	case reflect.Func, reflect.Interface:
	default:
		if !a.Equal(b) {
			return fmt.Sprintf(": %v and %v", a, b)
		}
	}
	return ""
}

func (d *differ) pointers(a, b reflect.Value) string {
	pair := [2]unsafe.Pointer{a.UnsafePointer(), b.UnsafePointer()}
	switch {
	case d.met[pair] || a.IsNil() && b.IsNil():
		return ""
	case a.IsNil() || b.IsNil():
		return ": one is nil"
	}
	d.met[pair] = true
	if a.Type() == reflect.TypeFor[*roaring.Bitmap]() {
		if !(*roaring.Bitmap)(pair[0]).Equals((*roaring.Bitmap)(pair[1])) {
			return ": other members"
		}
		return ""
	}
	return d.values(a.Elem(), b.Elem())
}
