package reference

import (
	"errors"

	"detour/route"
)

// Names are names and organisations of ASes.
type Names struct{}

// OpenNames reads any number of files; where two name an AS, the later counts.
func OpenNames(paths ...string) (*Names, error) { return nil, errors.ErrUnsupported }

// Name returns the name of a, "" where no file has one.
func (n *Names) Name(a route.ASN) string { return "" }

// Org returns the name of the organisation that holds a, "" where unknown.
func (n *Names) Org(a route.ASN) string { return "" }

// SameOrg reports whether two different ASes belong to one organisation.
func (n *Names) SameOrg(a, b route.ASN) bool { return false }
