package explain

import (
	"detour/processor"
	"detour/route"
	"detour/wire"
)

// history keeps the changes of one prefix, the latest maxHistory of them, and
// counts them by peer.
type history struct {
	list    []*processor.RouteChange
	omitted int
	total   int
	peers   map[route.Peer]*peerHistory
	origins map[route.ASN]OriginFirst
}

// maxHistory bounds what is kept; at twice as much the older half goes.
const maxHistory = 4096

// peerHistory counts the changes of one peer's route.
type peerHistory struct {
	changes int        // the table not counted
	last    route.Time // change
	table   bool       // a table told of it
}

func (h *history) add(c *processor.RouteChange) {
	h.total++
	if n := len(c.After); n > 0 {
		asn := c.After[n-1]
		if _, known := h.origins[asn]; !known {
			h.origins[asn] = OriginFirst{ASN: asn, At: c.At, Table: c.Flags&wire.RecordTable != 0}
		}
	}
	if len(h.list) >= 2*maxHistory {
		h.omitted += maxHistory
		h.list = append(h.list[:0:0], h.list[maxHistory:]...)
	}
	h.list = append(h.list, c)
	p := h.peers[c.Peer]
	if p == nil {
		p = &peerHistory{}
		h.peers[c.Peer] = p
	}
	if c.Flags&wire.RecordTable != 0 {
		p.table = true
		return
	}
	p.changes++
	p.last = c.At
}
