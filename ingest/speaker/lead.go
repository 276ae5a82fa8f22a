package speaker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	api "github.com/osrg/gobgp/v3/api"
	"github.com/osrg/gobgp/v3/pkg/server"

	"detour/internal/pause"
	"detour/route"
)

// lead is GoBGP, which leads the sessions with one neighbor, one after the other. It
// knows the neighbor by inside: each gets a GoBGP of its own, which listens on a
// loopback port, and our relay is its only peer.
type lead struct {
	bgp  *server.BgpServer
	port uint16
	peer *api.Peer

	known  atomic.Bool // GoBGP knows of the neighbor
	opened atomic.Bool // it has sent its OPEN
	over   chan struct{}
	unsee  func() // ends see
}

// inside is the address of both ends of the connection between GoBGP and the relay.
const inside = "127.0.0.1"

// startTries bounds how many free ports may be lost to others between looking for one
// and listening there.
const startTries = 10

// newLead starts GoBGP for a neighbor. Its own goroutine outlives close: it has no end.
// It sets variables of GoBGP's packages, each to the same value and to be read when one
// route is chosen among others, which never happens here.
func newLead(ctx context.Context, n *Neighbor, routerID netip.Addr, log *slog.Logger) (*lead, error) {
	l := &lead{
		bgp:  server.NewBgpServer(server.LoggerOption(&gobgpLog{log: log})),
		peer: peerOf(n), over: make(chan struct{}, 1),
	}
	go l.bgp.Serve()
	var err error
	for range startTries {
		if l.port, err = freePort(); err != nil {
			break
		}
		err = l.bgp.StartBgp(ctx, &api.StartBgpRequest{Global: &api.Global{
			Asn: uint32(n.LocalASN), RouterId: routerID.String(),
			ListenPort: int32(l.port), ListenAddresses: []string{inside},
		}})
		if err == nil {
			break
		}
	}
	if err == nil {
		ctx, l.unsee = context.WithCancel(ctx)
		err = l.bgp.WatchEvent(ctx, &api.WatchEventRequest{Peer: &api.WatchEventRequest_Peer{}}, l.see)
	}
	if err == nil {
		return l, nil
	}
	return nil, fmt.Errorf("start GoBGP for neighbor %v: %w", n.Address, err)
}

func freePort() (uint16, error) {
	l, err := net.Listen("tcp4", inside+":0")
	if err != nil {
		return 0, fmt.Errorf("look for a free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	return netip.MustParseAddrPort(l.Addr().String()).Port(), nil
}

// peerOf is what GoBGP has to know of a neighbor. Graceful restart is offered for no
// family (RFC 4724 §3): we keep no state of our own over a restart, but learn of the
// peer's, and are sent an End-of-RIB.
func peerOf(n *Neighbor) *api.Peer {
	hold := uint64(n.HoldTime / time.Second)
	p := &api.Peer{
		Conf:            &api.PeerConf{NeighborAddress: inside, PeerAsn: uint32(n.ASN), LocalAsn: uint32(n.LocalASN)},
		Timers:          &api.Timers{Config: &api.TimersConfig{HoldTime: hold, KeepaliveInterval: hold / 3}},
		Transport:       &api.Transport{PassiveMode: true},
		GracefulRestart: &api.GracefulRestart{Enabled: true, HelperOnly: true, RestartTime: 120},
	}
	for _, f := range n.Families {
		afi := api.Family_AFI_IP
		if f == route.IPv6 {
			afi = api.Family_AFI_IP6
		}
		p.AfiSafis = append(p.AfiSafis, &api.AfiSafi{
			Config:   &api.AfiSafiConfig{Family: &api.Family{Afi: afi, Safi: api.Family_SAFI_UNICAST}, Enabled: true},
			AddPaths: &api.AddPaths{Config: &api.AddPathsConfig{Receive: n.AddPath}},
		})
	}
	return p
}

// How long GoBGP may take for its OPEN, and to see an end; and between two attempts.
const (
	leadWait   = 10 * time.Second
	leadAgain  = 20 * time.Millisecond
	settleWait = 2 * time.Second
)

// connect tells GoBGP of the neighbor and returns the connection to it, over which it
// has sent its OPEN. A connection that comes before GoBGP is ready is closed by it, so
// there may have to be another.
func (l *lead) connect(ctx context.Context) (conn net.Conn, opened []byte, err error) {
	select {
	case <-l.over:
	default:
	}
	l.known.Store(true)
	if err := l.bgp.AddPeer(ctx, &api.AddPeerRequest{Peer: l.peer}); err != nil {
		return nil, nil, fmt.Errorf("tell GoBGP of the neighbor: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, leadWait)
	defer cancel()
	for {
		if conn, opened, err = l.try(ctx); err == nil {
			return conn, opened, nil
		}
		if pause.For(ctx, leadAgain) != nil {
			l.release()
			return nil, nil, fmt.Errorf("GoBGP takes no connection: %w", err)
		}
	}
}

func (l *lead) try(ctx context.Context) (net.Conn, []byte, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(inside)}}
	conn, err := d.DialContext(ctx, "tcp4", netip.AddrPortFrom(netip.MustParseAddr(inside), l.port).String())
	if err != nil {
		return nil, nil, err
	}
	until, _ := ctx.Deadline()
	err = conn.SetReadDeadline(until)
	var opened []byte
	if err == nil {
		opened, err = readMessage(conn, make([]byte, maxMessage))
	}
	if err == nil {
		err = conn.SetReadDeadline(time.Time{})
	}
	if err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	return conn, opened, nil
}

// see follows what GoBGP makes of the connection. (It could be asked, too; but what it
// then collects for its answer has it panic at some OPENs.)
func (l *lead) see(e *api.WatchEventResponse) {
	switch e.GetPeer().GetPeer().GetState().GetSessionState() {
	case api.PeerState_OPENSENT:
		l.opened.Store(true)
	case api.PeerState_IDLE:
		if !l.opened.Swap(false) {
			return // it is only about to begin
		}
		select {
		case l.over <- struct{}{}:
		default:
		}
	default:
	}
}

// settle waits until GoBGP has seen the end of the connection. Were it released with a
// message unread, a goroutine of its own would hold that for ever.
func (l *lead) settle(ctx context.Context) {
	if !l.known.Load() {
		return
	}
	select {
	case <-l.over:
	case <-time.After(settleWait):
	case <-ctx.Done(): // with which see has ended, too
	}
}

// release has GoBGP forget the neighbor. A session that is up ends with a NOTIFICATION
// (Cease), which comes over the connection. It may be called again.
func (l *lead) release() {
	l.known.Store(false)
	// The one error is that it is forgotten already.
	_ = l.bgp.DeletePeer(context.Background(), &api.DeletePeerRequest{Address: inside})
}

func (l *lead) close() {
	l.unsee()
	l.bgp.Stop()
}
