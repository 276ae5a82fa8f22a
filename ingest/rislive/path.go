package rislive

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"detour/route"
)

// hop is an element of a path in JSON: an ASN, or the members of an AS_SET.
type hop struct {
	asn route.ASN
	set []route.ASN
}

// UnmarshalJSON reads a number, a number in quotes, or a list of them.
func (h *hop) UnmarshalJSON(b []byte) error {
	h.asn, h.set = 0, h.set[:0]
	if len(b) == 0 || b[0] != '[' {
		asn, err := asnOf(b)
		h.asn = asn
		return err
	}
	var members []value
	if err := json.Unmarshal(b, &members); err != nil {
		return err
	}
	if len(members) == 0 {
		return errors.New("empty AS_SET")
	}
	for _, m := range members {
		asn, err := asnOf(m)
		if err != nil {
			return err
		}
		h.set = append(h.set, asn)
	}
	return nil
}

// asnOf reads an ASN. AS 0 makes a path malformed (RFC 7607 §2).
func asnOf(v value) (route.ASN, error) {
	n, err := strconv.ParseUint(string(v.text()), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("read ASN: %w", err)
	}
	if n == 0 {
		return 0, errors.New("AS 0 in a path")
	}
	return route.ASN(n), nil
}

// path lays the hops flat.
func (p *projection) path() error {
	to := &p.update.Path
	for i := range p.hops {
		h := &p.hops[i]
		segment := route.Segment{Type: route.ASSequence, Count: 1}
		if len(h.set) > 0 {
			segment = route.Segment{Type: route.ASSet, Count: uint16(len(h.set))}
			to.ASNs = append(to.ASNs, h.set...)
		} else {
			to.ASNs = append(to.ASNs, h.asn)
		}
		if len(to.ASNs) > maxASNs {
			return errTooLarge
		}
		n := len(to.Segments)
		if n > 0 && segment.Type == route.ASSequence && to.Segments[n-1].Type == route.ASSequence {
			to.Segments[n-1].Count++
			continue
		}
		to.Segments = append(to.Segments, segment)
	}
	if len(to.Segments) == 1 && to.Segments[0].Type == route.ASSequence {
		to.Segments = to.Segments[:0]
	}
	p.update.Flags |= route.FlagHasPath
	return nil
}

// holds reports whether the numbers in v, which is a path, are these.
func (v value) holds(asns []route.ASN) bool {
	for i := 0; i < len(v); i++ {
		if v[i] < '0' || v[i] > '9' {
			continue
		}
		n := uint64(0)
		for ; i < len(v) && v[i] >= '0' && v[i] <= '9'; i++ {
			n = min(10*n+uint64(v[i]-'0'), math.MaxUint32+1)
		}
		if len(asns) == 0 || n != uint64(asns[0]) {
			return false
		}
		asns = asns[1:]
	}
	return len(asns) == 0
}
