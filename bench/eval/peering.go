package eval

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"detour/internal/scenario"
	"detour/route"
)

// streamElement is one element as BGPStream's Python bindings write it to JSON.
type streamElement struct {
	Type        string  `json:"type"`
	Time        float64 `json:"time"` // seconds since 1970
	Collector   string  `json:"collector"`
	PeerASN     uint32  `json:"peer_asn"`
	PeerAddress string  `json:"peer_address"`
	Prefix      string  `json:"prefix"`
	Path        string  `json:"as-path"`
}

// maxStreamElements bounds what one file may hold.
const maxStreamElements = 1 << 22

// ReadBGPStream reads a JSON array of BGPStream elements as a background
// without a table. What is neither an announcement nor a withdrawal is skipped.
func ReadBGPStream(r io.Reader, name string) (*scenario.Background, error) {
	d := json.NewDecoder(bufio.NewReaderSize(r, 1<<16))
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return nil, fmt.Errorf("read bgpstream %s: not a list of elements (%w)", name, err)
	}
	bg := &scenario.Background{Name: name}
	peers := map[route.Peer]uint32{}
	for n := 0; d.More(); n++ {
		var e streamElement
		if err := d.Decode(&e); err != nil {
			return nil, fmt.Errorf("read bgpstream %s, element %d: %w", name, n, err)
		}
		if n >= maxStreamElements {
			return nil, fmt.Errorf("read bgpstream %s: more than %d elements", name, maxStreamElements)
		}
		if e.Type != "A" && e.Type != "W" {
			continue
		}
		if err := e.add(bg, peers); err != nil {
			return nil, fmt.Errorf("read bgpstream %s, element %d: %w", name, n, err)
		}
	}
	slices.SortStableFunc(bg.Updates, func(a, b scenario.Element) int {
		switch {
		case a.At < b.At:
			return -1
		case a.At > b.At:
			return 1
		}
		return 0
	})
	return bg, nil
}

// add adds an announcement or withdrawal.
func (e *streamElement) add(bg *scenario.Background, peers map[route.Peer]uint32) error {
	addr, err := netip.ParseAddr(e.PeerAddress)
	if err != nil {
		return fmt.Errorf("peer: %w", err)
	}
	prefix, err := netip.ParsePrefix(e.Prefix)
	if err != nil {
		return fmt.Errorf("prefix: %w", err)
	}
	if !(e.Time > 0 && e.Time < math.MaxUint32) {
		return fmt.Errorf("time is %v, must be seconds since 1970", e.Time)
	}
	p := route.Peer{Collector: e.Collector, Addr: addr.Unmap().WithZone(""), ASN: route.ASN(e.PeerASN)}
	id, ok := peers[p]
	if !ok {
		id = uint32(len(bg.Peers))
		peers[p] = id
		bg.Peers = append(bg.Peers, p)
	}
	out := scenario.Element{At: route.Time(e.Time * float64(route.Second)), Peer: id, Prefix: route.PrefixFrom(prefix)}
	if e.Type == "A" {
		if out.Path, err = streamPath(e.Path); err != nil {
			return err
		}
	}
	bg.Updates = append(bg.Updates, out)
	return nil
}

// maxStreamHops bounds a path; an AS_PATH of one UPDATE has no room for more.
const maxStreamHops = 2000

var errNoPath = errors.New("announcement has no AS path")

// streamPath reads a path as text. A set of several members ends it with the
// unknown origin.
func streamPath(text string) ([]route.ASN, error) {
	words := strings.Fields(text)
	if len(words) == 0 || len(words) > maxStreamHops {
		return nil, errNoPath
	}
	path := make([]route.ASN, 0, len(words))
	for _, w := range words {
		if inner, isSet := strings.CutPrefix(w, "{"); isSet {
			inner = strings.TrimSuffix(inner, "}")
			if strings.ContainsAny(inner, ",{}") {
				return append(path, 0), nil
			}
			w = inner
		}
		n, err := strconv.ParseUint(w, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("AS path: %w", err)
		}
		path = append(path, route.ASN(n))
	}
	return path, nil
}
