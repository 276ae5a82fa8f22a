package reference

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/route"
)

func TestShippedLists(t *testing.T) {
	lists := DefaultLists()
	for prefix, want := range map[string]bool{
		"84.205.64.0/24":        true,
		"84.205.66.0/24":        true,
		"84.205.64.0/25":        true, // lies in one
		"84.205.64.0/23":        false,
		"84.205.80.0/24":        false, // an anchor
		"93.175.153.0/24":       true,
		"93.175.146.0/24":       false, // stays up
		"2001:7fb:fe00::/48":    true,
		"2001:7fb:fe0c::/48":    true,
		"2001:7fb:fe0c:1::/64":  true,
		"2001:7fb:ff0c::/48":    false,
		"2001:7fb::/32":         false,
		"1.1.1.0/24":            false,
		"::/0":                  false,
		"::ffff:84.205.64.0/96": false,
	} {
		if got := lists.Beacon(route.MustPrefix(prefix)); got != want {
			t.Errorf("Beacon(%s) = %t", prefix, got)
		}
	}
	all, err := ReadList(Beacons, strings.NewReader("::/0"))
	if err != nil || lists.With(all).Beacon(route.Prefix{}) {
		t.Errorf("the zero prefix is a beacon (%v)", err)
	}
	for _, a := range []route.ASN{174, 701, 1299, 2914, 3356, 7018, 12956} {
		if !lists.Tier1(a) || lists.Scrubber(a) {
			t.Errorf("AS%d: tier-1 %t, scrubber %t", a, lists.Tier1(a), lists.Scrubber(a))
		}
	}
	for _, a := range []route.ASN{19551, 32787, 198949} {
		if lists.Tier1(a) || !lists.Scrubber(a) {
			t.Errorf("AS%d: tier-1 %t, scrubber %t", a, lists.Tier1(a), lists.Scrubber(a))
		}
	}
	for _, a := range []route.ASN{0, 13335, 396531, 4200000000} {
		if lists.Tier1(a) || lists.Scrubber(a) {
			t.Errorf("AS%d: tier-1 %t, scrubber %t", a, lists.Tier1(a), lists.Scrubber(a))
		}
	}
}

// TestShippedListsSayWhereTheyAreFrom also wants them in order, so that edits are
// easy to read.
func TestShippedListsSayWhereTheyAreFrom(t *testing.T) {
	for _, kind := range []ListKind{Beacons, Scrubbers, Tier1s} {
		text, err := shipped.ReadFile("lists/" + kind.String() + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "\n# Source") || !strings.Contains(string(text), "20") {
			t.Errorf("%s has no source with a date", kind)
		}
		if kind == Beacons {
			continue
		}
		var asns []route.ASN
		for line := range strings.Lines(string(text)) {
			if entry, _, ok := strings.Cut(line, "#"); ok && entry != "" {
				a, err := parseASN(strings.TrimSpace(entry))
				if err != nil {
					t.Fatal(err)
				}
				asns = append(asns, a)
			}
		}
		sorted := slices.Clone(asns)
		slices.Sort(sorted)
		if diff := cmp.Diff(slices.Compact(sorted), asns); diff != "" {
			t.Errorf("%s is not in order or has repeats (-want +got):\n%s", kind, diff)
		}
	}
}

func TestAListOfTheUserTakesThePlaceOfTheShippedOne(t *testing.T) {
	shippedLists := DefaultLists()
	list, err := ReadList(Tier1s, strings.NewReader("# mine\nAS64500 # us\n64501\n\nAS64500\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]route.ASN{64500, 64501}, list.ASNs()); diff != "" || list.Kind() != Tier1s {
		t.Errorf("%s (-want +got):\n%s", list.Kind(), diff)
	}
	lists := shippedLists.With(list)
	if !lists.Tier1(64500) || lists.Tier1(174) || !lists.Scrubber(32787) {
		t.Error("the list was not put in its place")
	}
	if shippedLists.Tier1(64500) || !shippedLists.Tier1(174) {
		t.Error("the lists before were changed")
	}
	beacons, err := ReadList(Beacons, strings.NewReader("2001:db8::/32\n192.0.2.0/24\n192.0.2.0/24\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []route.Prefix{route.MustPrefix("192.0.2.0/24"), route.MustPrefix("2001:db8::/32")}
	if diff := cmp.Diff(want, beacons.Prefixes()); diff != "" {
		t.Errorf("beacons (-want +got):\n%s", diff)
	}
	var none *Lists
	if lists := none.With(beacons); !lists.Beacon(want[0]) || lists.Tier1(174) {
		t.Error("a list alone")
	}
	empty, err := ReadList(Scrubbers, strings.NewReader(""))
	if err != nil || shippedLists.With(empty).Scrubber(32787) {
		t.Errorf("an empty list takes its place as well: %v", err)
	}
}

func TestNilListsAreEmpty(t *testing.T) {
	var lists *Lists
	if lists.Beacon(route.MustPrefix("84.205.64.0/24")) || lists.Scrubber(32787) || lists.Tier1(174) {
		t.Error("nil says something")
	}
	if empty := (&Lists{}); empty.Beacon(route.MustPrefix("84.205.64.0/24")) || empty.Tier1(174) {
		t.Error("no list says something")
	}
}

func TestListErrors(t *testing.T) {
	for _, c := range []struct {
		kind       ListKind
		text, want string
	}{
		{Tier1s, "AS1\nx\n", `read list of tier1s: line 2: "x" is no AS number`},
		{Scrubbers, "AS0\n", "read list of scrubbers: line 1: AS 0 names no network"},
		{Beacons, "AS1\n", `read list of beacons: line 1: "AS1" is no prefix`},
		{Beacons, "10.0.0.1/24\n", "prefix 10.0.0.1/24 has bits beyond its length: write 10.0.0.0/24"},
		{Tier1s, strings.Repeat("AS1\n", maxListed+1), "line 100001: more than 100000 entries"},
	} {
		_, err := ReadList(c.kind, strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want it to hold %q", err, c.want)
		}
	}
	if _, err := OpenList(Tier1s, "testdata/none"); err == nil {
		t.Error("no error for a missing file")
	}
}
