package reference

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"detour/route"
)

var errNoPeer = errors.New("an empty text names no peer; write an ASN, an address or a collector's name")

// Peers names peers: by their ASN, their address, or their collector. A nil *Peers
// names nobody.
type Peers struct {
	asns       map[route.ASN]bool
	addrs      map[netip.Addr]bool
	collectors map[string]bool
}

// ReadPeers reads a list of "AS64500" or "64500", addresses, and collectors' names.
func ReadPeers(list []string) (*Peers, error) {
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // nobody is named
	}
	p := &Peers{asns: map[route.ASN]bool{}, addrs: map[netip.Addr]bool{}, collectors: map[string]bool{}}
	for _, text := range list {
		if err := p.add(strings.TrimSpace(text)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *Peers) add(text string) error {
	number := strings.TrimPrefix(strings.TrimPrefix(text, "AS"), "as")
	digits := number != "" && strings.Trim(number, "0123456789") == ""
	addr, err := netip.ParseAddr(text)
	switch {
	case text == "":
		return errNoPeer
	case digits:
		asn, err := strconv.ParseUint(number, 10, 32)
		if err != nil {
			return fmt.Errorf("peer %q is no AS number: it must be below 2^32", text)
		}
		p.asns[route.ASN(asn)] = true
	case err == nil:
		p.addrs[addr.Unmap()] = true
	default:
		p.collectors[text] = true
	}
	return nil
}

// Match reports whether a peer is named.
func (p *Peers) Match(peer *route.Peer) bool {
	return p != nil && (p.asns[peer.ASN] || p.addrs[peer.Addr.Unmap()] || p.collectors[peer.Collector])
}
