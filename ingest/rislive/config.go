package rislive

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"time"

	"detour/ingest/live"
)

// Config says what to read. The zero value is all of RIS Live.
type Config struct {
	// URL is DefaultURL when empty, or DefaultSocketURL where a stream cannot say what is
	// asked for. http and https stand for the stream, ws and wss
	// for the WebSocket; without a path it is that of RIS Live.
	URL string
	// Client is the name by which RIPE knows who reads; DefaultClient when empty.
	Client string

	// What the server is to send: all, where nothing is said. Of each list one has to
	// fit, and of all that is given everything.
	Hosts                      []string // rrc00
	Types                      []string // UPDATE, RIS_PEER_STATE, …
	Peers                      []netip.Addr
	Path                       string // an ASN, or a pattern of RIS Live such as "^3333,1103"
	Prefixes                   []netip.Prefix
	MoreSpecific, LessSpecific bool // also what lies in, or around, Prefixes
	// WithoutRaw asks for no raw messages: half the bytes, but large communities and
	// OTC are not known then.
	WithoutRaw bool

	// Stall is the silence after which a connection is given up. 0 is DefaultStall;
	// for a filtered stream, which has no ping, DefaultQuiet.
	Stall time.Duration
	// Answer is how long a server may take to answer; 0 is DefaultAnswer.
	Answer time.Duration
	// RetryMin and RetryMost bound the wait between two attempts to connect.
	RetryMin, RetryMost time.Duration
	// ReadAhead is how many bytes may wait for us; 0 is DefaultReadAhead.
	ReadAhead int
	TLS       *tls.Config // nil is the system's
	Desk      live.Config
}

// Defaults of Config.
const (
	DefaultURL       = "https://ris-live.ripe.net/v1/stream/"
	DefaultSocketURL = "wss://ris-live.ripe.net/v1/ws/"
	DefaultClient    = "detour"
	DefaultStall     = time.Minute
	DefaultQuiet     = 10 * time.Minute
	DefaultAnswer    = 30 * time.Second
	DefaultRetryMin  = time.Second
	DefaultRetryMost = time.Minute
	DefaultReadAhead = 16 << 20
)

// maxClient bounds a client's name.
const maxClient = 128

// withDefaults fills in what is not given.
func (c Config) withDefaults() Config {
	or := func(d *time.Duration, otherwise time.Duration) {
		if *d == 0 {
			*d = otherwise
		}
	}
	if c.URL == "" {
		if c.URL = DefaultURL; len(c.subscriptions()) > 1 {
			c.URL = DefaultSocketURL
		}
	}
	stall := DefaultStall
	if c.filtered() && !c.socket() {
		stall = DefaultQuiet
	}
	or(&c.Stall, stall)
	or(&c.Answer, DefaultAnswer)
	or(&c.RetryMin, DefaultRetryMin)
	or(&c.RetryMost, max(c.RetryMin, DefaultRetryMost))
	if c.ReadAhead == 0 {
		c.ReadAhead = DefaultReadAhead
	}
	return c
}

func (c *Config) check() error {
	var errs []error
	for _, d := range []struct {
		key string
		is  time.Duration
	}{{"stall", c.Stall}, {"answer", c.Answer}, {"retry", min(c.RetryMin, c.RetryMost)}} {
		if d.is < 0 {
			errs = append(errs, fmt.Errorf("%s is %v, must be more than 0", d.key, d.is))
		}
	}
	if c.ReadAhead < 0 {
		errs = append(errs, fmt.Errorf("read-ahead is %d bytes, must be more than 0", c.ReadAhead))
	}
	if len(c.Client) > maxClient {
		errs = append(errs, fmt.Errorf("client has %d characters, at most %d are sent", len(c.Client), maxClient))
	}
	for _, p := range c.Prefixes {
		if !p.IsValid() {
			errs = append(errs, errors.New("one of the prefixes is not valid"))
		}
	}
	if n := len(c.subscriptions()); n > maxSubscriptions {
		errs = append(errs, fmt.Errorf("hosts, types, peers and prefixes make %d subscriptions, at most %d are sent: "+
			"leave one of the lists out", n, maxSubscriptions))
	} else if n > 1 && !c.socket() {
		errs = append(errs, fmt.Errorf("the HTTP stream takes one host, one type and one peer, and this asks for %d "+
			"combinations: use the WebSocket, wss://ris-live.ripe.net, or one source for each", n))
	}
	return errors.Join(errs...)
}

// socket reports whether the URL is that of a WebSocket.
func (c *Config) socket() bool {
	u, err := url.Parse(c.URL)
	return err == nil && (u.Scheme == "ws" || u.Scheme == "wss")
}

// address returns the URL to connect to.
func (c *Config) address() (*url.URL, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, fmt.Errorf("url of RIS Live: %w", err)
	}
	path := "/v1/stream/"
	switch u.Scheme {
	case "http", "https":
	case "ws", "wss":
		path = "/v1/ws/"
	default:
		return nil, fmt.Errorf("url of RIS Live is %q: it has to begin with https:// (stream) or wss:// (WebSocket)", c.URL)
	}
	if u.Host == "" {
		return nil, fmt.Errorf("url of RIS Live is %q: the host is missing", c.URL)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = path
	}
	q := u.Query()
	if !c.socket() {
		q.Set("format", "json")
	}
	if c.Client != "" || !q.Has("client") {
		q.Set("client", c.client())
	}
	u.RawQuery = q.Encode()
	return u, nil
}

func (c *Config) client() string {
	if c.Client == "" {
		return DefaultClient
	}
	return c.Client
}
