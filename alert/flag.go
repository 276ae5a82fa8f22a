package alert

import (
	"encoding/json"
	"net/netip"
	"strconv"

	"detour/route"
)

// Peer names the vantage point that saw something.
type Peer struct {
	Collector string     `json:"collector"`
	Address   netip.Addr `json:"address,omitzero"`
	ASN       route.ASN  `json:"asn"`
}

// Path is an AS path without prepends, the vantage point first and the origin
// last. An ASN of 0 is a hop that names no network (private, reserved, or a
// set) and is null in JSON, so that nobody takes it for a number.
type Path []route.ASN

// MarshalJSON writes an array of numbers and nulls.
func (p Path) MarshalJSON() ([]byte, error) { return appendPath(nil, p), nil }

// Flag is a fact about one prefix at one peer, told at once and unjudged. It is
// a pure function of the update log: no field depends on the number of shards,
// on framing or on a wall clock. (Ingester, Update, Prefix, Kind,
// ExpectedOrigin) identifies it. Whoever fills a Flag may fill it again; its
// slices are only read.
type Flag struct {
	Version         int          `json:"version"`
	Kind            Kind         `json:"kind"`
	Prefix          route.Prefix `json:"prefix"`
	ExpectedOrigin  route.ASN    `json:"expected_origin,omitempty"` // absent when unknown
	AnnouncedOrigin route.ASN    `json:"announced_origin,omitempty"`
	Peer            Peer         `json:"peer"`
	Time            route.Time   `json:"time"`                  // engine time
	Before          Path         `json:"path_before,omitempty"` // absent when this peer had no path
	After           Path         `json:"path_after"`
	Newcomers       []route.ASN  `json:"newcomers,omitempty"` // on-path ASNs that the baseline lacks
	Unique          uint8        `json:"unique"`              // ASes on After
	Longest         uint8        `json:"longest,omitempty"`   // longest held unique length, absent when unknown
	MoreSpecific    bool         `json:"more_specific,omitempty"`
	Ingester        string       `json:"ingester"`
	Update          uint64       `json:"update"` // the ingester's update number
}

// AppendJSON appends f as one line of JSON without the line's end, byte for
// byte as encoding/json would write it. It allocates nothing when dst has room
// and the names in f are plain ASCII.
func (f *Flag) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"version":`...)
	dst = strconv.AppendInt(dst, int64(f.Version), 10)
	dst = appendString(append(dst, `,"kind":`...), string(f.Kind))
	dst = append(dst, `,"prefix":"`...)
	dst, _ = f.Prefix.AppendText(dst)
	dst = append(dst, '"')
	dst = appendNumber(dst, `,"expected_origin":`, uint64(f.ExpectedOrigin))
	dst = appendNumber(dst, `,"announced_origin":`, uint64(f.AnnouncedOrigin))
	dst = appendString(append(dst, `,"peer":{"collector":`...), f.Peer.Collector)
	if f.Peer.Address.IsValid() {
		dst = append(dst, `,"address":`...)
		dst = appendAddr(dst, f.Peer.Address)
	}
	dst = append(dst, `,"asn":`...)
	dst = strconv.AppendUint(dst, uint64(f.Peer.ASN), 10)
	dst = append(dst, `},"time":"`...)
	dst, _ = f.Time.AppendText(dst)
	dst = append(dst, '"')
	if len(f.Before) > 0 {
		dst = appendPath(append(dst, `,"path_before":`...), f.Before)
	}
	dst = appendPath(append(dst, `,"path_after":`...), f.After)
	if len(f.Newcomers) > 0 {
		dst = append(dst, `,"newcomers":[`...)
		for i, asn := range f.Newcomers {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = strconv.AppendUint(dst, uint64(asn), 10)
		}
		dst = append(dst, ']')
	}
	dst = append(dst, `,"unique":`...)
	dst = strconv.AppendUint(dst, uint64(f.Unique), 10)
	dst = appendNumber(dst, `,"longest":`, uint64(f.Longest))
	if f.MoreSpecific {
		dst = append(dst, `,"more_specific":true`...)
	}
	dst = appendString(append(dst, `,"ingester":`...), f.Ingester)
	dst = append(dst, `,"update":`...)
	dst = strconv.AppendUint(dst, f.Update, 10)
	return append(dst, '}')
}

// appendNumber appends a key and its number, nothing for 0.
func appendNumber(dst []byte, key string, n uint64) []byte {
	if n == 0 {
		return dst
	}
	return strconv.AppendUint(append(dst, key...), n, 10)
}

func appendPath(dst []byte, p Path) []byte {
	dst = append(dst, '[')
	for i, asn := range p {
		if i > 0 {
			dst = append(dst, ',')
		}
		if asn == 0 {
			dst = append(dst, "null"...)
			continue
		}
		dst = strconv.AppendUint(dst, uint64(asn), 10)
	}
	return append(dst, ']')
}

// appendAddr appends an address as a string. A zone is the only part that may
// need escaping.
func appendAddr(dst []byte, a netip.Addr) []byte {
	if a.Zone() != "" {
		return appendString(dst, a.String())
	}
	return append(a.AppendTo(append(dst, '"')), '"')
}

// appendString leaves everything but plain ASCII to encoding/json: names of
// collectors and ingesters come from outside.
func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // cannot fail for a string
			return append(dst, quoted...)
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}
