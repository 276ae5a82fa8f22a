package reference

import (
	"slices"

	"github.com/gaissmai/bart"

	"detour/route"
)

// Watch is what a user watches: prefixes and ASes. It never changes; look-ups
// allocate nothing. A nil value watches nothing.
type Watch struct {
	prefixes []*WatchedPrefix // in order
	asns     []*WatchedASN    // in rising order
	asnIndex asnIndex
	rules    []*WatchedPrefix // by number in byPrefix; nil is a prefix to leave alone
	byPrefix bart.Table[uint32]
	ignored  []string
}

// WatchedPrefix is a prefix that a user watches. It must not be changed.
type WatchedPrefix struct {
	Prefix              route.Prefix
	Origins             []route.ASN // expected, any of them; empty: as learned from routes
	Group               string      // who hears of it; "" is nobody in particular
	Description         string
	IgnoreMoreSpecifics bool // what lies in Prefix is not watched, only Prefix itself
	Line                int  // in the watch file
}

// WatchedASN is an AS that a user watches. It must not be changed.
type WatchedASN struct {
	ASN   route.ASN
	Group string
	Line  int // in the watch file
}

// Match returns the entry that speaks for p: that of p itself, or else the
// longest one that covers p. It returns nil if there is none, if that one
// ignores more-specifics, or if it is to be left alone.
func (w *Watch) Match(p route.Prefix) *WatchedPrefix {
	if w == nil || p.Family == 0 {
		return nil
	}
	i, ok := w.byPrefix.LookupPrefix(p.Netip())
	if !ok {
		return nil
	}
	e := w.rules[i]
	if e == nil || (e.IgnoreMoreSpecifics && e.Prefix != p) {
		return nil
	}
	return e
}

// ASN returns the entry of a, nil if there is none.
func (w *Watch) ASN(a route.ASN) *WatchedASN {
	if w == nil {
		return nil
	}
	i, ok := w.asnIndex.find(a)
	if !ok {
		return nil
	}
	return w.asns[i]
}

// Prefixes returns the watched prefixes in their order, without those to be left
// alone. The slice belongs to the caller.
func (w *Watch) Prefixes() []*WatchedPrefix {
	if w == nil {
		return nil
	}
	return slices.Clone(w.prefixes)
}

// ASNs returns the watched ASes in rising order. The slice belongs to the caller.
func (w *Watch) ASNs() []*WatchedASN {
	if w == nil {
		return nil
	}
	return slices.Clone(w.asns)
}

// Ignored says what the file holds that detour does not act on: one sentence for
// each kind of thing, with the lines. It is to be shown when detour starts.
func (w *Watch) Ignored() []string {
	if w == nil {
		return nil
	}
	return slices.Clone(w.ignored)
}
