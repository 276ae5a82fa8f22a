package reference

import (
	"errors"
	"io"

	"detour/route"
)

// Watch is what a user watches: prefixes and ASes.
type Watch struct{}

// WatchedPrefix is one entry of a watch file.
type WatchedPrefix struct {
	Prefix              route.Prefix
	Origins             []route.ASN
	Group, Description  string
	IgnoreMoreSpecifics bool
	Line                int
}

// WatchedASN is an AS to watch.
type WatchedASN struct {
	ASN                    route.ASN
	Group                  string
	Upstreams, Downstreams []route.ASN
	Line                   int
}

// OpenWatch reads the file at path.
func OpenWatch(path string) (*Watch, error) { return nil, errors.ErrUnsupported }

// ReadWatch reads a watch file; name stands in messages.
func ReadWatch(r io.Reader, name string) (*Watch, error) { return nil, errors.ErrUnsupported }

// Match returns the entry that speaks for p, nil if none does.
func (w *Watch) Match(p route.Prefix) *WatchedPrefix { return nil }

// ASN returns the entry of a, nil if there is none.
func (w *Watch) ASN(a route.ASN) *WatchedASN { return nil }

// Prefixes returns the watched prefixes in order of address.
func (w *Watch) Prefixes() []*WatchedPrefix { return nil }

// ASNs returns the watched ASes in rising order.
func (w *Watch) ASNs() []*WatchedASN { return nil }

// Ignored says, a sentence each, what the file holds that detour does not act on.
func (w *Watch) Ignored() []string { return nil }
