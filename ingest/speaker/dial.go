package speaker

import (
	"context"
	"net"
	"strconv"
	"syscall"

	"detour/ingest/live"
)

// dial tries to connect until it can, or ctx ends.
func (n *neighbor) dial(ctx context.Context, dialed chan<- net.Conn) {
	d := net.Dialer{Timeout: connectWait, Control: n.control}
	if n.LocalAddress.IsValid() {
		d.LocalAddr = &net.TCPAddr{IP: n.LocalAddress.AsSlice(), Zone: n.LocalAddress.Zone()}
	}
	to := net.JoinHostPort(n.Address.String(), strconv.Itoa(int(n.Port)))
	for n.backoff.Wait(ctx) == nil {
		conn, err := d.DialContext(ctx, "tcp", to)
		if err != nil {
			n.cannotConnect(ctx, err)
			continue
		}
		n.told = ""
		select {
		case dialed <- conn:
		case <-ctx.Done():
			_ = conn.Close() // another connection was taken
		}
		return
	}
}

// cannotConnect tells why, each reason once.
func (n *neighbor) cannotConnect(ctx context.Context, err error) {
	if why := err.Error(); ctx.Err() == nil && why != n.told {
		n.told = why
		n.desk.Tell(live.EventNote, n.name, "cannot connect, and goes on trying: "+why)
	}
}

func (n *neighbor) control(network, _ string, c syscall.RawConn) error {
	if n.TTL != 0 {
		if err := setTTL(c, network, n.TTL); err != nil {
			return err
		}
	}
	if n.Password != "" {
		return sign(c, network, n.Address, n.Password)
	}
	return nil
}
