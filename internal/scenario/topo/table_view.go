package topo

import (
	"slices"
	"sort"

	"detour/route"
)

// Graph returns the graph that the table lies over.
func (t *Table) Graph() *Graph { return t.g }

// Sessions returns the peers; Session.ID is the index. Shared, read-only.
func (t *Table) Sessions() []route.Session { return t.sessions }

// PeerASNs returns the vantage points, by peer; shared, read-only.
func (t *Table) PeerASNs() []route.ASN { return t.vps }

// Len returns the number of prefixes.
func (t *Table) Len() int { return len(t.prefixes) }

// Skipped returns how many prefixes of TableConfig.List had an origin that the
// graph does not have.
func (t *Table) Skipped() int { return t.skipped }

// Prefixes returns what an AS announces, sorted; shared, read-only.
func (t *Table) Prefixes(origin route.ASN) []route.Prefix {
	v, ok := t.g.index[origin]
	if !ok {
		return nil
	}
	return t.prefixes[t.owners[v].prefix:t.owners[v+1].prefix]
}

// Has reports whether an AS announces exactly this prefix.
func (t *Table) Has(origin route.ASN, p route.Prefix) bool {
	_, ok := slices.BinarySearchFunc(t.Prefixes(origin), p, route.Prefix.Compare)
	return ok
}

// NewSolver makes a Solver for the table's vantage points.
func (t *Table) NewSolver() *Solver { return t.g.NewSolver(t.vps) }

// View looks up paths of a table. It keeps what it found for the last atom, so
// ask for all peers of one before the next. It belongs to one goroutine.
type View struct {
	t      *Table
	solver *Solver
	atom   uint32
}

// NewView makes a View of t.
func (t *Table) NewView() *View { return &View{t: t, solver: t.NewSolver(), atom: ^uint32(0)} }

// AppendPath appends a peer's path to an atom, the peer first, prepends kept,
// and reports whether it has one.
func (v *View) AppendPath(dst []route.ASN, peer int, a Atom) ([]route.ASN, bool) {
	if v.atom != a.Index {
		v.solver.Solve(a.Plan())
		v.atom = a.Index
	}
	return v.solver.Path(dst, v.t.vps[peer])
}

// Path returns a peer's path to the first atom of an origin, nil if it has none.
func (v *View) Path(peer int, origin route.ASN) []route.ASN {
	atoms := v.t.Atoms(origin)
	if len(atoms) == 0 {
		return nil
	}
	path, _ := v.AppendPath(nil, peer, atoms[0])
	return path
}

// NumAtoms returns how many atoms the table has.
func (t *Table) NumAtoms() int { return len(t.atoms) }

// AtomAt returns the atom with an Index below NumAtoms.
func (t *Table) AtomAt(index uint32) Atom {
	v := sort.Search(len(t.owners), func(i int) bool { return t.owners[i].atom > index }) - 1
	return t.atomOf(int32(v), index)
}
