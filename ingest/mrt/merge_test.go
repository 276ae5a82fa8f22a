package mrt

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMergeOrdersByTimeThenByInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type item struct {
			seconds, source, place int
		}
		var want []item
		var readers []Records
		for source := range rapid.IntRange(0, 6).Draw(t, "inputs") {
			var in []byte
			seconds := at
			for place := range rapid.IntRange(0, 12).Draw(t, "records") {
				seconds += rapid.IntRange(0, 2).Draw(t, "step")
				in = append(in, plainUpdate(uint32(seconds), fmt.Sprintf("10.%d.%d.0/24", source, place))...)
				want = append(want, item{seconds, source, place})
			}
			readers = append(readers, NewReader(bytes.NewReader(in), Options{}))
		}
		slices.SortStableFunc(want, func(a, b item) int { return a.seconds - b.seconds })
		m := NewMerge(readers...)
		var rec Record
		var got []item
		for {
			err := m.Next(&rec)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			a := rec.Update.Announced[0].Hi
			if int(a>>48&0xff) != rec.Source {
				t.Fatalf("record of input %d says it is of %d", a>>48&0xff, rec.Source)
			}
			got = append(got, item{int(rec.Time / 1e6), rec.Source, int(a >> 40 & 0xff)})
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(item{})); diff != "" {
			t.Fatalf("order (-want +got):\n%s", diff)
		}
	})
}

func TestMergeEndsOnAnInputThatCannotBeRead(t *testing.T) {
	good := NewReader(bytes.NewReader(plainUpdate(at, "10.1.0.0/16")), Options{})
	m := NewMerge(good, NewReader(&failing{}, Options{}))
	var rec Record
	if err := m.Next(&rec); err == nil || err == io.EOF {
		t.Errorf("got %v, want the input's error", err)
	}
}
