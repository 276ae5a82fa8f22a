package reference

import (
	"fmt"
	"slices"

	"github.com/gaissmai/bart"

	"detour/route"
)

// ListKind names one of the editable lists.
type ListKind uint8

// The lists: Beacons holds prefixes, the others AS numbers.
const (
	Beacons ListKind = iota
	Scrubbers
	Tier1s
)

// String returns the name of k, which is also that of its file.
func (k ListKind) String() string {
	switch k {
	case Beacons:
		return "beacons"
	case Scrubbers:
		return "scrubbers"
	case Tier1s:
		return "tier1s"
	}
	return fmt.Sprintf("list %d", uint8(k))
}

// List is one list. It never changes.
type List struct {
	kind     ListKind
	prefixes []route.Prefix // in order
	covered  bart.Lite      // the same
	asns     []route.ASN    // in rising order
}

// Kind returns which list l is.
func (l *List) Kind() ListKind { return l.kind }

// Prefixes returns the prefixes of l in order; it belongs to the caller.
func (l *List) Prefixes() []route.Prefix { return slices.Clone(l.prefixes) }

// ASNs returns the AS numbers of l in rising order; they belong to the caller.
func (l *List) ASNs() []route.ASN { return slices.Clone(l.asns) }

// Lists are the lists together. They never change; look-ups allocate nothing. A
// nil value has nothing in any.
type Lists struct {
	beacons, scrubbers, tier1s *List // nil is an empty one
}

// With returns the lists of l with list in the place of the one of its kind; l
// stays as it is.
func (l *Lists) With(list *List) *Lists {
	out := Lists{}
	if l != nil {
		out = *l
	}
	switch list.kind {
	case Beacons:
		out.beacons = list
	case Scrubbers:
		out.scrubbers = list
	case Tier1s:
		out.tier1s = list
	}
	return &out
}

// Beacon reports whether p is a routing beacon or lies in one.
func (l *Lists) Beacon(p route.Prefix) bool {
	return l != nil && l.beacons != nil && p.Family != 0 && l.beacons.covered.LookupPrefix(p.Netip())
}

// Scrubber reports whether a is a DDoS mitigation network.
func (l *Lists) Scrubber(a route.ASN) bool { return l != nil && l.scrubbers.has(a) }

// Tier1 reports whether a buys transit from nobody.
func (l *Lists) Tier1(a route.ASN) bool { return l != nil && l.tier1s.has(a) }

func (l *List) has(a route.ASN) bool {
	if l == nil {
		return false
	}
	_, found := slices.BinarySearch(l.asns, a)
	return found
}
