package bmp

import (
	"context"
	"net/netip"
	"time"

	"detour/ingest/decode"
	"detour/ingest/live"
	"detour/route"
)

// neighbour is a BGP session of the router, or a Loc-RIB, with its one or two views.
type neighbour struct {
	key           peerKey
	distinguisher uint64
	addr          netip.Addr
	asn, local    route.ASN
	locRIB        bool

	told     bool // by a Peer Up
	since    time.Time
	muted    string // why its routes are left out until a Peer Up comes
	narrow   bool   // the session has two-octet ASNs
	how      decode.Session
	families []route.Family

	pre, post view // a Loc-RIB has pre only
}

// Why a neighbour is muted.
const (
	mutedUnread = "peer-up-unread"  // how its updates are written is not known
	mutedHidden = "hidden-path-ids" // they are not written as its Peer Up says
	mutedDown   = "after-peer-down" // its routes would stay, of a session that is gone
)

// view is one RIB of a neighbour. It comes up with its first route, because the table
// may follow the Peer Up after minutes, and because only then is it known that it is
// monitored at all.
type view struct {
	session *live.Session
	up      bool
	own     bool // it has Peer Ups of its own
}

// tableWait is how long after its Peer Up a peer's table may begin: some routers ask
// one peer after the other for it. What comes later is news.
const tableWait = live.DefaultTransferMost

// table returns the families of which a whole table is to come now.
func (n *neighbour) table() []route.Family {
	if time.Since(n.since) > tableWait {
		return nil
	}
	return n.families
}

// which says which views of a neighbour are meant.
type which int

const (
	bothViews which = iota
	onlyPost
)

func newNeighbour(k peerKey, h header) *neighbour {
	n := &neighbour{
		key: k, distinguisher: h.distinguisher(), addr: h.addr(), asn: h.asn(), locRIB: h.locRIB(),
	}
	if n.locRIB {
		n.local = n.asn
	}
	return n
}

// view returns the view that a message is of, and what it is.
func (n *neighbour) view(h header) (*view, route.View) {
	switch {
	case n.locRIB:
		return &n.pre, route.ViewLocRIB
	case h.flag(flagPostPolicy):
		return &n.post, route.ViewAdjRIBInPost
	}
	return &n.pre, route.ViewAdjRIBInPre
}

// down takes views down that are up.
func (n *neighbour) down(ctx context.Context, why string, w which) error {
	if w == bothViews {
		if err := n.pre.down(ctx, why); err != nil {
			return err
		}
	}
	return n.post.down(ctx, why)
}

func (v *view) down(ctx context.Context, why string) error {
	if !v.up {
		return nil
	}
	v.up = false
	return v.session.Down(ctx, why)
}

// again says that the BGP session behind views that are up is a new one, although no
// Peer Down came.
func (n *neighbour) again(ctx context.Context, w which) error {
	if w == bothViews && n.pre.up {
		if err := n.pre.session.Up(ctx, n.families...); err != nil {
			return err
		}
	}
	if n.post.up && (w == onlyPost || !n.post.own) {
		return n.post.session.Up(ctx, n.families...)
	}
	return nil
}
