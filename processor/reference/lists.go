package reference

import (
	"errors"

	"detour/route"
)

// ListKind names one of the editable lists.
type ListKind uint8

// The lists.
const (
	Beacons ListKind = iota
	Scrubbers
	Tier1s
)

// List is one list, read from a file.
type List struct{}

// Lists are the lists together.
type Lists struct{}

// DefaultLists returns the lists that come with detour.
func DefaultLists() *Lists { return &Lists{} }

// OpenList reads a list of a kind from path.
func OpenList(kind ListKind, path string) (*List, error) { return nil, errors.ErrUnsupported }

// With returns l with list in the place of the one of its kind.
func (l *Lists) With(list *List) *Lists { return l }

// Beacon reports whether p is a routing beacon, or lies in one.
func (l *Lists) Beacon(p route.Prefix) bool { return false }

// Scrubber reports whether a is a DDoS mitigation network.
func (l *Lists) Scrubber(a route.ASN) bool { return false }

// Tier1 reports whether a is a transit-free network.
func (l *Lists) Tier1(a route.ASN) bool { return false }
