package node

import (
	"context"
	"time"

	"detour/stream"
)

// tellCoverage tells what the correlator sees, if it runs here, until ctx ends.
func (n *Node) tellCoverage(ctx context.Context) {
	tick := time.NewTicker(stream.CoverageEvery)
	defer tick.Stop()
	told := toldPeers{}
	for i := 0; ; i++ {
		select {
		case <-tick.C:
			n.tellCoverageOnce(i%int(stream.PeersEvery/stream.CoverageEvery) == 0, &told)
		case <-ctx.Done():
			return
		}
	}
}

func (n *Node) tellCoverageOnce(peers bool, told *toldPeers) {
	n.mu.Lock()
	j := n.judge
	n.mu.Unlock()
	if j == nil || !n.deps.Conn.IsConnected() {
		return
	}
	seen := j.Coverage()
	sequence, _, _ := j.Place()
	c := &stream.Coverage{
		Member: n.cfg.Member, Sequence: sequence, State: string(seen.State), Reasons: seen.Reasons, Watermark: seen.Watermark,
		Mature: seen.Mature, ASNs: seen.ASNs,
	}
	for i := range seen.Collectors {
		s := &seen.Collectors[i]
		c.Collectors = append(c.Collectors, stream.CollectorCoverage{
			Collector: s.Name, Peers: s.Peers, Live: s.Live, Silent: s.Silent, Down: s.Down, Learning: s.Learning,
			Stale: s.Stale, Untrusted: s.Untrusted, Ignored: s.Ignored,
			Full4: s.Full[0], Full6: s.Full[1], Heard: s.Last,
		})
	}
	for i := range seen.Ingesters {
		s := &seen.Ingesters[i]
		c.Ingesters = append(c.Ingesters, stream.IngesterCoverage{
			Ingester: s.Name, Silent: s.Silent, Since: s.Since, Heard: s.Last, Gaps: s.Gaps, Peers: s.Peers, Unseen: s.Unseen,
		})
	}
	if err := stream.PublishCoverage(n.deps.Conn, c); err != nil && n.deps.Conn.IsConnected() {
		n.deps.Log.Warn("coverage not told", "err", err)
	}
	if peers {
		n.tellPeers(seen, sequence, told)
	}
}
