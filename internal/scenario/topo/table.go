package topo

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"

	"detour/route"
)

// TableConfig says what a full table looks like and who sees it.
type TableConfig struct {
	Collector string      // name of the collector; default "made-up"
	At        route.Time  // stamp of table entries, also the start of the sessions
	Peers     int         // vantage points, default 40, at most 700
	Include   []route.ASN // among them in any case, first and in this order
	Prefixes4 int         // default 1,000,000; at least one for each AS
	Prefixes6 int         // default none

	// List replaces the made-up prefixes. Prefixes of origins that the graph
	// does not have are left out and counted.
	List iter.Seq2[route.Prefix, route.ASN]
	// Silent origins announce nothing, so that nothing of theirs is known.
	Silent []route.ASN
	// Unnamed leaves out the prefixes of known incidents (Named).
	Unnamed bool
}

// Table is a full table as the peers of a collector have it. It is read-only
// once made; it holds 24 bytes a prefix and no paths.
type Table struct {
	g        *Graph
	cfg      TableConfig
	sessions []route.Session
	vps      []route.ASN // of the sessions
	prefixes []route.Prefix
	owners   []owner // by node
	atoms    []atom
	skipped  int
}

// owner is what one AS announces: its prefixes up to the next owner's first,
// sorted, in atoms up to the next owner's.
type owner struct{ prefix, atom uint32 }

// atom is a run of an AS's prefixes that are announced alike.
type atom struct {
	end    uint32 // in prefixes
	policy policy
	extra  uint8 // prepends
	by     int32 // provider, for policies that have one
}

// policy is how an AS announces an atom.
type policy uint8

const (
	plain   policy = iota
	longer         // prepended to everyone
	favours        // prepended to all providers but one
	single         // to one provider only, beside peers and customers
)

// NewTable makes a table over g. Everything follows from cfg, g and seed.
func NewTable(g *Graph, cfg TableConfig, seed uint64) (*Table, error) {
	cfg = cfg.defaults()
	if cfg.Peers < 1 || cfg.Peers > peersMax {
		return nil, fmt.Errorf("make table: %d peers, want 1 to %d", cfg.Peers, peersMax)
	}
	if cfg.List == nil && cfg.Prefixes4 < g.Len() {
		return nil, fmt.Errorf("make table: %d prefixes are too few for %d networks", cfg.Prefixes4, g.Len())
	}
	rng := rand.New(rand.NewPCG(seed, 0x7461626c))
	t := &Table{g: g, cfg: cfg}
	if err := t.seat(rng); err != nil {
		return nil, fmt.Errorf("make table: %w", err)
	}
	entries, err := t.entries(rng)
	if err != nil {
		return nil, fmt.Errorf("make table: %w", err)
	}
	t.keep(entries)
	t.split(rng)
	return t, nil
}

func (c TableConfig) defaults() TableConfig {
	if c.Collector == "" {
		c.Collector = "made-up"
	}
	if c.Peers == 0 {
		c.Peers = 40
	}
	if c.Prefixes4 == 0 {
		c.Prefixes4 = 1_000_000
	}
	return c
}

// entries returns all prefixes with the node that originates each.
func (t *Table) entries(rng *rand.Rand) ([]entry, error) {
	var names []Entry
	if !t.cfg.Unnamed {
		v6 := t.cfg.Prefixes6 > 0 || t.cfg.List != nil
		for _, e := range Named() {
			if t.g.Has(e.Origin) && !slices.Contains(t.cfg.Silent, e.Origin) && (v6 || e.Prefix.Family == route.IPv4) {
				names = append(names, e)
			}
		}
	}
	out := make([]entry, 0, len(names)+t.cfg.Prefixes4+t.cfg.Prefixes6)
	for _, e := range names {
		out = append(out, entry{e.Prefix, t.g.index[e.Origin]})
	}
	if t.cfg.List == nil {
		return t.makeUp(out, names, rng)
	}
	is := func(p route.Prefix) bool {
		_, ok := slices.BinarySearchFunc(names, Entry{Prefix: p}, byPrefix)
		return ok
	}
	for p, a := range t.cfg.List {
		switch v, ok := t.g.index[a]; {
		case slices.Contains(t.cfg.Silent, a):
		case !ok:
			t.skipped++
		case !is(p):
			out = append(out, entry{p, v})
		}
	}
	return out, nil
}

// entry is a prefix with the node that originates it.
type entry struct {
	prefix route.Prefix
	node   int32
}

// makeUp adds made-up prefixes until the table has its size; AS by AS the named
// ones count.
func (t *Table) makeUp(out []entry, names []Entry, rng *rand.Rand) ([]entry, error) {
	n := counts(t.g, t.cfg.Prefixes4, rng)
	have := make([]int, len(n))
	for _, e := range names {
		if e.Prefix.Family == route.IPv4 {
			have[t.g.index[e.Origin]]++
		}
	}
	for v := range n {
		n[v] = max(0, n[v]-have[v])
	}
	for _, a := range t.cfg.Silent {
		if v, ok := t.g.index[a]; ok {
			n[v] = 0
		}
	}
	slots := shapes(n, rng)
	if err := layOut(slots, newSpace(names, rng)); err != nil {
		return nil, err
	}
	for _, s := range slots {
		p := route.Prefix{Hi: uint64(s.addr) << 32, Bits: s.bits, Family: route.IPv4}
		out = append(out, entry{p, s.node})
	}
	return t.makeUp6(out, rng), nil
}

// keep sorts entries by node and prefix; a prefix that an AS has twice stays once.
func (t *Table) keep(entries []entry) {
	slices.SortFunc(entries, func(a, b entry) int {
		if a.node != b.node {
			return int(a.node) - int(b.node)
		}
		return a.prefix.Compare(b.prefix)
	})
	entries = slices.Compact(entries)
	t.prefixes = make([]route.Prefix, len(entries))
	t.owners = make([]owner, t.g.Len()+1)
	v := int32(0)
	for i, e := range entries {
		for ; v <= e.node; v++ {
			t.owners[v].prefix = uint32(i)
		}
		t.prefixes[i] = e.prefix
	}
	for ; int(v) < len(t.owners); v++ {
		t.owners[v].prefix = uint32(len(entries))
	}
}
