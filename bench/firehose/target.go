package firehose

import (
	"slices"

	"detour/internal/scenario/topo"
	"detour/route"
)

// Labelled events are hijacks of a watched prefix: a network that nobody knows
// announces it, and the third peer at which it is seen decides (rule
// watched-origin). Each has a hijacker and a prefix of its own, so that each makes
// an incident, at once.
const (
	hijackPeers   = 3
	firstHijacker = 1_000_000 // beyond the numbers of the made-up networks
)

// target is the prefix of one labelled event with what three peers then tell.
type target struct {
	prefix route.Prefix
	peers  [hijackPeers]uint32
	paths  [hijackPeers][]route.ASN
}

// newTarget takes a network's first prefix, as three peers see it; false where
// fewer have it or it is too long or short to be told of.
func newTarget(table *topo.Table, view *topo.View, origin route.ASN, number int) (t target, ok bool) {
	list := table.Prefixes(origin)
	if len(list) == 0 || list[0].Family != route.IPv4 || list[0].Bits < 12 || list[0].Bits > 24 {
		return t, false
	}
	t.prefix = list[0]
	found := 0
	peers := len(table.PeerASNs()) - 1 // the last is for transfers
	for i := range peers {
		peer := (i + number) % peers
		path := view.Path(peer, origin)
		if len(path) < 2 || found == hijackPeers {
			continue
		}
		upstream := path[:slices.Index(path, origin)]
		if len(upstream) == 0 {
			continue
		}
		t.peers[found] = uint32(peer)
		t.paths[found] = append(slices.Clone(upstream), route.ASN(firstHijacker+number))
		found++
	}
	return t, found == hijackPeers
}

// fill makes u what the i-th peer tells of a target.
func (t *target) fill(u *route.Update, i int, s *route.Session) {
	*u = route.Update{
		Peer: t.peers[i], Flags: route.FlagHasOrigin | route.FlagHasPath, Path: route.Path{ASNs: t.paths[i]},
		Announced: []route.NLRI{t.prefix.NLRI(0)}, MPAnnounced: 1,
	}
	topo.SetNextHop(u, s, route.IPv4)
}
