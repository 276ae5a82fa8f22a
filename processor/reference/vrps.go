package reference

import (
	"github.com/gaissmai/bart"

	"detour/route"
)

// Validity is the state of a route under RFC 6811, with invalid in two.
type Validity uint8

// NotFound: no payload covers the prefix. InvalidLength: a covering payload names
// the origin, but none of those allows the length, which is what a forgotten
// maxLength looks like. InvalidOrigin: payloads cover the prefix, none names the
// origin.
const (
	NotFound Validity = iota
	Valid
	InvalidOrigin
	InvalidLength
)

// String returns the name of v in lower case.
func (v Validity) String() string {
	switch v {
	case NotFound:
		return "not-found"
	case Valid:
		return "valid"
	case InvalidOrigin:
		return "invalid-origin"
	case InvalidLength:
		return "invalid-length"
	}
	return "unknown"
}

// VRPs are validated ROA payloads (RFC 6811). They never change; look-ups
// allocate nothing. A nil value has none.
type VRPs struct {
	byPrefix bart.Table[vrpNode] // copies of nodes
	nodes    []vrpNode           // in the order of route.Prefix
	payloads []payload
}

// vrpNode is a prefix that payloads name. It lies in the look-up table by value
// and holds its first payload, so that most answers need no further memory.
type vrpNode struct {
	head     payload
	first, n uint32 // its payloads, head among them
	parent   uint32 // 1 + the node of the longest payload prefix that covers it; 0 if none
}

// payload is what a VRP says of its prefix.
type payload struct {
	asn     route.ASN
	maxBits uint8
}

// Validate returns the state of a route to p that origin announces. Origin 0,
// which stands for an unknown one, is never valid, and neither is an AS that only
// AS 0 payloads cover (RFC 6483 §4).
func (v *VRPs) Validate(p route.Prefix, origin route.ASN) Validity {
	if v == nil || p.Family == 0 {
		return NotFound
	}
	node, ok := v.byPrefix.LookupPrefix(p.Netip())
	if !ok {
		return NotFound
	}
	best := InvalidOrigin
	for {
		best = better(best, node.head.state(p.Bits, origin))
		for _, e := range v.payloads[node.first+1 : node.first+node.n] {
			best = better(best, e.state(p.Bits, origin))
		}
		if best == Valid || node.parent == 0 {
			return best
		}
		node = v.nodes[node.parent-1]
	}
}

// state returns what e says of a route to a prefix that it covers.
func (e payload) state(bits uint8, origin route.ASN) Validity {
	switch {
	case e.asn != origin || origin == 0:
		return InvalidOrigin
	case bits > e.maxBits:
		return InvalidLength
	}
	return Valid
}

// better returns which of two states of a covered prefix counts.
func better(a, b Validity) Validity {
	if a == Valid || b == InvalidOrigin {
		return a
	}
	return b
}

// Len returns the number of different payloads.
func (v *VRPs) Len() int {
	if v == nil {
		return 0
	}
	return len(v.payloads)
}

// vrp is a payload with its prefix, as read.
type vrp struct {
	prefix  route.Prefix
	asn     route.ASN
	maxBits uint8
}

func (a vrp) compare(b vrp) int {
	switch {
	case a.prefix.Less(b.prefix):
		return -1
	case b.prefix.Less(a.prefix):
		return 1
	case a.asn != b.asn:
		return int(int64(a.asn) - int64(b.asn))
	}
	return int(a.maxBits) - int(b.maxBits)
}

// newVRPs builds the look-up from sorted payloads without repeats.
func newVRPs(sorted []vrp) *VRPs {
	v := &VRPs{payloads: make([]payload, len(sorted))}
	var open []uint32 // nodes that may cover what follows, each within the one before
	prefixOf := func(node uint32) route.Prefix { return sorted[v.nodes[node].first].prefix }
	for i, e := range sorted {
		v.payloads[i] = payload{asn: e.asn, maxBits: e.maxBits}
		if i > 0 && sorted[i-1].prefix == e.prefix {
			v.nodes[len(v.nodes)-1].n++
			continue
		}
		for len(open) > 0 && !prefixOf(open[len(open)-1]).Contains(e.prefix) {
			open = open[:len(open)-1]
		}
		node := vrpNode{head: v.payloads[i], first: uint32(i), n: 1}
		if len(open) > 0 {
			node.parent = open[len(open)-1] + 1
		}
		open = append(open, uint32(len(v.nodes)))
		v.nodes = append(v.nodes, node)
	}
	for i := range v.nodes {
		v.byPrefix.Insert(prefixOf(uint32(i)).Netip(), v.nodes[i])
	}
	return v
}
