package reference

import (
	"bufio"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"detour/route"
)

const corpus = "../../../shared/corpus"

// corpusFile returns the path of a file of the corpus, or skips the test.
func corpusFile(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(corpus, name)
	if _, err := os.Stat(path); err != nil {
		t.Skip("corpus absent: no " + path)
	}
	return path
}

// TestRelationshipsOfTheCorpus compares counts with those of the manifest, and
// every link with the file read another way.
func TestRelationshipsOfTheCorpus(t *testing.T) {
	for _, c := range []struct {
		name                 string
		links, ases, sellers int
	}{
		{"20161101.as-rel.txt.bz2", 239064, 55809, 110479},
		{"20180101.as-rel.txt.gz", 261340, 60006, 117703},
		{"20230101.as-rel.txt.bz2", 380537, 74859, 149459},
		{"20260601.as-rel2.txt.bz2", 758233, 80145, 165286},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := corpusFile(t, "asrel/"+c.name)
			r, err := OpenRelationships(path)
			if err != nil {
				t.Fatal(err)
			}
			links, sellers, last := 0, 0, uint64(0)
			r.Links(func(a, b route.ASN, rel Relation) bool {
				if pair := pairOf(a, b); a >= b || pair <= last {
					t.Fatalf("link %d %d is out of order", a, b)
				} else {
					last = pair
				}
				links++
				if rel != Peer {
					sellers++
				}
				return true
			})
			if r.Len() != c.links || links != c.links || r.ASes() != c.ases || sellers != c.sellers {
				t.Errorf("%d (%d) links of %d ASes, %d with a provider; want %d of %d, %d",
					r.Len(), links, r.ASes(), sellers, c.links, c.ases, c.sellers)
			}
			everyLink(t, path, r)
		})
	}
}

// everyLink asks r for each line of the file, both ways.
func everyLink(t *testing.T, path string, r *Relationships) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := unpack(f)
	if err != nil {
		t.Fatal(err)
	}
	customers := map[route.ASN]int{}
	for s := bufio.NewScanner(in); s.Scan(); {
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		fields := strings.Split(s.Text(), "|")
		first, errA := strconv.Atoi(fields[0])
		second, errB := strconv.Atoi(fields[1])
		if errA != nil || errB != nil {
			t.Fatalf("%q: %v, %v", s.Text(), errA, errB)
		}
		a, b, want := route.ASN(first), route.ASN(second), Peer
		if fields[2] == "-1" {
			want = Customer
			customers[a]++
		}
		if r.Of(a, b) != want || r.Of(b, a) != want.inverse() || !r.Knows(b) {
			t.Fatalf("%q: %s, %s, known %t", s.Text(), r.Of(a, b), r.Of(b, a), r.Knows(b))
		}
	}
	for a, n := range customers {
		if r.Customers(a) != n {
			t.Fatalf("AS%d has %d customers, want %d", a, r.Customers(a), n)
		}
	}
}

// TestVRPsOfTheCorpus compares counts with those of the manifest, and asks for
// every payload.
func TestVRPsOfTheCorpus(t *testing.T) {
	for _, c := range []struct {
		name string
		n    int
	}{
		{"massimocandela.test.json", 5000},
		{"ripe-validator3.roas-response.json.gz", 31898},
		{"rpki-client.prepdev.json.gz", 424223},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := OpenVRPs(corpusFile(t, "rpki/"+c.name))
			if err != nil {
				t.Fatal(err)
			}
			if v.Len() != c.n {
				t.Errorf("%d payloads, want %d", v.Len(), c.n)
			}
			for p, node := range v.byPrefix.All() {
				for _, e := range v.payloads[node.first : node.first+node.n] {
					if got := v.Validate(route.PrefixFrom(p), e.asn); (got == Valid) != (e.asn != 0) {
						t.Fatalf("%s of AS%d: %s", p, e.asn, got)
					}
				}
			}
		})
	}
}

// TestVRPsOfTheCorpusAgreeWithTheLinearOracle samples a real file.
func TestVRPsOfTheCorpusAgreeWithTheLinearOracle(t *testing.T) {
	path := corpusFile(t, "rpki/ripe-validator3.roas-response.json.gz")
	v, err := OpenVRPs(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Data []roaRow }
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := unpack(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(in).Decode(&file); err != nil {
		t.Fatal(err)
	}
	var list []plainVRP
	for _, row := range file.Data {
		list = append(list, row.plain(t))
	}
	count := map[Validity]int{}
	for i := 0; i < len(list); i += 101 {
		p := list[i].Prefix
		for _, asked := range []netip.Prefix{p, netip.PrefixFrom(p.Addr(), min(p.Bits()+1, p.Addr().BitLen()))} {
			for _, origin := range []uint32{list[i].ASN, 64500} {
				want := slowly(list, asked, origin)
				if got := v.Validate(route.PrefixFrom(asked), route.ASN(origin)); got != want {
					t.Fatalf("Validate(%s, %d) = %s, want %s", asked, origin, got, want)
				}
				count[want]++
			}
		}
	}
	if count[Valid] < 100 || count[InvalidOrigin] < 100 || count[InvalidLength] < 100 {
		t.Errorf("the sample is too tame: %v", count)
	}
}

type roaRow struct {
	ASN, Prefix string
	MaxLength   int
}

func (r roaRow) plain(t *testing.T) plainVRP {
	t.Helper()
	a, err := strconv.ParseUint(r.ASN, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return plainVRP{Prefix: netip.MustParsePrefix(r.Prefix), ASN: uint32(a), MaxLength: r.MaxLength}
}

func TestNamesOfTheCorpus(t *testing.T) {
	short := corpusFile(t, "names/asNames.json")
	long := corpusFile(t, "asrel/20260601.as-org2info.txt.gz")
	for _, c := range []struct {
		paths []string
		n     int
	}{
		{[]string{short}, 54497},
		{[]string{long}, 121459},
	} {
		n, err := OpenNames(c.paths...)
		if err != nil {
			t.Fatal(err)
		}
		if n.Len() != c.n {
			t.Errorf("%v: %d names, want %d", c.paths, n.Len(), c.n)
		}
	}
	n, err := OpenNames(short, long)
	if err != nil {
		t.Fatal(err)
	}
	if n.Name(13335) != "CLOUDFLARENET" || n.Org(13335) != "Cloudflare, Inc." {
		t.Errorf("AS13335 is %q of %q", n.Name(13335), n.Org(13335))
	}
	if !n.SameOrg(701, 702) || n.SameOrg(701, 13335) {
		t.Errorf("701 and 702: %t; 701 and 13335: %t", n.SameOrg(701, 702), n.SameOrg(701, 13335))
	}
}

// TestShippedScrubbersBearTheirNames holds the list to the file it is from.
func TestShippedScrubbersBearTheirNames(t *testing.T) {
	n, err := OpenNames(corpusFile(t, "asrel/20260601.as-org2info.txt.gz"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := shipped.ReadFile("lists/scrubbers.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		entry, comment, ok := strings.Cut(line, "#")
		if !ok || entry == "" {
			continue
		}
		a, err := parseASN(strings.TrimSpace(entry))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(strings.TrimSpace(comment), n.Name(a)) {
			t.Errorf("AS%d is %q in the file, %q in the list", a, n.Name(a), strings.TrimSpace(comment))
		}
	}
}

// TestShippedTier1sAreInTheClique holds the list to CAIDA's inferred clique.
func TestShippedTier1sAreInTheClique(t *testing.T) {
	lists := DefaultLists()
	for name, head := range map[string]string{
		"20180101.as-rel.txt.gz":  "# inferred clique: ",
		"20230101.as-rel.txt.bz2": "# input clique: ",
	} {
		f, err := os.Open(corpusFile(t, "asrel/"+name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		in, err := unpack(f)
		if err != nil {
			t.Fatal(err)
		}
		clique := map[string]bool{}
		for s := bufio.NewScanner(in); s.Scan(); {
			if members, ok := strings.CutPrefix(s.Text(), head); ok {
				for a := range strings.FieldsSeq(members) {
					clique[a] = true
				}
			}
		}
		for _, a := range lists.tier1s.asns {
			if !clique[a.String()] {
				t.Errorf("%s: AS%d is not in the clique of %d", name, a, len(clique))
			}
		}
	}
}
