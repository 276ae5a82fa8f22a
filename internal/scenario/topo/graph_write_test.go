package topo

import (
	"bytes"
	"testing"

	"detour/processor/reference"
	"detour/route"
)

func TestRelationshipsAreReadAsTheyWere(t *testing.T) {
	g := mustGenerate(t, 3000, 1)
	var b bytes.Buffer
	if err := g.WriteRelationships(&b); err != nil {
		t.Fatal(err)
	}
	file, err := reference.ReadRelationships(&b)
	if err != nil {
		t.Fatal(err)
	}
	want := map[Rel]reference.Relation{
		Provider: reference.Provider, Customer: reference.Customer, Peer: reference.Peer, Sibling: reference.Unknown,
	}
	links, siblings := 0, 0
	g.Each(func(x, y route.ASN, r Rel) bool {
		links++
		if r == Sibling {
			siblings++
		}
		if got := file.Of(x, y); got != want[r] {
			t.Fatalf("AS%v is to AS%v %v, want %v", y, x, got, want[r])
		}
		return true
	})
	if links == 0 || siblings == 0 || file.Len() != links-siblings {
		t.Errorf("%d links of %d, %d between siblings", file.Len(), links, siblings)
	}
}
