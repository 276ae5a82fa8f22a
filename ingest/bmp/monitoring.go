package bmp

import (
	"context"
	"encoding/binary"
	"fmt"

	"detour/ingest/live"
	"detour/route"
)

// monitoring hands in what a peer announced or withdrew (RFC 7854 §4.6).
func (r *router) monitoring(ctx context.Context, h header, msg []byte) error {
	if h.flag(flagOut) {
		r.desk.Skip("adj-rib-out")
		return nil
	}
	n := r.neighbour(h)
	if n == nil {
		r.desk.Skip("too-many-peers")
		return nil
	}
	if n.muted != "" {
		r.desk.Skip(n.muted)
		return nil
	}
	if msg = update(msg); hidesPathIDs(msg, n.how) {
		return r.mute(ctx, n, mutedHidden, "its routes have path identifiers, and no Peer Up says so")
	}
	v, what := n.view(h)
	if up, err := r.rise(ctx, n, v, what); !up {
		return err
	}
	how := n.how
	how.AS4 = fourOctet(h, n, msg)
	// Routers are known that leave it out of all that they write themselves.
	how.NoNextHop = what != route.ViewAdjRIBInPre
	return v.session.Message(ctx, msg, how, h.time())
}

// mute leaves out what a peer sends until its next Peer Up: guessing would make routes
// up.
func (r *router) mute(ctx context.Context, n *neighbour, reason, why string) error {
	n.muted = reason
	r.desk.Skip(reason)
	why = fmt.Sprintf("%v, peer %v is left out: %s", r.in.at(), n.addr, why)
	r.desk.Tell(live.EventRefused, r.who, why)
	return n.down(ctx, why, bothViews)
}

// update cuts off what stands behind the BGP message: some routers tell more of it in
// TLVs of drafts.
func update(b []byte) []byte {
	if len(b) < bgpHeaderLen {
		return b // the decoder says what is wrong
	}
	return b[:min(len(b), int(binary.BigEndian.Uint16(b[16:])))]
}

// rise sees to it that a view is up. Without a Peer Up nobody knows when the session
// began, nor what it is going to send. It reports false where the view is left out.
func (r *router) rise(ctx context.Context, n *neighbour, v *view, what route.View) (up bool, err error) {
	if !n.told {
		r.counts.BeforeUp++
	}
	if v.up {
		return true, nil
	}
	if v.session == nil {
		v.session = r.session(n, what)
	}
	if v.session == nil {
		r.desk.Skip("too-many-peers")
		return false, nil
	}
	v.up = true
	if n.told {
		err := v.session.Up(ctx, n.table()...)
		return err == nil, err
	}
	if !r.early {
		r.early = true
		r.desk.Tell(live.EventNote, r.who, "routes of "+n.addr.String()+" came without a Peer Up; others may, too")
	}
	return true, nil
}
