package topo

import (
	"bufio"
	"compress/bzip2"
	"compress/gzip"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"detour/route"
)

const corpus = "../../../../shared/corpus/"

func open(t *testing.T, name string) io.Reader {
	t.Helper()
	f, err := os.Open(corpus + name)
	if err != nil {
		t.Skipf("corpus absent: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	if strings.HasSuffix(name, ".bz2") {
		return bzip2.NewReader(f)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func asn(s string) route.ASN {
	n, _ := strconv.ParseUint(s, 10, 32)
	return route.ASN(n)
}

// inferred reads relationships that others inferred: lines "a|b|-1" where a is
// the provider, 0 for peers.
func inferred(r io.Reader) Links {
	return func(yield func(a, b route.ASN, r Rel) bool) {
		for lines := bufio.NewScanner(r); lines.Scan(); {
			f := strings.Split(lines.Text(), "|")
			if len(f) < 3 || strings.HasPrefix(f[0], "#") {
				continue
			}
			rel := Customer
			if f[2] == "0" {
				rel = Peer
			}
			if !yield(asn(f[0]), asn(f[1]), rel) {
				return
			}
		}
	}
}

// TestARealGraphAndARealListMakeATable runs the whole on relationships and
// prefixes of the Internet.
func TestARealGraphAndARealListMakeATable(t *testing.T) {
	g, err := NewGraph(inferred(open(t, "asrel/20230101.as-rel.txt.bz2")))
	if err != nil {
		t.Fatal(err)
	}
	r := open(t, "prefixes/routeviews-rv2-20240101-1200.pfx2as.gz")
	table := mustTable(t, g, TableConfig{Peers: 20, List: func(yield func(route.Prefix, route.ASN) bool) {
		for lines := bufio.NewScanner(r); lines.Scan(); {
			f := strings.Fields(lines.Text())
			if len(f) != 3 || strings.ContainsAny(f[2], "_,") {
				continue // several origins
			}
			if !yield(route.MustPrefix(f[0]+"/"+f[1]), asn(f[2])) {
				return
			}
		}
	}}, 1)
	if table.Len() < 900_000 || table.Skipped() > table.Len()/20 {
		t.Errorf("%d prefixes, %d skipped", table.Len(), table.Skipped())
	}
	s := table.NewSolver()
	some, none, hops := 0, 0, 0
	for i := 0; i < g.Len(); i += 501 {
		s.Solve(Own(g.asns[i]))
		for _, vp := range table.PeerASNs() {
			path, ok := s.Path(nil, vp)
			if !ok {
				none++
				continue
			}
			some++
			hops += len(path)
			if !valleyFree(g, path) {
				t.Fatalf("%v has a valley", path)
			}
		}
	}
	t.Logf("%d ASes, %d links, %d prefixes; %d paths of %.2f ASes, %d times none",
		g.Len(), g.Links(), table.Len(), some, float64(hops)/float64(some), none)
	if none > some/20 {
		t.Errorf("%d paths, %d times none", some, none)
	}
}

// TestPathsAreAboutAsLongAsThoseOfTheInternet keeps a made-up graph from
// drifting: unique paths of full-feed peers have 4 to 5 ASes.
func TestPathsAreAboutAsLongAsThoseOfTheInternet(t *testing.T) {
	g := mustGenerate(t, 30_000, 1)
	table := mustTable(t, g, TableConfig{Peers: 20, Prefixes4: 100_000}, 1)
	s := table.NewSolver()
	paths, hops := 0, 0
	for i := 0; i < g.Len(); i += 301 {
		s.Solve(Own(g.asns[i]))
		for _, vp := range table.PeerASNs() {
			path, _ := s.Path(nil, vp)
			paths++
			hops += len(path)
		}
	}
	mean := float64(hops) / float64(paths)
	t.Logf("%.2f ASes a path", mean)
	if mean < 3.7 || mean > 5 {
		t.Errorf("%.2f ASes a path", mean)
	}
}
