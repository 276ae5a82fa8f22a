package bmp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"detour/ingest/live"
)

// Informational TLVs of a Peer Up (RFC 7854 §4.4, RFC 9069 §4.3).
const tlvTableName = 3

// peerUp is what a Peer Up says (RFC 7854 §4.10).
type peerUp struct {
	sent, received open
	table          string // of a Loc-RIB
}

// addresses is the local address and the two ports before the OPENs.
const addressesLen = 16 + 2 + 2

func readPeerUp(b []byte) (u peerUp, err error) {
	if len(b) < addressesLen {
		return u, errors.New("it ends before its OPENs")
	}
	b = b[addressesLen:]
	if u.sent, b, err = splitOpen(b); err != nil {
		return u, fmt.Errorf("the OPEN that was sent: %w", err)
	}
	if u.received, b, err = splitOpen(b); err != nil {
		return u, fmt.Errorf("the OPEN that was received: %w", err)
	}
	u.table = tableName(b)
	return u, nil
}

// tableName finds the VRF/Table Name among TLVs.
func tableName(b []byte) (name string) {
	for typ, value := range tlvs(b) {
		if typ == tlvTableName {
			name = printable(value)
		}
	}
	return name
}

// peerUp learns how the updates of a peer are to be read, and begins anew with views
// that were up.
func (r *router) peerUp(ctx context.Context, h header, body []byte) error {
	n := r.neighbour(h)
	if n == nil {
		r.desk.Skip("too-many-peers")
		return nil
	}
	u, err := readPeerUp(body)
	if err != nil {
		return r.mute(ctx, n, mutedUnread, "its Peer Up cannot be read: "+err.Error())
	}
	n.told, n.since, n.muted = true, time.Now(), ""
	if n.locRIB {
		n.how, n.families = ofLocRIB(&u.sent, &u.received)
	} else {
		n.how, n.families = negotiated(&u.sent, &u.received)
		n.narrow = !u.sent.fourOctet || !u.received.fourOctet
	}
	if r.noPathIDs {
		n.how.AddPath4, n.how.AddPath6 = false, false
	}
	if err := r.rename(ctx, n, h, &u); err != nil {
		return err
	}
	if u.table != "" && n.locRIB {
		r.desk.Tell(live.EventNote, r.who, fmt.Sprintf("Loc-RIB of AS%v is that of table %q", n.asn, u.table))
	}
	// RFC 8671 §5.3: the O flag means nothing here. Some routers send a Peer Up for
	// each policy, others one for both.
	w := bothViews
	if h.flag(flagPostPolicy) {
		n.post.own, w = true, onlyPost
	}
	return n.again(ctx, w)
}

// rename gives a neighbour the AS numbers of a Peer Up. Its views are other peers then.
func (r *router) rename(ctx context.Context, n *neighbour, h header, u *peerUp) error {
	asn, local := h.asn(), u.sent.asn
	if n.locRIB {
		if asn == 0 {
			asn = local
		}
		local = asn // the first hop of a Loc-RIB is the router's own AS
	}
	if n.asn == asn && n.local == local {
		return nil
	}
	if err := n.down(ctx, "a Peer Up came with other AS numbers", bothViews); err != nil {
		return err
	}
	n.asn, n.local = asn, local
	n.pre.session, n.post.session = nil, nil
	return nil
}
