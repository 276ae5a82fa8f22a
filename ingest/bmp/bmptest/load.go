package bmptest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"time"

	"detour/internal/cputime"
)

// Load is routers that send updates at a steady rate. They come from one address and
// have names of their own, so the listener must go by those. Each has Peers peers, one after
// the other; each update of a peer carries its number, from 1, as its one community
// (RFC 1997), so that who hears them can tell what is missing.
type Load struct {
	Addr    string // of the listener
	Routers int
	Peers   int // of each
	Rate    int // updates a second of each router
	For     time.Duration
}

// PrefixesEach is how many prefixes an update announces.
const PrefixesEach = 2

// Sent is what a Load came to.
type Sent struct {
	Updates uint64
	CPU     time.Duration // that the sending took, of the calling process
	Late    time.Duration // how far behind its schedule it was at worst
}

// step is the time between two writes of a router.
const step = 20 * time.Millisecond

// Run connects all routers, sends, and closes them at the end. All is done by one
// goroutine with a thread of its own, so that its processor time is known.
func (l Load) Run(ctx context.Context) (s Sent, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	from := cputime.Thread()
	defer func() { s.CPU = cputime.Thread() - from }()
	players := make([]*player, 0, l.Routers)
	defer func() {
		for _, p := range players {
			err = errors.Join(err, p.conn.Close())
		}
	}()
	for i := range l.Routers {
		p, err := newPlayer(ctx, l.Addr, i, l.Peers)
		if err != nil {
			return s, err
		}
		players = append(players, p)
	}
	start := time.Now()
	for n := 1; ; n++ {
		due := time.Duration(n) * step
		if due > l.For {
			return s, nil
		}
		if err := wait(ctx, time.Until(start.Add(due))); err != nil {
			return s, err
		}
		s.Late = max(s.Late, time.Since(start.Add(due)))
		for _, p := range players {
			want := uint64(due.Seconds() * float64(l.Rate))
			if err := p.send(want); err != nil {
				return s, err
			}
			s.Updates += p.last
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// player is one router.
type player struct {
	conn    net.Conn
	peers   [][]byte // a Route Monitoring message of each
	numbers []uint32 // of its last update
	sent    uint64
	last    uint64 // of it, by the last send
	buf     []byte
}

func newPlayer(ctx context.Context, addr string, i, peers int) (*player, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("connect router %d: %w", i, err)
	}
	p := &player{conn: conn, numbers: make([]uint32, peers)}
	const own = 64500
	p.buf = append(p.buf, Hello(fmt.Sprintf("router-%d", i))...)
	for k := range peers {
		asn := uint32(65536 + k)
		who := Peer{Addr: netip.AddrFrom4([4]byte{10, 0, byte(k >> 8), byte(k)}), ASN: asn}
		p.buf = append(p.buf, who.Up(Open(own, FourOctet(own)), Open(asn, FourOctet(asn)))...)
		p.buf = append(p.buf, who.Routes(EndOfRIB())...)
		p.peers = append(p.peers, who.Routes(numbered(asn)))
	}
	if _, err := conn.Write(p.buf); err != nil {
		return nil, errors.Join(fmt.Errorf("router %d: %w", i, err), conn.Close())
	}
	return p, nil
}

// Where numbered has what send changes, from the end of the message.
const (
	prefixLen   = 4 // of a /24
	prefixAt    = PrefixesEach * prefixLen
	communityAt = prefixAt + 4
)

// numbered is an UPDATE that ends with a community and its prefixes.
func numbered(asn uint32) []byte {
	seg := []byte{2, 5}
	for _, hop := range []uint32{asn, 64600, 64700, 64800, 64999} {
		seg = binary.BigEndian.AppendUint32(seg, hop)
	}
	attrs := append([]byte{0x40, 1, 1, 0, 0x40, 2, byte(len(seg))}, seg...)
	attrs = append(attrs, 0x40, 3, 4, 192, 0, 2, 7, 0xc0, 8, 4, 0, 0, 0, 0)
	parts := [][]byte{{0, 0}, binary.BigEndian.AppendUint16(nil, uint16(len(attrs))), attrs}
	for range PrefixesEach {
		parts = append(parts, []byte{24, 0, 0, 0})
	}
	return BGP(2, parts...)
}

// send sends up to the want-th update.
func (p *player) send(want uint64) error {
	p.buf, p.last = p.buf[:0], want-min(want, p.sent)
	for ; p.sent < want; p.sent++ {
		k := int(p.sent) % len(p.peers)
		p.numbers[k]++
		at := len(p.buf) + len(p.peers[k])
		p.buf = append(p.buf, p.peers[k]...)
		binary.BigEndian.PutUint32(p.buf[at-communityAt:], p.numbers[k])
		for i := range PrefixesEach { // some ten thousand prefixes a peer
			net24 := p.buf[at-prefixAt+i*prefixLen+1:]
			net24[0], net24[1], net24[2] = byte(20+i), byte(p.numbers[k]>>8)&31, byte(p.numbers[k])
		}
	}
	if _, err := p.conn.Write(p.buf); err != nil {
		return fmt.Errorf("send updates: %w", err)
	}
	return nil
}
