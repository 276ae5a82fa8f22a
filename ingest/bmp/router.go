package bmp

import (
	"context"
	"errors"
	"fmt"

	"detour/ingest/live"
	"detour/route"
)

// router is one connection and what it has told.
type router struct {
	desk   *live.Desk
	cfg    RouterConfig
	who    string  // for people
	shares *shares // of a Source
	in     *frames

	admitted    bool
	collector   string
	description string // sysDescr
	noPathIDs   bool

	peers map[peerKey]*neighbour
	order []*neighbour // by first sight
	last  *neighbour   // messages come in runs of one peer
	full  bool         // that there are too many peers was told
	early bool         // that there are routes without a Peer Up was told

	// Since the last flush.
	messages, octets uint64
	counts           Counts
}

// flushEvery is how many messages are counted before the desk hears of them, unless
// there is time to tell it.
const flushEvery = 1024

func newRouter(desk *live.Desk, cfg RouterConfig, who string) *router {
	cfg.Limits = cfg.Limits.withDefaults()
	return &router{desk: desk, cfg: cfg, who: who, peers: map[peerKey]*neighbour{}}
}

func (r *router) count(typ uint8, octets int) {
	r.messages++
	r.octets += uint64(octets)
	r.counts.Messages[min(typ, TypeOther)]++
}

func (r *router) flush() {
	if r.messages == 0 {
		return
	}
	r.desk.Read(r.messages, r.octets)
	r.cfg.Meter.add(&r.counts)
	r.messages, r.octets, r.counts = 0, 0, Counts{}
}

// introduce learns from the first message who the router is. It should be an
// Initiation; routers are known that begin with something else.
func (r *router) introduce(typ uint8, body []byte) {
	r.collector = r.cfg.Collector
	if typ == TypeInitiation {
		name, description := initiation(body)
		if r.collector == "" {
			r.collector = name
		}
		if name != "" {
			r.who = fmt.Sprintf("%s (%s)", r.who, name)
		}
		r.description = description
		r.noPathIDs = writesNoPathIDs(description)
	}
	if r.collector == "" {
		r.collector = "bmp"
	}
}

// message handles one message. why ends the stream, err says that the desk takes
// nothing more.
func (r *router) message(ctx context.Context, typ uint8, body []byte) (why, err error) {
	switch typ {
	case TypeInitiation:
		return nil, nil // the first one was read by introduce, others tell nothing more
	case TypeTermination:
		return errors.New("the router ended it: " + termination(body)), nil
	case TypeRouteMonitoring, TypeStatistics, TypePeerDown, TypePeerUp, TypeMirroring:
		if len(body) < peerHeaderLen {
			return r.in.errorf("a %s message of %d octets, too short for a peer", TypeName(int(typ)), len(body)), nil
		}
	default:
		r.desk.Skip("unknown-type")
		return nil, nil
	}
	h, body := header(body[:peerHeaderLen]), body[peerHeaderLen:]
	if h[0] > peerLocRIB {
		r.desk.Skip("unknown-peer-type")
		return nil, nil
	}
	switch typ {
	case TypeRouteMonitoring:
		return nil, r.monitoring(ctx, h, body)
	case TypePeerUp:
		return nil, r.peerUp(ctx, h, body)
	case TypePeerDown:
		return nil, r.peerDown(ctx, h, body)
	case TypeMirroring:
		r.desk.Skip("mirroring")
	}
	return nil, nil // statistics are counted as messages
}

// neighbour returns what is known of a peer; nil where it is one too many.
func (r *router) neighbour(h header) *neighbour {
	k := h.key()
	if r.last != nil && r.last.key == k {
		return r.last
	}
	n := r.peers[k]
	if n == nil {
		if len(r.order) >= r.cfg.Limits.MaxPeers {
			r.refuse(fmt.Sprintf("its peers: it has more than %d", r.cfg.Limits.MaxPeers))
			return nil
		}
		n = newNeighbour(k, h)
		r.peers[k] = n
		r.order = append(r.order, n)
	}
	r.last = n
	return n
}

// refuse tells, once, that peers are left out.
func (r *router) refuse(what string) {
	if !r.full {
		r.full = true
		r.desk.Tell(live.EventRefused, r.who, what)
	}
}

// session opens the session of a view at the desk; nil where it keeps no more.
func (r *router) session(n *neighbour, view route.View) *live.Session {
	p := route.Peer{
		Collector: r.collector, Router: r.cfg.Router, Distinguisher: n.distinguisher, Addr: n.addr,
		ASN: n.asn, LocalASN: n.local, View: view,
	}
	if !r.shares.may(p, r.cfg.Limits.MaxPeers) {
		r.refuse("its new peers: it has named too many over time; restart detour if they are real")
		return nil
	}
	s, err := r.desk.Session(p)
	if err != nil {
		r.refuse("its peers: " + err.Error())
		return nil
	}
	r.shares.took(p)
	return s
}
