package rislive

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"

	"detour/ingest"
	"detour/ingest/live"
	"detour/route"
)

// peer is one peer of a collector.
type peer struct {
	*live.Session
	family route.Family // that of its address
	state  string       // the last that RIS said
}

// peers finds the peer that a message is of.
type peers struct {
	desk   *live.Desk
	byText map[string]*peer // by the texts of a message, which may be many for a peer
	byPeer map[route.Peer]*peer
	key    []byte
}

func newPeers(desk *live.Desk) peers {
	return peers{desk: desk, byText: map[string]*peer{}, byPeer: map[route.Peer]*peer{}}
}

// of returns the peer of a message, or why there is none.
func (p *peers) of(m *body) (*peer, string) {
	host, addr, asn := m.Host.text(), m.Peer.text(), m.PeerASN.text()
	p.key = append(p.key[:0], host...)
	p.key = append(append(p.key, ' '), addr...)
	p.key = append(append(p.key, ' '), asn...)
	if known := p.byText[string(p.key)]; known != nil {
		return known, ""
	}
	who, reason := parsePeer(host, addr, asn)
	if reason != "" {
		return nil, reason
	}
	known := p.byPeer[who]
	if known == nil {
		se, err := p.desk.Session(who)
		if err != nil {
			return nil, "too-many-peers"
		}
		known = &peer{Session: se, family: route.IPv4}
		if who.Addr.Is6() {
			known.family = route.IPv6
		}
		p.byPeer[who] = known
	}
	if len(p.byText) >= ingest.MaxSessions {
		clear(p.byText)
	}
	p.byText[string(p.key)] = known
	return known, ""
}

// maxHost bounds a collector's name.
const maxHost = 64

// parsePeer reads the texts that say who a peer is, or says which of them is wrong.
// Older messages name a collector rrc00, newer ones rrc00.ripe.net.
func parsePeer(host, addr, asn []byte) (route.Peer, string) {
	host = bytes.TrimSuffix(host, []byte(".ripe.net"))
	if len(host) == 0 || len(host) > maxHost || strings.Trim(string(host), hostLetters) != "" {
		return route.Peer{}, "no-collector"
	}
	a, err := netip.ParseAddr(string(addr))
	if err != nil || a.Zone() != "" {
		return route.Peer{}, "no-peer"
	}
	n, err := strconv.ParseUint(string(asn), 10, 32)
	if err != nil {
		return route.Peer{}, "no-peer"
	}
	return route.Peer{Collector: string(host), Addr: a.Unmap(), ASN: route.ASN(n)}, ""
}

const hostLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

// forgetStates forgets what RIS said over the connection before: what it said since
// is missing.
func (p *peers) forgetStates() {
	for _, known := range p.byPeer {
		known.state = ""
	}
}
