package stream

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"github.com/nats-io/nats.go"

	"detour/route"
)

// PeersSubject is the core subject on which the correlator tells its table of
// peers, part by part.
const PeersSubject = "detour.v1.peers"

// PeersEvery is the time between two tables.
const PeersEvery = 2 * time.Second

// Bounds of a table: peers in a message, some 150 KB, and in all messages.
const (
	peersInPart = 512
	MaxPeers    = 1 << 14
)

// Peers is one part of a table of peers, as JSON on core NATS.
type Peers struct {
	Member    string     `json:"member"`
	Sequence  uint64     `json:"sequence"`  // of the last evidence judged
	Watermark route.Time `json:"watermark"` // engine time up to which every shard has told
	Table     uint64     `json:"table"`     // number of the table that this is a part of
	Part      int        `json:"part"`      // from 0
	Parts     int        `json:"parts"`
	Total     int        `json:"total"` // peers that there are, of which MaxPeers are told
	Peers     []Peer     `json:"peers"`
}

// Peer is what is seen of one peer. Views, classes and states are in words.
type Peer struct {
	Collector     string     `json:"collector"`
	Router        netip.Addr `json:"router,omitzero"`
	Distinguisher uint64     `json:"distinguisher,omitempty"`
	Address       netip.Addr `json:"address,omitzero"`
	ASN           route.ASN  `json:"asn"`
	View          string     `json:"view"`
	Ingester      string     `json:"ingester"`
	State         string     `json:"state"`
	Class4        string     `json:"class4"`
	Class6        string     `json:"class6"`
	Routes4       int        `json:"routes4"`
	Routes6       int        `json:"routes6"`
	Since         route.Time `json:"since,omitempty"` // engine time from which it shows routes
	Heard         route.Time `json:"heard,omitempty"`
	Why           string     `json:"why,omitempty"` // it is distrusted
}

// PublishPeers tells a table, whose Peers are all of them, in as many messages as it
// takes. Nothing is lost when nobody listens.
func PublishPeers(nc *nats.Conn, table *Peers) error {
	part, all := *table, table.Peers
	part.Total = len(all)
	all = all[:min(len(all), MaxPeers)]
	part.Parts = max(1, (len(all)+peersInPart-1)/peersInPart)
	for part.Part = range part.Parts {
		part.Peers = all[:min(len(all), peersInPart)]
		all = all[len(part.Peers):]
		data, err := json.Marshal(&part)
		if err != nil {
			return fmt.Errorf("encode peers: %w", err)
		}
		if err := nc.Publish(PeersSubject, data); err != nil {
			return fmt.Errorf("publish peers: %w", err)
		}
	}
	return nil
}

// PeersReader puts tables together from their parts. The zero value has none.
type PeersReader struct {
	tables map[string]*Peers // by member: the parts so far
}

// maxPeersPart bounds a message that is read, and maxTellers the members heard.
const (
	maxPeersPart = 1 << 20
	maxTellers   = 64
)

// Take reads one message and returns the table that it completes, else nil. Of a
// table whose parts do not come in order nothing is returned.
func (r *PeersReader) Take(data []byte) (*Peers, error) {
	if len(data) > maxPeersPart {
		return nil, fmt.Errorf("parse peers: %d octets, at most %d are read", len(data), maxPeersPart)
	}
	var p Peers
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, fmt.Errorf("parse peers: %w", err)
	}
	const most = MaxPeers / peersInPart
	if p.Part < 0 || p.Part >= p.Parts || p.Parts > most || len(p.Peers) > peersInPart {
		return nil, fmt.Errorf("parse peers: part %d of %d with %d peers, at most %d of %d are read",
			p.Part, p.Parts, len(p.Peers), most, peersInPart)
	}
	t := r.tables[p.Member]
	switch {
	case p.Part == 0:
		if t == nil && len(r.tables) >= maxTellers {
			return nil, fmt.Errorf("parse peers: more than %d members tell theirs", maxTellers)
		}
		if r.tables == nil {
			r.tables = map[string]*Peers{}
		}
		t = &p
		r.tables[p.Member] = t
	case t == nil, t.Table != p.Table, t.Part+1 != p.Part, t.Parts != p.Parts:
		delete(r.tables, p.Member)
		return nil, nil //nolint:nilnil // its beginning was not heard
	default:
		t.Peers, t.Part = append(t.Peers, p.Peers...), p.Part
	}
	if t.Part+1 < t.Parts {
		return nil, nil //nolint:nilnil // more will come
	}
	delete(r.tables, p.Member)
	return t, nil
}
