package reference

import (
	"testing"

	"detour/route"
)

// TestLookUpsAllocateNothing holds everything that is asked for each fact.
func TestLookUpsAllocateNothing(t *testing.T) {
	links := readLinks(t, serial)
	vrps := readVRPText(t, someVRPs)
	names := readNames(t, orgs2info)
	lists := DefaultLists()
	watch := readWatchText(t, "10.0.0.0/8", "2001:db8::/32", "AS64500")
	prefixes := []route.Prefix{
		route.MustPrefix("10.1.2.0/24"), route.MustPrefix("192.0.2.0/25"), route.MustPrefix("203.0.113.0/24"),
		route.MustPrefix("2001:db8:1::/48"), route.MustPrefix("84.205.64.0/24"),
		{},
	}
	sum := 0
	if n := testing.AllocsPerRun(100, func() {
		for a := range route.ASN(6) {
			sum += int(links.Of(a, 1)) + links.Customers(a) + len(names.Name(a+64500)) + len(names.Org(a+64500))
			if links.Knows(a) || names.SameOrg(64500, 64500+a) || lists.Scrubber(a) || lists.Tier1(a) {
				sum++
			}
			if watch.ASN(64500+a) != nil {
				sum++
			}
		}
		for _, p := range prefixes {
			sum += int(vrps.Validate(p, 64500))
			if lists.Beacon(p) || watch.Match(p) != nil {
				sum++
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations (%d)", n, sum)
	}
}
