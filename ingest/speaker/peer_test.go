package speaker

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/osrg/gobgp/v3/pkg/packet/bgp"

	"detour/ingest/mrt/mrttest"
)

// peer is a router of a few lines.
type peer struct {
	t    testing.TB
	conn net.Conn
	got  [][]byte // all messages that came so far
}

// call connects from an address to a Source that listens on a port.
func call(t testing.TB, from string, to uint16) *peer {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: patience}
	var conn net.Conn
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if conn, err = d.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(to)))); err == nil {
			return newPeer(t, conn)
		}
	}
	t.Fatal(err)
	return nil
}

func newPeer(t testing.TB, conn net.Conn) *peer {
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &peer{t: t, conn: conn}
}

func (p *peer) send(messages ...[]byte) {
	p.t.Helper()
	for _, m := range messages {
		if _, err := p.conn.Write(m); err != nil {
			p.t.Fatal(err)
		}
	}
}

// read returns the next message, nil at the end of the connection.
func (p *peer) read() []byte {
	m, err := readMessage(p.conn, make([]byte, maxMessage))
	if err != nil {
		return nil
	}
	p.got = append(p.got, m)
	return m
}

// until reads up to a message of a type.
func (p *peer) until(typ uint8) []byte {
	p.t.Helper()
	for {
		m := p.read()
		if m == nil {
			p.t.Fatalf("the connection ended before a message of type %d", typ)
		}
		if m[18] == typ {
			return m
		}
	}
}

// rest reads to the end of the connection.
func (p *peer) rest() {
	for p.read() != nil {
	}
}

// establish brings the session up.
func (p *peer) establish(asn uint32, caps ...bgp.ParameterCapabilityInterface) {
	p.t.Helper()
	p.send(openOf(asn, caps...))
	p.until(bgp.BGP_MSG_OPEN)
	p.send(message(bgp.BGP_MSG_KEEPALIVE))
	p.until(bgp.BGP_MSG_KEEPALIVE)
}

// openOf is an OPEN of IPv4, IPv6 and four-octet ASNs, and more.
func openOf(asn uint32, caps ...bgp.ParameterCapabilityInterface) []byte {
	return openHolding(90, asn, caps...)
}

// openHolding has a hold time of so many seconds.
func openHolding(hold uint16, asn uint32, caps ...bgp.ParameterCapabilityInterface) []byte {
	caps = append([]bgp.ParameterCapabilityInterface{
		bgp.NewCapMultiProtocol(bgp.RF_IPv4_UC), bgp.NewCapMultiProtocol(bgp.RF_IPv6_UC),
		bgp.NewCapFourOctetASNumber(asn),
	}, caps...)
	old := uint16(bgp.AS_TRANS)
	if asn < 1<<16 {
		old = uint16(asn)
	}
	id := netip.AddrFrom4([4]byte{10, 0, byte(asn >> 8), byte(asn)})
	m, err := bgp.NewBGPOpenMessage(old, hold, id.String(), []bgp.OptionParameterInterface{
		bgp.NewOptionParameterCapability(caps),
	}).Serialize()
	if err != nil {
		panic(err)
	}
	return m
}

func announce(asn uint32, prefixes ...string) []byte {
	return mrttest.Update(nil, mrttest.Attrs(true, asn, 64500), mrttest.NLRI(prefixes...))
}

func withdraw(prefixes ...string) []byte { return mrttest.Update(mrttest.NLRI(prefixes...), nil, nil) }

// prefix is the i-th of many, a /24.
func prefix(i int) string { return fmt.Sprintf("%d.%d.%d.0/24", 11+i>>16, i>>8&0xff, i&0xff) }

var endOfRIB = mrttest.Update(nil, nil, nil)
