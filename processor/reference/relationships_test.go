package reference

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/route"
)

func readLinks(t testing.TB, text string) *Relationships {
	t.Helper()
	r, err := ReadRelationships(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// serial is a file of both forms: AS 1 sells to 2 and 3, 2 sells to 4, 1 and 5
// are peers.
const serial = `# source: by hand
1|2|-1
1|3|-1|bgp
2|4|-1|bgp,mlp
5|1|0|mlp
5|1|0|bgp
`

func TestRelations(t *testing.T) {
	r := readLinks(t, serial)
	for _, c := range []struct {
		a, b route.ASN
		want Relation
	}{
		{1, 2, Customer},
		{2, 1, Provider},
		{4, 2, Provider},
		{1, 5, Peer},
		{5, 1, Peer},
		{1, 4, Unknown},
		{2, 3, Unknown},
		{1, 1, Unknown},
		{9, 8, Unknown},
		{0, 1, Unknown},
		{1, 0, Unknown},
	} {
		if got := r.Of(c.a, c.b); got != c.want {
			t.Errorf("Of(%d, %d) = %s, want %s", c.a, c.b, got, c.want)
		}
	}
	knows, customers := map[route.ASN]bool{}, map[route.ASN]int{}
	for a := range route.ASN(7) {
		knows[a], customers[a] = r.Knows(a), r.Customers(a)
	}
	wantKnown := map[route.ASN]bool{0: false, 1: true, 2: true, 3: true, 4: true, 5: true, 6: false}
	if diff := cmp.Diff(wantKnown, knows); diff != "" {
		t.Errorf("Knows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[route.ASN]int{0: 0, 1: 2, 2: 1, 3: 0, 4: 0, 5: 0, 6: 0}, customers); diff != "" {
		t.Errorf("Customers (-want +got):\n%s", diff)
	}
	if r.Len() != 4 || r.ASes() != 5 {
		t.Errorf("%d links of %d ASes, want 4 of 5", r.Len(), r.ASes())
	}
}

func TestAnASWithCustomersOnlyIsNotKnown(t *testing.T) {
	if r := readLinks(t, "1|2|-1\n"); r.Knows(1) || !r.Knows(2) {
		t.Errorf("Knows(1) = %t, Knows(2) = %t", r.Knows(1), r.Knows(2))
	}
}

func TestLinksComeInOrderAndStopWhenAsked(t *testing.T) {
	r := readLinks(t, serial)
	var got []string
	r.Links(func(a, b route.ASN, rel Relation) bool {
		got = append(got, fmt.Sprintf("%d %d %s", a, b, rel))
		return true
	})
	if diff := cmp.Diff([]string{"1 2 customer", "1 3 customer", "1 5 peer", "2 4 customer"}, got); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	n := 0
	r.Links(func(route.ASN, route.ASN, Relation) bool {
		n++
		return n < 2
	})
	if n != 2 {
		t.Errorf("%d links after a stop at the second", n)
	}
}

func TestNilRelationshipsKnowNothing(t *testing.T) {
	var r *Relationships
	r.Links(func(route.ASN, route.ASN, Relation) bool { t.Error("a link"); return true })
	if r.Of(1, 2) != Unknown || r.Knows(1) || r.Customers(1) != 0 || r.Len() != 0 || r.ASes() != 0 {
		t.Error("nil says something")
	}
}

func TestRelationshipFileErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "# nothing\n", "the file has no links"},
		{"form", "1 2 -1\n", `line 1: "1 2 -1" is not of the form AS|AS|relation`},
		{"two fields", "# x\n1|2\n", "line 2: \"1|2\" is not of the form"},
		{"relation", "1|2|2\n", `relation "2" is neither -1 (provider|customer) nor 0 (peers)`},
		{"no number", "1|x|0\n", `line 1: "x" is no AS number`},
		{"AS 0", "0|1|0\n", "AS 0 names no network"},
		{"too large", "4294967296|1|0\n", "is beyond 4294967295"},
		{"much too large", "99999999999999999999|1|0\n", "is beyond 4294967295"},
		{"itself", "7|7|0\n", "AS 7 has a link to itself"},
		{"contradiction", "1|2|-1\n1|2|0\n", "line 2: AS 1 and AS 2 stand with another relation above"},
		{"both ways", "1|2|-1\n2|1|-1\n", "line 2: AS 1 and AS 2 stand with another relation above"},
		{"long line", "1|2|0\n" + strings.Repeat("1", maxLine+1), "line 2 has more than 65536 bytes"},
		{"binary", "\x00\x01\x02", "line 1:"},
		{"cut gzip", "\x1f\x8b\x08\x00", "gzip"},
		{"cut bzip2", "BZh9xxxx", "bzip2"},
	} {
		_, err := ReadRelationships(strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want it to hold %q", c.name, err, c.want)
		}
	}
}

func TestMissingFileIsNamedOnce(t *testing.T) {
	_, err := OpenRelationships("testdata/none")
	if err == nil || strings.Count(err.Error(), "testdata/none") != 1 {
		t.Errorf("error %v", err)
	}
}

// TestRelationshipsAgreeWithAMap compares the table with a map of links.
func TestRelationshipsAgreeWithAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type pair struct{ a, b route.ASN }
		asn := rapid.Custom(func(t *rapid.T) route.ASN {
			if rapid.Bool().Draw(t, "small") {
				return route.ASN(rapid.Uint32Range(1, 12).Draw(t, "asn"))
			}
			return route.ASN(rapid.Uint32Range(1, 1<<32-1).Draw(t, "asn"))
		})
		want, providers := map[pair]Relation{}, map[route.ASN]int{}
		var file bytes.Buffer
		links := 0
		for range rapid.IntRange(1, 200).Draw(t, "n") {
			a, b := asn.Draw(t, "a"), asn.Draw(t, "b")
			if _, known := want[pair{a, b}]; a == b || known {
				continue
			}
			links++
			if rapid.Bool().Draw(t, "peers") {
				fmt.Fprintf(&file, "%d|%d|0\n", a, b)
				want[pair{a, b}], want[pair{b, a}] = Peer, Peer
				continue
			}
			fmt.Fprintf(&file, "%d|%d|-1|bgp\n", a, b)
			want[pair{a, b}], want[pair{b, a}] = Customer, Provider
			providers[a]++
		}
		if links == 0 {
			t.Skip("no link")
		}
		r, err := ReadRelationships(&file)
		if err != nil {
			t.Fatal(err)
		}
		if r.Len() != links {
			t.Fatalf("%d links, want %d", r.Len(), links)
		}
		for p, rel := range want {
			if got := r.Of(p.a, p.b); got != rel {
				t.Fatalf("Of(%d, %d) = %s, want %s", p.a, p.b, got, rel)
			}
			if got := r.Customers(p.a); got != providers[p.a] {
				t.Fatalf("Customers(%d) = %d, want %d", p.a, got, providers[p.a])
			}
		}
		a, b := asn.Draw(t, "a"), asn.Draw(t, "b")
		if got := r.Of(a, b); got != want[pair{a, b}] {
			t.Fatalf("Of(%d, %d) = %s, want %s", a, b, got, want[pair{a, b}])
		}
	})
}
