package speaker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/osrg/gobgp/v3/pkg/packet/bgp"

	"detour/route"
)

// in takes what the neighbor says, up to its end. An error is a refusal, or that
// nothing more is taken from us.
func (r *relay) in(ctx context.Context) error {
	_ = r.outer.SetReadDeadline(time.Now().Add(openWait)) // reading fails too, if that does
	var err error
	if r.ours, err = parseOpen(r.opened); err != nil {
		return fmt.Errorf("GoBGP: %w", err)
	}
	buf := make([]byte, maxMessage)
	for {
		m, err := readMessage(r.ahead, buf)
		if err != nil {
			return r.lost(err)
		}
		r.n.desk.Read(1, uint64(len(m)))
		if on, err := r.take(ctx, m); !on || err != nil {
			return err
		}
	}
}

// lost says what a failed read of the neighbor means.
func (r *relay) lost(err error) error {
	if _, ok := errors.AsType[*refusal](err); ok {
		return err
	}
	if errors.Is(err, io.EOF) {
		r.end("the neighbor closed the connection")
	}
	r.end(fmt.Sprintf("the connection was lost: %v", err))
	return nil
}

// take takes one message of the neighbor and reports whether there may be more.
func (r *relay) take(ctx context.Context, m []byte) (on bool, err error) {
	switch typ := m[18]; {
	case typ == bgp.BGP_MSG_OPEN && !r.met:
		r.met = true
		if err := r.meet(m); err != nil {
			return false, err
		}
		return r.send(r.inner, m) == nil, nil
	case typ == bgp.BGP_MSG_KEEPALIVE && r.met:
		_ = r.send(r.inner, m) // out will see why, if it fails
		r.nudged = time.Now()
		return r.establish(ctx)
	case typ == bgp.BGP_MSG_UPDATE && r.up:
		return true, r.update(ctx, m)
	case typ == bgp.BGP_MSG_NOTIFICATION:
		r.end("the neighbor sent " + notificationWords(m))
		_ = r.send(r.inner, m) // it ends either way
		return false, nil
	case typ == bgp.BGP_MSG_ROUTE_REFRESH && r.up:
		return true, nil // there is nothing to send again
	case typ < bgp.BGP_MSG_OPEN || typ > bgp.BGP_MSG_ROUTE_REFRESH:
		return false, &refusal{
			code: bgp.BGP_ERROR_MESSAGE_HEADER_ERROR, subcode: bgp.BGP_ERROR_SUB_BAD_MESSAGE_TYPE,
			data: []byte{typ}, why: fmt.Sprintf("a message of type %d", typ),
		}
	default:
		return false, &refusal{code: bgp.BGP_ERROR_FSM_ERROR, why: fmt.Sprintf("a message of type %d was not due", typ)}
	}
}

// meet reads the neighbor's OPEN, and refuses it where GoBGP would not, or in fewer words.
func (r *relay) meet(m []byte) (err error) {
	no := &refusal{code: bgp.BGP_ERROR_OPEN_MESSAGE_ERROR}
	if r.theirs, err = parseOpen(m); err != nil {
		no.why = err.Error()
		return no
	}
	if r.theirs.asn != r.n.ASN {
		no.subcode = bgp.BGP_ERROR_SUB_BAD_PEER_AS
		no.why = fmt.Sprintf("it is AS%d, and configured as AS%d", r.theirs.asn, r.n.ASN)
		return no
	}
	if !r.theirs.holds {
		no.subcode = bgp.BGP_ERROR_SUB_UNACCEPTABLE_HOLD_TIME
		no.why = "a hold time of 0: nobody would notice that the router is gone; set its timers, such as 30 90"
		return no
	}
	return nil
}

// establish brings the session up when both sides have taken the other's OPEN. What
// the neighbor sends behind its KEEPALIVE waits until GoBGP has made up its mind.
func (r *relay) establish(ctx context.Context) (on bool, err error) {
	if r.up {
		return true, nil
	}
	select {
	case <-r.accepted:
	case <-r.ended:
		return false, nil
	}
	_ = r.outer.SetReadDeadline(time.Time{}) // reading fails too, if that does
	var families []route.Family
	families, r.how = negotiate(r.ours, r.theirs)
	if r.guard != nil {
		r.n.session.Watch(r.guard.see)
	}
	r.up = true
	return true, r.n.session.Up(ctx, families...)
}

// update hands in an UPDATE, and tells GoBGP that the neighbor lives (RFC 4271 §8.2.2:
// an UPDATE restarts the hold timer as a KEEPALIVE does).
func (r *relay) update(ctx context.Context, m []byte) error {
	if now := time.Now(); now.Sub(r.nudged) >= nudgeEvery {
		r.nudged = now
		_ = r.send(r.inner, message(bgp.BGP_MSG_KEEPALIVE)) // out will see why, if it fails
	}
	if err := r.n.session.Message(ctx, m, r.how, 0); err != nil {
		return err
	}
	if r.guard == nil || r.guard.over == 0 {
		return nil
	}
	r.limited = true
	return &refusal{
		code: bgp.BGP_ERROR_CEASE, subcode: bgp.BGP_ERROR_SUB_MAXIMUM_NUMBER_OF_PREFIXES_REACHED,
		why: fmt.Sprintf("more than %d prefixes of IPv%d", r.guard.most, r.guard.over),
	}
}
