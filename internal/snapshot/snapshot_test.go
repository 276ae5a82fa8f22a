package snapshot_test

import (
	"bytes"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/internal/snapshot"
)

// graph has one of everything that can be written.
type graph struct {
	flag    bool
	small   int8
	big     uint64
	share   float64
	name    string
	gaps    gaps
	list    []gaps
	texts   []string
	nothing []string
	empty   []string
	grid    [3][2]uint16
	first   *node
	last    *node
	byID    map[uint32]uint32
	byText  map[string]*node
	byGap   map[gaps]string
	none    map[int]int
	chunks  []*[8]uint32
	deep    [][]string
	addr    netip.Addr
	at      time.Time

	cache   []int `snapshot:"-"`
	tell    func()
	further any
}

// gaps has octets between its fields.
type gaps struct {
	a uint8
	b uint32
	c bool
}

type node struct {
	name  string
	next  *node
	limit int `snapshot:"-"`
}

// sample returns a graph with shared objects and a cycle.
func sample() *graph {
	a, b := &node{name: "a"}, &node{name: "b"}
	a.next, b.next = b, a
	return &graph{
		flag: true, small: -3, big: 1 << 63, share: 0.5, name: "graph", gaps: gaps{1, 2, true},
		list:  []gaps{{3, 4, false}, {5, 6, true}},
		texts: []string{"x", "", "yz"}, nothing: nil, none: nil, empty: []string{},
		grid:   [3][2]uint16{{1, 2}, {3, 4}, {5, 6}},
		byID:   map[uint32]uint32{7: 8, 256: 1, 9: 10},
		byText: map[string]*node{"a": a, "b": b, "nil": nil},
		byGap:  map[gaps]string{{1, 1, true}: "1", {2, 1, false}: "2"},
		first:  a, last: b, chunks: []*[8]uint32{{1}, nil, {2}}, deep: [][]string{{"p"}, nil, {}},
		addr: netip.MustParseAddr("fe80::1%eth0"), at: time.Unix(1, 2).UTC(),
	}
}

var everything = cmp.Options{
	cmp.AllowUnexported(graph{}, gaps{}, node{}),
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "tell" }, cmp.Ignore()),
}

func codec(t testing.TB, root any) *snapshot.Codec {
	t.Helper()
	c, err := snapshot.For(root)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func encode(t testing.TB, root any) []byte {
	t.Helper()
	b, err := codec(t, root).Append(nil, root)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEverythingComesBack(t *testing.T) {
	want := sample()
	data := encode(t, want)
	got := &graph{cache: []int{1}, tell: func() {}, further: 5, first: &node{limit: 3}}
	target := got.first
	if err := codec(t, got).Decode(data, got); err != nil {
		t.Fatal(err)
	}
	if got.cache == nil || got.tell == nil || got.further != 5 || got.first.limit != 3 {
		t.Error("what is left out did not stay as it was")
	}
	if got.first != target || got.byText["a"] != target || got.last.next != target {
		t.Error("shared objects are not shared")
	}
	got.cache, got.further, got.first.limit = nil, nil, 0
	if diff := cmp.Diff(want, got, everything); diff != "" {
		t.Error(diff)
	}
}

func TestAnObjectOfTheTargetIsNotLost(t *testing.T) {
	got := &graph{last: &node{}}
	want := sample()
	want.last = want.first
	if err := codec(t, got).Decode(encode(t, want), got); err == nil {
		t.Error("no error")
	}
}

func TestEqualGraphsAreEqualBytes(t *testing.T) {
	first := encode(t, sample())
	for range 20 {
		dirty := make([]byte, len(first))
		for i := range dirty {
			dirty[i] = 0xff
		}
		again, err := codec(t, &graph{}).Append(dirty[:0], sample())
		if err != nil || !bytes.Equal(first, again) {
			t.Fatal("other bytes", err)
		}
	}
	if n, err := codec(t, &graph{}).Size(sample()); err != nil || n != len(first) {
		t.Errorf("size %d, %v; need %d", n, err, len(first))
	}
}

func TestMapsOfAnyContentComeBack(t *testing.T) {
	type maps struct {
		plain map[[3]uint16]uint8
		text  map[string][]string
	}
	rapid.Check(t, func(t *rapid.T) {
		want := &maps{
			plain: rapid.MapOf(rapid.Custom(func(t *rapid.T) [3]uint16 {
				return [3]uint16{rapid.Uint16().Draw(t, "a"), 0, rapid.Uint16().Draw(t, "b")}
			}), rapid.Uint8()).Draw(t, "plain"),
			text: rapid.MapOf(rapid.String(), rapid.SliceOf(rapid.String())).Draw(t, "text"),
		}
		c, err := snapshot.For(want)
		if err != nil {
			t.Fatal(err)
		}
		data, err := c.Append(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		got := &maps{}
		if err := c.Decode(data, got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("have %v, want %v", got, want)
		}
		again, err := c.Append(nil, got)
		if err != nil || !bytes.Equal(again, data) {
			t.Fatal("other bytes", err)
		}
	})
}

func TestLongChainsNeedNoStack(t *testing.T) {
	first := &node{}
	for range 300_000 {
		first = &node{next: first}
	}
	got := &node{}
	if err := codec(t, got).Decode(encode(t, first), got); err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; got != nil; got = got.next {
		n++
	}
	if n != 300_001 {
		t.Errorf("%d nodes", n)
	}
}

func TestTypesThatCannotBeWrittenAreNamed(t *testing.T) {
	type inner struct{ list []func() }        //nolint:unused // by reflection
	type outer struct{ in map[string]*inner } //nolint:unused // by reflection
	cases := map[string]struct {
		root any
		want string
	}{
		"function in a list": {&outer{}, "outer.in[].list[]: a func() cannot be written"},
		"uintptr":            {&struct{ at uintptr }{}, ".at: a uintptr"},
		"complex":            {&struct{ at complex64 }{}, ".at: a complex64"},
		"map by pointer":     {&struct{ m map[*int]int }{}, ".m: a map by *int"},
		"map by interface":   {&struct{ m map[any]int }{}, ".m[key]: a interface {} cannot"},
		"map by left out part": {&struct {
			m map[struct {
				a int `snapshot:"-"`
			}]int
		}{}, ".m: a map by struct"},
		"no pointer": {5, "need a pointer"},
		"nothing":    {nil, "need a pointer"},
	}
	for name, c := range cases {
		if _, err := snapshot.For(c.root); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: have %v, want %q", name, err, c.want)
		}
	}
}

func TestAnotherRootIsRefused(t *testing.T) {
	c := codec(t, &graph{})
	if _, err := c.Append(nil, &node{}); err == nil {
		t.Error("Append took another type")
	}
	if err := c.Decode(encode(t, sample()), (*graph)(nil)); err == nil {
		t.Error("Decode took nil")
	}
}

func TestSharedMemoryIsFound(t *testing.T) {
	type holder struct {
		list, other []uint32
		at          *uint32
		in          struct{ n uint32 }
		m, k        map[int]int
	}
	backing := make([]uint32, 4, 8)
	m := map[int]int{}
	h := &holder{in: struct{ n uint32 }{1}}
	h.at = &h.in.n
	cases := map[string]*holder{
		"two lists":          {list: backing[:2:2], other: backing[1:]},
		"room to grow":       {list: backing[:2], other: backing[2:]},
		"element":            {list: backing, at: &backing[3]},
		"field":              h,
		"one map, two names": {m: m, k: m},
	}
	for name, h := range cases {
		err := codec(t, h).Check(h)
		if !errors.Is(err, snapshot.ErrAliased) {
			t.Errorf("%s: %v", name, err)
		}
	}
	sound := &holder{list: backing[:2:2], other: backing[2:]}
	if err := codec(t, sound).Check(sound); err != nil {
		t.Error(err)
	}
	if err := codec(t, &graph{}).Check(sample()); err != nil {
		t.Error(err)
	}
}

func BenchmarkAppend(b *testing.B) {
	type table struct{ chunks []*[4096]uint32 }
	all := &table{}
	for range 3000 {
		all.chunks = append(all.chunks, new([4096]uint32))
	}
	c := codec(b, all)
	buf, err := c.Append(nil, all)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(buf)))
	for b.Loop() {
		buf, _ = c.Append(buf[:0], all)
	}
}
