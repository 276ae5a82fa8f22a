package node

import (
	"fmt"

	"detour/processor/correlate"
	"detour/route"
	"detour/stream"
)

// views in words, as BMP has them.
var views = map[route.View]string{
	route.ViewAdjRIBInPre: "adj-rib-in", route.ViewAdjRIBInPost: "adj-rib-in-post", route.ViewLocRIB: "loc-rib",
}

// tellPeers tells the table of peers, and the log of those whose trust is another
// than before.
func (n *Node) tellPeers(seen *correlate.Coverage, sequence uint64, told *toldPeers) {
	told.log(n, seen)
	told.table++
	table := &stream.Peers{
		Member: n.cfg.Member, Sequence: sequence, Watermark: seen.Watermark, Table: told.table,
		Peers: make([]stream.Peer, 0, len(seen.Peers)),
	}
	for i := range seen.Peers {
		table.Peers = append(table.Peers, peerOf(&seen.Peers[i]))
	}
	if err := stream.PublishPeers(n.deps.Conn, table); err != nil && n.deps.Conn.IsConnected() {
		n.deps.Log.Warn("peers not told", "err", err)
	}
}

func peerOf(p *correlate.PeerCoverage) stream.Peer {
	return stream.Peer{
		Collector: p.Peer.Collector, Router: p.Peer.Router, Distinguisher: p.Peer.Distinguisher, Address: p.Peer.Addr,
		ASN: p.Peer.ASN, View: views[p.Peer.View], Ingester: p.Ingester, State: string(p.State),
		Class4: string(p.Class[0]), Class6: string(p.Class[1]), Routes4: p.Routes[0], Routes6: p.Routes[1],
		Since: p.Since, Heard: p.Last, Why: whyOf(p),
	}
}

// whyOf says why a peer is distrusted, "" of others.
func whyOf(p *correlate.PeerCoverage) string {
	if p.State != correlate.StateDistrusted {
		return ""
	}
	return fmt.Sprintf("it shows origins of %d prefixes that no other peer shows", p.Doubtful)
}

// toldPeers is what was told of peers before.
type toldPeers struct {
	table      uint64
	distrusted map[route.Peer]bool
}

// log tells which peers are distrusted from now on, and which no longer.
func (t *toldPeers) log(n *Node, seen *correlate.Coverage) {
	now := map[route.Peer]bool{}
	for i := range seen.Peers {
		p := &seen.Peers[i]
		if p.State != correlate.StateDistrusted {
			continue
		}
		now[p.Peer] = true
		if !t.distrusted[p.Peer] {
			n.deps.Log.Warn("peer is distrusted: it counts for nothing", "collector", p.Peer.Collector,
				"address", p.Peer.Addr, "asn", p.Peer.ASN, "why", whyOf(p))
		}
	}
	for p := range t.distrusted {
		if !now[p] {
			n.deps.Log.Info("peer is distrusted no longer", "collector", p.Collector, "address", p.Addr, "asn", p.ASN)
		}
	}
	t.distrusted = now
}
