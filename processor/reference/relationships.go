package reference

import (
	"errors"
	"io"

	"detour/route"
)

// Relation says what one AS is to another.
type Relation uint8

// Of(a, b) is Provider where b sells transit to a, Customer where b buys it.
const (
	Unknown Relation = iota
	Provider
	Peer
	Customer
)

// Relationships are the links of a relationship file.
type Relationships struct{}

// ReadRelationships reads a file in the forms serial-1 and serial-2.
func ReadRelationships(r io.Reader) (*Relationships, error) { return nil, errors.ErrUnsupported }

// OpenRelationships reads path, which may be compressed.
func OpenRelationships(path string) (*Relationships, error) { return nil, errors.ErrUnsupported }

// Of returns what b is to a.
func (r *Relationships) Of(a, b route.ASN) Relation { return Unknown }

// Knows reports whether the file gives a at least one provider or peer.
func (r *Relationships) Knows(a route.ASN) bool { return false }

// Customers returns the number of direct customers of a.
func (r *Relationships) Customers(a route.ASN) int { return 0 }

// Links yields every link once, a < b, in rising order; rel is what b is to a.
func (r *Relationships) Links(yield func(a, b route.ASN, rel Relation) bool) {}

// Len returns the number of links.
func (r *Relationships) Len() int { return 0 }
