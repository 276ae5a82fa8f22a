package snapshot

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"unsafe"
)

// ErrAliased says that two places of a graph share memory in a way that would
// not come back.
var ErrAliased = errors.New("memory is shared")

// Check walks the graph as Append does and reports pointers into the middle of
// something, slices with memory in common, room to grow included, and maps that
// two places hold. It is for tests: it takes note of everything.
func (c *Codec) Check(root any) error {
	k := &checker{path: []string{c.root.name}}
	e := encoder{count: true, check: k}
	if err := e.encode(c, root); err != nil {
		return err
	}
	return k.overlap()
}

// checker notes the memory that a graph takes. A nil one notes nothing.
type checker struct {
	path   []string
	first  []string // by object: where it was met first
	memory []span
}

type span struct {
	from, to uintptr
	owner    string
}

func (k *checker) enter(object int) {
	if k != nil {
		k.path = append(k.path[:0], k.first[object])
	}
}

func (k *checker) field(f *field) {
	if k != nil {
		k.path = append(k.path, "."+f.name)
	}
}

func (k *checker) index() {
	if k != nil {
		k.path = append(k.path, "[]")
	}
}

func (k *checker) leave() {
	if k != nil {
		k.path = k.path[:len(k.path)-1]
	}
}

func (k *checker) where() (s string) {
	for _, part := range k.path {
		s += part
	}
	return s
}

func (k *checker) object(o object) {
	if k != nil {
		k.first = append(k.first, k.where())
		k.span(o.at, o.t.size)
	}
}

func (k *checker) span(p unsafe.Pointer, size int) {
	if k != nil && size > 0 {
		k.memory = append(k.memory, span{uintptr(p), uintptr(p) + uintptr(size), k.where()})
	}
}

func (k *checker) overlap() error {
	slices.SortFunc(k.memory, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(k.memory); i++ {
		if a, b := &k.memory[i-1], &k.memory[i]; b.from < a.to {
			return fmt.Errorf("%w: by %s and %s", ErrAliased, a.owner, b.owner)
		}
	}
	return nil
}
