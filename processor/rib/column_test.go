package rib

import "testing"

// TestColumnIsAMap holds that a column gives the same slots sparse and dense,
// and when it turns.
func TestColumnIsAMap(t *testing.T) {
	for _, c := range []struct {
		name     string
		prefixes uint32 // of the family
		routes   uint32 // every third prefix has one
		dense    bool
	}{
		{"1,024 routes stay sparse", 5000, 1024, false},
		{"more than 1,024 and an eighth turn dense", 5000, 1025, true},
		{"an eighth stays sparse", 16000, 2000, false},
		{"more turns dense", 16000, 2001, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var col column
			for i := range c.routes {
				col.at(1+3*i, int(c.prefixes)).set(Node(i + 2))
			}
			if (col.dense != nil) != c.dense {
				t.Errorf("dense: %t", col.dense != nil)
			}
			for id := range c.prefixes + 10000 {
				want := Node(0)
				if id%3 == 1 && id/3 < c.routes {
					want = Node(id/3 + 2)
				}
				if got := col.get(id).node(); got != want {
					t.Fatalf("slot %d holds %d, want %d", id, got, want)
				}
			}
			sum, count := Node(0), uint32(0)
			col.each(func(id uint32, s *slot) {
				if *s != 0 {
					sum, count = sum+s.node(), count+1
					if s != col.at(id, int(c.prefixes)) {
						t.Fatalf("slot of node %d has not id %d", s.node(), id)
					}
				}
			})
			if n := Node(c.routes); count != c.routes || sum != n*(n+3)/2 {
				t.Errorf("each met %d slots of sum %d", count, sum)
			}
		})
	}
}
