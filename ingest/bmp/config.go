package bmp

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"detour/ingest/live"
)

// Config of a Source. The zero value listens on DefaultListen.
type Config struct {
	Collector      string         // goes into every peer; a router's sysName where empty
	Listen         string         // host:port
	Listener       net.Listener   // in place of Listen; Run closes it
	Allow          []netip.Prefix // addresses of routers; empty lets in everybody
	TLS            *tls.Config    // nil is plain TCP
	MaxConnections int
	// Idle is how long a router may say nothing. BMP has no keepalive, so it is long;
	// TCP's own finds routers that are gone.
	Idle   time.Duration
	Limits Limits
	Live   live.Config
}

// Limits of one connection. Zero fields get defaults.
type Limits struct {
	MaxMessage int // octets; RFC 7854 gives no limit
	MaxPeers   int // each may have a pre-policy and a post-policy view
	ReadAhead  int // octets that wait for decoding
	// FirstMessage is how long the first message may take, WholeMessage how long any
	// may take from its first octet to its last.
	FirstMessage, WholeMessage time.Duration
}

// Defaults of Config and Limits.
const (
	DefaultListen         = "127.0.0.1:11019"
	DefaultMaxConnections = 1000
	DefaultIdle           = 24 * time.Hour
	DefaultMaxMessage     = 1 << 20
	DefaultMaxPeers       = 4096
	DefaultReadAhead      = 256 << 10
	DefaultFirstMessage   = 30 * time.Second
	DefaultWholeMessage   = 30 * time.Second
)

// RouterConfig says how the stream of one router is read.
type RouterConfig struct {
	Collector string     // goes into every peer; the router's sysName where empty
	Router    netip.Addr // goes into every peer; may be invalid
	Limits    Limits
	Meter     *Meter // counts messages; nil counts none
}

func (c Config) withDefaults() (Config, error) {
	c.Listen = cmp.Or(c.Listen, DefaultListen)
	c.MaxConnections = cmp.Or(c.MaxConnections, DefaultMaxConnections)
	c.Idle = cmp.Or(c.Idle, DefaultIdle)
	c.Limits = c.Limits.withDefaults()
	var errs []error
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		errs = append(errs, fmt.Errorf("bmp listen address %q: %w; write host:port as in %s", c.Listen, err, DefaultListen))
	}
	if c.MaxConnections < 0 {
		errs = append(errs, fmt.Errorf("bmp max_connections is %d, must be 1 or more", c.MaxConnections))
	}
	return c, errors.Join(errs...)
}

func (l Limits) withDefaults() Limits {
	return Limits{
		MaxMessage:   cmp.Or(l.MaxMessage, DefaultMaxMessage),
		MaxPeers:     cmp.Or(l.MaxPeers, DefaultMaxPeers),
		ReadAhead:    cmp.Or(l.ReadAhead, DefaultReadAhead),
		FirstMessage: cmp.Or(l.FirstMessage, DefaultFirstMessage),
		WholeMessage: cmp.Or(l.WholeMessage, DefaultWholeMessage),
	}
}
