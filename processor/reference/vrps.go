package reference

import (
	"errors"
	"io"

	"detour/route"
)

// Validity is the state of a route under RFC 6811, with invalid in two.
type Validity uint8

// InvalidLength: a covering VRP names the origin, but none its length.
const (
	NotFound Validity = iota
	Valid
	InvalidOrigin
	InvalidLength
)

// VRPs are validated ROA payloads.
type VRPs struct{}

// ReadVRPs reads the JSON of rpki-client, Routinator or the RIPE validator 3.
func ReadVRPs(r io.Reader) (*VRPs, error) { return nil, errors.ErrUnsupported }

// OpenVRPs reads path, which may be compressed.
func OpenVRPs(path string) (*VRPs, error) { return nil, errors.ErrUnsupported }

// Validate returns the state of a route to p that origin announces.
func (v *VRPs) Validate(p route.Prefix, origin route.ASN) Validity { return NotFound }

// Len returns the number of distinct payloads.
func (v *VRPs) Len() int { return 0 }
