package bmp

import (
	"context"
	"encoding/binary"
	"fmt"
)

// Reasons of a Peer Down (RFC 7854 §4.9, RFC 9069 §5.3).
const (
	downLocalNotification = 1 + iota
	downLocalSilent
	downRemoteNotification
	downRemoteSilent
	downUnmonitored
	downTable
)

// peerDown ends a peer: its routes are gone with the session, and nobody has withdrawn
// them.
func (r *router) peerDown(ctx context.Context, h header, body []byte) error {
	n := r.peers[h.key()]
	if n == nil {
		r.desk.Skip("peer-down-unknown")
		return nil
	}
	if len(body) > 0 && body[0] == downUnmonitored && h.flag(flagPostPolicy) {
		return n.down(ctx, downReason(body), onlyPost) // the session goes on, and perhaps its other view
	}
	n.told, n.muted = false, mutedDown
	return n.down(ctx, downReason(body), bothViews)
}

// downReason says why a session ended, in words.
func downReason(b []byte) string {
	if len(b) == 0 {
		return "the router does not say why"
	}
	reason, data := b[0], b[1:]
	switch reason {
	case downLocalNotification:
		return "the router closed it: " + notification(data)
	case downLocalSilent:
		if len(data) >= 2 {
			return fmt.Sprintf("the router closed it without a notification: FSM event %d (RFC 4271 §8.1)",
				binary.BigEndian.Uint16(data))
		}
		return "the router closed it without a notification"
	case downRemoteNotification:
		return "the peer closed it: " + notification(data)
	case downRemoteSilent:
		return "the peer closed it without a notification"
	case downUnmonitored:
		return "the router monitors it no more"
	case downTable:
		return fmt.Sprintf("the router closed its Loc-RIB of table %q", tableName(data))
	}
	return fmt.Sprintf("reason %d, which is not known", reason)
}

// notification describes a BGP NOTIFICATION (RFC 4271 §4.5 and §6, RFC 4486).
func notification(b []byte) string {
	if len(b) < bgpHeaderLen+2 {
		return "a notification that cannot be read"
	}
	code, sub := int(b[bgpHeaderLen]), int(b[bgpHeaderLen+1])
	names := [...]string{
		1: "message header error", 2: "OPEN error", 3: "UPDATE error", 4: "hold timer expired",
		5: "state machine error", 6: "cease", 7: "ROUTE-REFRESH error",
	}
	ceases := [...]string{
		1: "too many prefixes", 2: "administrative shutdown", 3: "peer de-configured", 4: "administrative reset",
		5: "connection rejected", 6: "other configuration change", 7: "connection collision", 8: "out of resources",
		9: "hard reset", 10: "BFD down",
	}
	what := "notification"
	if code < len(names) && names[code] != "" {
		what = names[code]
	}
	if code == 6 && sub < len(ceases) && ceases[sub] != "" {
		what += ", " + ceases[sub]
	}
	return fmt.Sprintf("%s (code %d/%d)", what, code, sub)
}
