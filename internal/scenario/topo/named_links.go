package topo

import (
	"slices"

	"detour/route"
)

// NamedLinks yields the links of the table of named networks that touch one of
// these; without any, all of them. They are by construction, see named.go.
func NamedLinks(of ...route.ASN) Links {
	wanted := func(a, b route.ASN) bool {
		return len(of) == 0 || slices.Contains(of, a) || slices.Contains(of, b)
	}
	return func(yield func(a, b route.ASN, r Rel) bool) {
		for _, list := range [][]namedAS{named, namedEdges} {
			for _, n := range list {
				if !n.each(func(b route.ASN, r Rel) bool { return !wanted(n.asn, b) || yield(n.asn, b, r) }) {
					return
				}
			}
		}
	}
}

// each yields the links that a network's entry states.
func (n *namedAS) each(yield func(b route.ASN, r Rel) bool) bool {
	for _, b := range n.providers {
		if !yield(b, Provider) {
			return false
		}
	}
	for _, b := range n.peers {
		if !yield(b, Peer) {
			return false
		}
	}
	return n.sibling == 0 || yield(n.sibling, Sibling)
}

// Join yields the links of several sources; of two links between the same
// networks the earlier counts.
func Join(sources ...Links) Links {
	return func(yield func(a, b route.ASN, r Rel) bool) {
		more := true
		for _, links := range sources {
			links(func(a, b route.ASN, r Rel) bool {
				more = yield(a, b, r)
				return more
			})
			if !more {
				return
			}
		}
	}
}
