package topo

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/route"
)

// small is a table over 3,000 networks.
func small(t testing.TB, cfg TableConfig, seed uint64) *Table {
	t.Helper()
	if cfg.Prefixes4 == 0 {
		cfg.Prefixes4 = 30_000
	}
	if cfg.Peers == 0 {
		cfg.Peers = 10
	}
	return mustTable(t, mustGenerate(t, 3000, 1), cfg, seed)
}

func isBogon(p route.Prefix) bool {
	for _, b := range bogons {
		if q := route.MustPrefix(b); q.Contains(p) || p.Contains(q) {
			return true
		}
	}
	return false
}

func TestPrefixesArePublicUniqueAndAsMany(t *testing.T) {
	table := small(t, TableConfig{Prefixes6: 5000}, 1)
	owner := map[route.Prefix]route.ASN{}
	inside, v6, long := 0, 0, 0
	for _, a := range table.Graph().ASNs() {
		list := table.Prefixes(a)
		for i, p := range list {
			if isBogon(p) {
				t.Errorf("AS%v has %v", a, p)
			}
			if b, ok := owner[p]; ok {
				t.Errorf("%v is of AS%v and AS%v", p, a, b)
			}
			owner[p] = a
			if p.Family == route.IPv6 {
				v6++
				continue
			}
			if p.Bits == 24 {
				long++
			}
			if slices.ContainsFunc(list[:i], func(q route.Prefix) bool { return q.Contains(p) }) {
				inside++
			}
		}
	}
	if v4 := len(owner) - v6; v4 < 30_000 || v4 > 30_400 || v6 < 5000 {
		t.Errorf("%d IPv4 and %d IPv6 prefixes", v4, v6)
	}
	if inside < 9_000 || inside > 18_000 || long < 17_000 || long > 21_000 {
		t.Errorf("%d lie in a cover, %d are /24", inside, long)
	}
	if n := len(table.Prefixes(16509)); n < 200 {
		t.Errorf("AS16509 has %d prefixes", n)
	}
}

// TestCoversAreOfTheSameOrigin holds that no made-up prefix lies in another
// network's.
func TestCoversAreOfTheSameOrigin(t *testing.T) {
	table := small(t, TableConfig{Unnamed: true}, 1)
	var all []Entry
	for _, a := range table.Graph().ASNs() {
		for _, p := range table.Prefixes(a) {
			all = append(all, Entry{p, a})
		}
	}
	slices.SortFunc(all, byPrefix)
	var covers []Entry
	for _, e := range all {
		for len(covers) > 0 && !covers[len(covers)-1].Prefix.Contains(e.Prefix) {
			covers = covers[:len(covers)-1]
		}
		if n := len(covers); n > 0 && covers[n-1].Origin != e.Origin {
			t.Fatalf("%v of AS%v lies in %v of AS%v", e.Prefix, e.Origin, covers[n-1].Prefix, covers[n-1].Origin)
		}
		covers = append(covers, e)
	}
}

func TestNamedPrefixesHaveTheirOriginsAndNobodyElseIsInThem(t *testing.T) {
	table := small(t, TableConfig{Prefixes6: 2000}, 2)
	names := Named()
	for _, e := range names {
		if !table.Has(e.Origin, e.Prefix) {
			t.Errorf("AS%v does not have %v", e.Origin, e.Prefix)
		}
	}
	for _, a := range table.Graph().ASNs() {
		for _, p := range table.Prefixes(a) {
			for _, e := range names {
				if e.Prefix.Contains(p) && p != e.Prefix && !slices.Contains(names, Entry{p, a}) {
					t.Fatalf("made-up %v of AS%v lies in %v", p, a, e.Prefix)
				}
			}
		}
	}
	if table.Has(13335, route.MustPrefix("104.20.0.0/21")) || !table.Has(13335, route.MustPrefix("104.20.0.0/20")) {
		t.Error("104.20.0.0 of AS13335")
	}
}

// TestADumpIsTheTableOfEveryPeer holds Each against paths looked up one by one.
func TestADumpIsTheTableOfEveryPeer(t *testing.T) {
	table := small(t, TableConfig{Prefixes6: 2000, Include: []route.ASN{701, 3356}, At: 7 * route.Second}, 3)
	view := table.NewView()
	atomOf := map[route.Prefix]Atom{}
	for _, a := range table.Graph().ASNs() {
		for _, atom := range table.Atoms(a) {
			for _, p := range atom.Prefixes {
				atomOf[p] = atom
			}
		}
	}
	type seat struct {
		peer uint32
		p    route.Prefix
	}
	seen := map[seat]bool{}
	last := uint64(0)
	var path []route.ASN
	table.Each(func(s *route.Session, u *route.Update) bool {
		if u.Peer != s.ID || u.Number != last+1 || u.Flags&route.FlagTableDump == 0 || u.Engine != 7*route.Second {
			t.Fatalf("update %+v of %+v", u, s)
		}
		last++
		if len(u.Announced) == 0 || len(u.Announced) > 200 || len(u.Withdrawn) > 0 {
			t.Fatalf("%d announced, %d withdrawn", len(u.Announced), len(u.Withdrawn))
		}
		for i, n := range u.Announced {
			if (n.Family == route.IPv4) != (i < u.MPAnnounced) {
				t.Fatalf("%v stands at %d of %d", n.Prefix(), i, u.MPAnnounced)
			}
			if k := (seat{s.ID, n.Prefix()}); seen[k] {
				t.Fatalf("%v twice at peer %d", n.Prefix(), s.ID)
			} else {
				seen[k] = true
			}
			path, _ = view.AppendPath(path[:0], int(s.ID), atomOf[n.Prefix()])
			if !slices.Equal(u.Path.ASNs, path) || path[0] != s.ASN {
				t.Fatalf("%v at AS%v: %v, want %v", n.Prefix(), s.ASN, u.Path.ASNs, path)
			}
		}
		return true
	})
	if want := table.Len() * len(table.Sessions()); len(seen) != want {
		t.Errorf("%d routes, want %d", len(seen), want)
	}
}

func TestPartsOfADumpAreTheWhole(t *testing.T) {
	table := small(t, TableConfig{}, 4)
	var whole, parts []string
	note := func(out *[]string) func(s *route.Session, u *route.Update) bool {
		return func(s *route.Session, u *route.Update) bool {
			*out = append(*out, s.Addr.String()+" "+u.Announced[0].Prefix().String())
			return true
		}
	}
	table.Each(note(&whole))
	for from := 0; from < 3000; from += 1000 {
		table.EachOf(from, from+1000, nil, note(&parts))
	}
	if diff := cmp.Diff(whole, parts); diff != "" {
		t.Error(diff)
	}
	var one []string
	table.EachOf(0, 3000, []int{4}, note(&one))
	if len(one)*10 != len(whole) {
		t.Errorf("one of ten peers has %d of %d updates", len(one), len(whole))
	}
	stopped := 0
	table.Each(func(*route.Session, *route.Update) bool { stopped++; return stopped < 5 })
	if stopped != 5 {
		t.Errorf("stopped after %d", stopped)
	}
}

func TestASeedGivesOneTable(t *testing.T) {
	a, b, c := small(t, TableConfig{}, 1), small(t, TableConfig{}, 1), small(t, TableConfig{}, 2)
	if !slices.Equal(a.prefixes, b.prefixes) || !slices.Equal(a.atoms, b.atoms) || !slices.Equal(a.vps, b.vps) {
		t.Error("the same seed gives another table")
	}
	if slices.Equal(a.prefixes, c.prefixes) {
		t.Error("another seed gives the same table")
	}
}

func TestAGivenListIsTheTable(t *testing.T) {
	list := []Entry{
		{route.MustPrefix("8.8.8.0/24"), 15169},
		{route.MustPrefix("1.1.1.0/24"), 15169},
		{route.MustPrefix("9.0.0.0/8"), 4_000_000_000},
	}
	table := small(t, TableConfig{List: func(yield func(route.Prefix, route.ASN) bool) {
		for _, e := range list {
			if !yield(e.Prefix, e.Origin) {
				return
			}
		}
	}}, 1)
	if table.Skipped() != 1 || len(table.Prefixes(15169)) != 1 || table.Len() != len(Named())+1 {
		t.Errorf("%d skipped, %v of AS15169, %d in all", table.Skipped(), table.Prefixes(15169), table.Len())
	}
}

func TestPeersAreAsAskedFor(t *testing.T) {
	for _, n := range []int{1, 10, 400} {
		table := small(t, TableConfig{Peers: n, Include: []route.ASN{701}}, 1)
		vps := table.PeerASNs()
		if len(vps) != n || vps[0] != 701 || len(slices.Compact(sorted(vps))) != n {
			t.Errorf("want %d peers: %v", n, vps)
		}
		addrs := map[string]bool{}
		for _, s := range table.Sessions() {
			addrs[s.Addr.String()] = true
		}
		if len(addrs) != n {
			t.Errorf("%d addresses for %d peers", len(addrs), n)
		}
	}
	g := mustGenerate(t, 3000, 1)
	for _, cfg := range []TableConfig{
		{Peers: 701, Prefixes4: 5000}, {Prefixes4: 10}, {Include: []route.ASN{4_100_000_000}, Prefixes4: 5000},
	} {
		if _, err := NewTable(g, cfg, 1); err == nil {
			t.Errorf("%+v was accepted", cfg)
		}
	}
}

func TestASilentNetworkAnnouncesNothing(t *testing.T) {
	table := small(t, TableConfig{Silent: []route.ASN{396531, 13335}, Prefixes6: 1000}, 1)
	if n := len(table.Prefixes(396531)) + len(table.Prefixes(13335)); n > 0 {
		t.Errorf("%d prefixes", n)
	}
	loud := small(t, TableConfig{}, 1)
	atoms := loud.Atoms(396531)
	if len(atoms) != 1 || len(atoms[0].Prefixes) == 0 || len(atoms[0].Plan().Seeds[0].NotTo) > 0 {
		t.Error("AS396531 does not announce all it has to everyone")
	}
}

func TestNamedLinksCanBeLaidOverOthers(t *testing.T) {
	others := func(yield func(a, b route.ASN, r Rel) bool) {
		_ = yield(396531, 701, Peer) && yield(1, 2, Customer)
	}
	g, err := NewGraph(Join(NamedLinks(396531), others))
	if err != nil {
		t.Fatal(err)
	}
	if r, ok := g.Relation(396531, 701); !ok || r != Provider || g.Links() != 3 || g.Has(13335) {
		t.Errorf("AS701 is a %v, %d links", r, g.Links())
	}
	if r, ok := g.Relation(2, 1); !ok || r != Provider {
		t.Errorf("AS1 is a %v to AS2", r)
	}
	n := 0
	g.Each(func(a, b route.ASN, r Rel) bool { n++; return a < b })
	if n != 3 {
		t.Errorf("%d links", n)
	}
	if _, err := NewGraph(func(yield func(a, b route.ASN, r Rel) bool) { yield(0, 1, Peer) }); err == nil {
		t.Error("AS 0 was accepted")
	}
}
