package oracle

import (
	"slices"

	"detour/route"
)

// NodeReport is a path-tree node as the correlator learns it (§6).
type NodeReport struct{ AS, Next, Third, Origin route.ASN }

// Reports returns what the correlator learns from a path that peer sent for a
// prefix for which the shard speaks (§6, last paragraph): the nodes, nearest
// hop first, and the first hop, 0 if there is none that may be learned. Of
// hops beyond the 64 that are kept nothing is learned.
func Reports(raw route.Path, peer route.Peer) (nodes []NodeReport, first route.ASN) {
	tail, virtual := hopsBehind(raw, peer)
	if len(tail) > 0 && len(tail) <= maxHops && (!virtual || peer.Internal()) {
		first = tail[0]
	}
	tail = tail[max(0, len(tail)-maxHops):]
	for i, a := range tail {
		chain := tail[i:]
		if a == 0 || firstRepeat(chain, 0) < len(chain) {
			continue
		}
		n := NodeReport{AS: a}
		if len(chain) > 1 {
			n.Next = chain[1]
		}
		if len(chain) > 2 && chain[1] != 0 {
			n.Third = chain[2]
		}
		if !slices.Contains(chain, 0) {
			n.Origin = chain[len(chain)-1]
		}
		nodes = append(nodes, n)
	}
	return nodes, first
}
