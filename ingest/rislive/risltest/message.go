package risltest

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"detour/route"
)

// Format is how messages are written: as in 2019, or, with Modern, as now: the host's
// whole name, the raw message behind all else, next hops joined by a comma, lists that
// are there though empty.
type Format struct {
	Host    string // rrc00
	Modern  bool
	WithRaw bool
}

// envelope is a message.
type envelope struct {
	Type string `json:"type"`
	Data any    `json:"data"`
}

// header is what every ris_message begins with.
type header struct {
	Timestamp json.Number `json:"timestamp"`
	Peer      string      `json:"peer"`
	PeerASN   string      `json:"peer_asn"`
	ID        string      `json:"id"`
}

// update is an UPDATE. Raw stands before or behind the rest.
type update struct {
	header
	RawFirst      string         `json:"raw,omitempty"`
	Host          string         `json:"host"`
	Type          string         `json:"type"`
	Path          []any          `json:"path,omitempty"`
	Community     [][2]uint16    `json:"community,omitempty"`
	Origin        string         `json:"origin,omitempty"`
	MED           *uint32        `json:"med,omitempty"`
	Aggregator    string         `json:"aggregator,omitempty"`
	Announcements []announcement `json:"announcements,omitempty"`
	Withdrawals   []string       `json:"withdrawals,omitempty"`
}

// modern is an update as it is written now.
type modern struct {
	header
	Host          string         `json:"host"`
	Type          string         `json:"type"`
	Path          []any          `json:"path"`
	Community     [][2]uint16    `json:"community"`
	Origin        string         `json:"origin"`
	MED           *uint32        `json:"med,omitempty"`
	Aggregator    string         `json:"aggregator,omitempty"`
	Announcements []announcement `json:"announcements"`
	Withdrawals   []string       `json:"withdrawals"`
	Raw           string         `json:"raw,omitempty"`
}

type announcement struct {
	NextHop  string   `json:"next_hop"`
	Prefixes []string `json:"prefixes"`
}

// Update returns the message of an UPDATE. bgp is the whole message.
func (f Format) Update(at route.Time, p route.Peer, u *route.Update, bgp []byte) []byte {
	m := update{header: head(at, p), Host: f.Host, Type: "UPDATE", Path: path(u.Path)}
	if f.WithRaw {
		m.RawFirst = strings.ToUpper(hex.EncodeToString(bgp))
	}
	for c := u.Communities; len(c) >= 4; c = c[4:] {
		m.Community = append(m.Community, [2]uint16{uint16(c[0])<<8 | uint16(c[1]), uint16(c[2])<<8 | uint16(c[3])})
	}
	if u.Flags&route.FlagHasOrigin != 0 {
		m.Origin = []string{"igp", "egp", "incomplete"}[u.Origin%3]
	}
	if u.Flags&route.FlagHasMED != 0 {
		m.MED = &u.MED
	}
	if u.Flags&route.FlagHasAggregator != 0 {
		m.Aggregator = fmt.Sprintf("%d:%v", u.AggregatorASN, netip.AddrFrom4(u.AggregatorAddr))
	}
	m.Announcements = append(
		f.announced(u.Announced[:u.MPAnnounced], u.NextHop), f.announced(u.Announced[u.MPAnnounced:], u.MPNextHop)...)
	m.Withdrawals = prefixes(u.Withdrawn)
	if !f.Modern {
		return line("ris_message", m)
	}
	m.Host += ".ripe.net"
	m.Origin = strings.ToUpper(m.Origin)
	return line("ris_message", modern{
		m.header, m.Host, m.Type, list(m.Path), list(m.Community), m.Origin, m.MED, m.Aggregator,
		list(m.Announcements), list(m.Withdrawals), m.RawFirst,
	})
}

// list returns an empty list where there is none.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// announced returns what stands for routes of one next hop: two announcements, or one
// with both, where the next hop is a global and a link-local address.
func (f Format) announced(routes []route.NLRI, hop route.NextHop) (list []announcement) {
	if len(routes) == 0 {
		return nil
	}
	var hops []string
	for b := hop.Bytes[:hop.Len]; len(b) > 0; b = b[min(16, len(b)):] {
		a, _ := netip.AddrFromSlice(b[:min(16, len(b))])
		hops = append(hops, a.String())
	}
	if f.Modern || len(hops) == 0 {
		hops = []string{strings.Join(hops, ",")}
	}
	for _, h := range hops {
		list = append(list, announcement{h, prefixes(routes)})
	}
	return list
}

func prefixes(routes []route.NLRI) (list []string) {
	for _, n := range routes {
		list = append(list, n.Prefix().String())
	}
	return list
}

// path returns a path with a list for each AS_SET.
func path(p route.Path) (list []any) {
	segments := p.Segments
	if len(segments) == 0 && len(p.ASNs) > 0 {
		segments = []route.Segment{{Type: route.ASSequence, Count: uint16(len(p.ASNs))}}
	}
	asns := p.ASNs
	for _, s := range segments {
		if s.Type == route.ASSet || s.Type == route.ASConfedSet {
			list = append(list, asns[:s.Count])
		} else {
			for _, a := range asns[:s.Count] {
				list = append(list, a)
			}
		}
		asns = asns[s.Count:]
	}
	return list
}

func head(at route.Time, p route.Peer) header {
	stamp := fmt.Sprintf("%d.%06d", at/route.Second, at%route.Second)
	return header{
		Timestamp: json.Number(stamp), Peer: p.Addr.String(), PeerASN: p.ASN.String(),
		ID: p.Addr.String() + "-" + strconv.FormatInt(int64(at), 16),
	}
}

// State returns a RIS_PEER_STATE: "connected" or "down".
func (f Format) State(at route.Time, p route.Peer, state string) []byte {
	return line("ris_message", struct {
		header
		Host  string `json:"host"`
		Type  string `json:"type"`
		State string `json:"state"`
	}{head(at, p), f.Host, "RIS_PEER_STATE", state})
}

// Other returns a message of another type with its raw message.
func (f Format) Other(at route.Time, p route.Peer, typ string, bgp []byte) []byte {
	return line("ris_message", struct {
		header
		Raw  string `json:"raw"`
		Host string `json:"host"`
		Type string `json:"type"`
	}{head(at, p), strings.ToUpper(hex.EncodeToString(bgp)), f.Host, typ})
}

// Error returns a ris_error.
func Error(text string) []byte {
	return line("ris_error", struct {
		Message string `json:"message"`
	}{text})
}

// line writes a message, without the line's end.
func line(typ string, data any) []byte {
	b, err := json.Marshal(envelope{typ, data})
	if err != nil {
		panic(err) // of plain values only
	}
	return b
}
