package snapshot_test

import (
	"errors"
	"strings"
	"testing"

	"detour/internal/snapshot"
)

// The same state, as two versions of a program have it.
type (
	oldState struct {
		kept    uint32
		removed []*oldPart
		parts   []*oldPart
		table   []oldRow
		cells   [4]oldRow
		index   map[string]oldRow
		first   *oldPart
	}
	oldPart struct {
		name, gone string
		next       *oldPart
	}
	oldRow struct {
		id   uint32
		gone uint8
		size uint16
	}

	newState struct {
		added []string
		first *newPart
		index map[string]newRow
		cells [4]newRow
		table []newRow
		parts []*newPart
		kept  uint32
		limit int
	}
	newPart struct {
		next *newPart
		age  int //nolint:unused // by reflection
		name string
	}
	newRow struct {
		size  uint16
		id    uint32
		label string
	}
)

func TestFieldsMayComeAndGo(t *testing.T) {
	a, b := &oldPart{name: "a", gone: "x"}, &oldPart{name: "b"}
	a.next, b.next = b, a
	row := oldRow{1, 2, 3}
	old := &oldState{
		kept: 7, removed: []*oldPart{a, {name: "c"}, b}, parts: []*oldPart{b, a},
		table: []oldRow{row, {4, 5, 6}}, cells: [4]oldRow{2: row}, index: map[string]oldRow{"r": row}, first: a,
	}
	got := &newState{limit: 9, added: []string{"as made"}}
	if err := codec(t, got).Decode(encode(t, old), got); err != nil {
		t.Fatal(err)
	}
	want := newRow{3, 1, ""}
	if got.kept != 7 || got.limit != 9 || len(got.added) != 1 || got.index["r"] != want || got.cells[2] != want ||
		got.table[0] != want || got.table[1] != (newRow{6, 4, ""}) {
		t.Errorf("have %+v", got)
	}
	p := got.parts
	if len(p) != 2 || p[0].name != "b" || p[1].name != "a" || p[0].next != p[1] || p[1].next != p[0] || got.first != p[1] {
		t.Errorf("have parts %+v", p)
	}

	back := &oldState{}
	if err := codec(t, back).Decode(encode(t, got), back); err != nil {
		t.Fatal(err)
	}
	if back.table[1] != (oldRow{4, 0, 6}) || back.parts[1].next.name != "b" || back.removed != nil {
		t.Errorf("have %+v", back)
	}
}

func TestFieldsMayNotChangeTheirType(t *testing.T) {
	type (
		row   struct{ id uint32 }
		rowB  struct{ id uint64 }           //nolint:unused // by reflection
		state struct{ rows []row }          //nolint:unused // by reflection
		wide  struct{ rows []rowB }         //nolint:unused // by reflection
		list  struct{ rows map[uint32]row } //nolint:unused // by reflection
		fixed struct{ rows [3]row }         //nolint:unused // by reflection
		more  struct{ rows [4]row }         //nolint:unused // by reflection
	)
	cases := map[string]struct {
		from, to any
		want     string
	}{
		"size":   {&state{rows: []row{{1}}}, &wide{}, "wide.rows[].id: was uint32 of 4 octets, is uint64 of 8"},
		"kind":   {&state{}, &list{}, "list.rows: was []snapshot_test.row (slice), is map"},
		"number": {&fixed{}, &more{}, "more.rows: was 3 in number, is 4"},
	}
	for name, c := range cases {
		err := codec(t, c.to).Decode(encode(t, c.from), c.to)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: have %v, want %q", name, err, c.want)
		}
	}
}

func TestAnotherFormatIsRefused(t *testing.T) {
	data := encode(t, sample())
	data[0] = snapshot.Format + 1
	if err := codec(t, &graph{}).Decode(data, &graph{}); !errors.Is(err, snapshot.ErrFormat) {
		t.Error(err)
	}
}
