package speaker

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"time"

	"detour/route"
)

// Config of a Source.
type Config struct {
	Collector string     // goes into every peer; "bgp" when empty
	ASN       route.ASN  // our own
	RouterID  netip.Addr // our BGP identifier, an IPv4 address
	// Listen is where neighbors may connect: address:port. Without a port it is 179,
	// without an address 127.0.0.1; empty is nowhere.
	Listen    string
	Neighbors []Neighbor
	Log       *slog.Logger // nil is silent
}

// Neighbor is a router that sends its routes.
type Neighbor struct {
	Address netip.Addr
	ASN     route.ASN
	Passive bool   // wait for it to connect, and never connect to it
	Port    uint16 // to connect to; 0 is 179
	// Password of TCP MD5 (RFC 2385), in both directions; Linux only.
	Password     string
	LocalASN     route.ASN      // 0 is Config.ASN
	LocalAddress netip.Addr     // to connect from; the system chooses when invalid
	Families     []route.Family // none means both
	AddPath      bool           // take more than one path of a prefix (RFC 7911)
	MaxPrefixes  int            // of each family, paths counted; 0 is no limit
	HoldTime     time.Duration  // in whole seconds; 0 is 90 s
	TTL          int            // of what we send; 0 leaves the system's
}

// Defaults of Config and Neighbor, and the bounds of a neighbor.
const (
	DefaultPort     = 179
	DefaultHoldTime = 90 * time.Second

	maxNeighbors = 1000
	maxPassword  = 80 // TCP_MD5SIG_MAXKEYLEN
	maxPrefixes  = 20_000_000
)

// complete returns c with its defaults, or all that is wrong with it.
func (c Config) complete() (Config, error) {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Collector == "" {
		c.Collector = "bgp"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.ASN == 0 {
		wrong("asn is missing: give our own AS number")
	}
	if !c.RouterID.Is4() || c.RouterID.IsUnspecified() {
		wrong("router_id %v: give an IPv4 address that no other router has", c.RouterID)
	}
	if c.Listen != "" {
		at, err := listenAddress(c.Listen)
		if err != nil {
			wrong("listen: %w", err)
		}
		c.Listen = at.String()
	}
	if len(c.Neighbors) == 0 || len(c.Neighbors) > maxNeighbors {
		wrong("%d neighbors: give 1 to %d", len(c.Neighbors), maxNeighbors)
	}
	list := make([]Neighbor, len(c.Neighbors))
	known := map[netip.Addr]bool{}
	for i, n := range c.Neighbors {
		n.complete(c.ASN)
		if err := n.check(c.Listen != ""); err != nil {
			wrong("neighbor %v: %w", n.Address, err)
		}
		if known[n.Address] {
			wrong("neighbor %v: it is there twice; GoBGP tells neighbors apart by their addresses", n.Address)
		}
		known[n.Address] = true
		list[i] = n
	}
	c.Neighbors = list
	return c, errors.Join(errs...)
}

func (n *Neighbor) complete(own route.ASN) {
	n.Address, n.LocalAddress = n.Address.Unmap(), n.LocalAddress.Unmap()
	if n.Port == 0 {
		n.Port = DefaultPort
	}
	if n.LocalASN == 0 {
		n.LocalASN = own
	}
	if n.HoldTime == 0 {
		n.HoldTime = DefaultHoldTime
	}
	if len(n.Families) == 0 {
		n.Families = []route.Family{route.IPv4, route.IPv6}
	}
}

func (n *Neighbor) check(listening bool) error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !n.Address.IsValid() || n.Address.IsUnspecified() || n.Address.IsMulticast() {
		wrong("address: give that of one router")
	}
	if n.ASN == 0 {
		wrong("asn is missing: give the neighbor's AS number")
	}
	if n.Passive && !listening {
		wrong("it is passive, but nothing listens: set listen, or let us connect")
	}
	if n.LocalAddress.IsValid() && n.LocalAddress.Is4() != n.Address.Is4() {
		wrong("local address %v is not of the same family", n.LocalAddress)
	}
	for _, f := range n.Families {
		if f != route.IPv4 && f != route.IPv6 {
			wrong("family %d is not carried", f)
		}
	}
	if n.HoldTime%time.Second != 0 || n.HoldTime < 3*time.Second || n.HoldTime > 65535*time.Second {
		wrong("hold time %v: give 3 to 65535 whole seconds (RFC 4271 §4.2)", n.HoldTime)
	}
	if n.MaxPrefixes < 0 || n.MaxPrefixes > maxPrefixes {
		wrong("max_prefixes %d: give 0 to %d", n.MaxPrefixes, maxPrefixes)
	}
	if n.TTL < 0 || n.TTL > 255 {
		wrong("ttl %d: give 1 to 255", n.TTL)
	}
	if len(n.Password) > maxPassword {
		wrong("the password has %d octets, TCP MD5 takes %d", len(n.Password), maxPassword)
	}
	if n.Password != "" {
		if err := canSign(n.Address); err != nil {
			wrong("password: %w", err)
		}
	}
	return errors.Join(errs...)
}

// listenAddress reads address:port, either of which may be missing.
func listenAddress(s string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = s, strconv.Itoa(DefaultPort)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	at, err := netip.ParseAddrPort(net.JoinHostPort(host, port))
	if err != nil {
		return at, fmt.Errorf("%q is no address:port such as 192.0.2.1:179: %w", s, err)
	}
	return at, nil
}
