package rislive

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"

	"detour/ingest"
	"detour/ingest/decode"
	"detour/ingest/live"
	"detour/route"
)

// handler hands in what messages say. It belongs to the goroutine that reads.
type handler struct {
	desk  *live.Desk
	raw   bool // raw messages were asked for
	peers peers
	m     *message
	bgp   []byte
	json  projection

	// Of the present connection.
	useful    bool   // a BGP message or state came over it
	complaint string // the last error that RIS told of
}

func newHandler(desk *live.Desk, raw bool) *handler {
	return &handler{desk: desk, raw: raw, peers: newPeers(desk), m: newMessage()}
}

// line hands in a line. An error is one of the desk's output; whatever is wrong with
// the line is counted.
func (h *handler) line(ctx context.Context, line []byte) error {
	if err := h.m.read(line); err != nil {
		if _, foreign := errors.AsType[*json.UnmarshalTypeError](err); !foreign {
			h.desk.Skip("not-json")
			return nil
		}
		h.m.Data.Type = h.m.Data.Type[:0] // its data is no object: a list of collectors, or nothing of RIS
	}
	switch string(h.m.Type.text()) {
	case "ris_message":
		return h.message(ctx, &h.m.Data)
	case "ris_error":
		h.complain(h.m.Data.Message)
	case "ris_subscribe_ok", "ris_rrc_list", "pong":
		h.desk.Skip("control")
	case "":
		h.desk.Skip("foreign")
	default:
		h.desk.Skip("unknown-type")
	}
	return nil
}

// maxComplaint bounds what is repeated of an error's text.
const maxComplaint = 200

func (h *handler) complain(text value) {
	said := string(text.text())
	if said == "" {
		said = "an error without a text"
	}
	h.complaint = cut(said)
	h.desk.Skip("error")
	h.desk.Tell(live.EventRefused, "RIS Live", "it says: "+h.complaint)
}

// message hands in a ris_message. A NOTIFICATION ends nothing here: that the session
// ended is a message of its own.
func (h *handler) message(ctx context.Context, m *body) error {
	switch string(m.Type.text()) {
	case "UPDATE":
		return h.update(ctx, m)
	case "RIS_PEER_STATE", "STATE":
		return h.state(ctx, m)
	case "OPEN":
		h.desk.Skip("open")
	case "KEEPALIVE":
		h.desk.Skip("keepalive")
	case "NOTIFICATION":
		h.desk.Skip("notification")
	default:
		h.desk.Skip("unknown-message")
		return nil
	}
	h.useful = true
	return nil
}

// state hands in what befell a peer's session.
func (h *handler) state(ctx context.Context, m *body) error {
	p, reason := h.peers.of(m)
	if p == nil {
		h.desk.Skip(reason)
		return nil
	}
	h.useful = true
	before := p.state
	switch string(m.State.text()) {
	case "connected":
		p.state = "connected"
		return p.Up(ctx, p.family)
	case "up", "established":
		p.state = "up"
		if before == "connected" {
			return nil // of the connection that was told of
		}
		return p.Up(ctx, p.family)
	case "down":
		p.state = "down"
		return p.Down(ctx, "RIS says that the session is down")
	}
	h.desk.Skip("unknown-state")
	return nil
}

// update hands in an UPDATE: its raw message, or its JSON where that says it better.
func (h *handler) update(ctx context.Context, m *body) error {
	p, reason := h.peers.of(m)
	if p == nil {
		h.desk.Skip(reason)
		return nil
	}
	h.useful = true
	at := m.Timestamp.time()
	raw := h.decodeHex(m.Raw)
	if raw != nil {
		if used, err := p.MessageIf(ctx, raw, fourOctets, at, h.sound); used {
			return err
		}
		h.desk.Skip("raw-not-used")
	} else if h.raw {
		h.desk.Skip("raw-missing")
	}
	if err := h.json.read(m); err != nil {
		if raw != nil {
			return p.Message(ctx, raw, fourOctets, at)
		}
		h.desk.Skip("undecodable")
		return nil
	}
	if h.json.update.Kind == route.KindEndOfRIB {
		return p.EndOfRIB(ctx, p.family)
	}
	return p.Update(ctx, &h.json.update, at)
}

// fourOctets is how raw messages are read: RIS does not say otherwise.
var fourOctets = decode.Session{AS4: true}

// sound reports whether what was decoded can be what was meant. It cannot where AS
// numbers had two octets, which gives a path that is malformed or another than in
// JSON, or where prefixes carry path identifiers (RFC 7911), which are read as prefixes
// of a few bits.
func (h *handler) sound(u *route.Update) bool {
	path := h.m.Data.Path
	return ingest.ShortPrefixes(u) < 2 && u.Flags&route.FlagTreatAsWithdraw == 0 &&
		(len(u.Announced) == 0 || !path.given() || path.holds(u.Path.ASNs))
}

// maxMessage is the most octets that a BGP message has (RFC 8654).
const maxMessage = 65535

// decodeHex returns a raw message, nil where there is none.
func (h *handler) decodeHex(raw value) []byte {
	text := raw.text()
	if len(text) == 0 || len(text) > 2*maxMessage {
		return nil
	}
	h.bgp = append(h.bgp[:0], text...)
	n, err := hex.Decode(h.bgp, h.bgp)
	if err != nil {
		return nil
	}
	return h.bgp[:n]
}
