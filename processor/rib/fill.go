package rib

import "detour/route"

// Fill is how full a bounded table is.
type Fill struct {
	Table       string
	Used, Limit int
}

// Fills of a shard's tables.
type Fills [8]Fill

// Fills returns how full the tables are. It costs next to nothing.
func (r *RIB) Fills() Fills {
	return Fills{
		{"nodes", r.tree.live, r.tree.max},
		{"prefixes-ipv4", r.Prefixes(route.IPv4), r.cfg.MaxPrefixes},
		{"prefixes-ipv6", r.Prefixes(route.IPv6), r.cfg.MaxPrefixes},
		{"peers", len(r.peers), r.cfg.MaxPeers},
		{"recent", r.recent.n, r.recent.max},
		{"edges", r.edges.Len(), maxEdges},
		{"ases", max(0, len(r.as.asns)-1), maxASNs},
		{"baseline-octets", r.bases.arena.octets(), arenaMax << arenaBits},
	}
}
