package reference

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxVRPs bounds a file of payloads; the Internet has some 0.8 million.
const maxVRPs = 8 << 20

// ReadVRPs reads validated ROA payloads as JSON: an object with the array "roas"
// (rpki-client, Routinator, the validators' export) or "data" (the list of the
// RIPE validator 3), or that array alone. An element has prefix, asn (a number,
// or text with or without "AS") and maxLength, without which it is the prefix's
// length; anything else is skipped. The input may be compressed with gzip or
// bzip2. An element that cannot be read makes the whole file an error.
func ReadVRPs(r io.Reader) (*VRPs, error) {
	out, err := readVRPs(r)
	if err != nil {
		return nil, fmt.Errorf("read vrps: %w", err)
	}
	return out, nil
}

// OpenVRPs is ReadVRPs for the file at path.
func OpenVRPs(path string) (out *VRPs, err error) {
	err = openFile(path, func(r io.Reader) error {
		out, err = readVRPs(r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read vrps: %w", err)
	}
	return out, nil
}

func readVRPs(src io.Reader) (*VRPs, error) {
	in, err := unpack(src)
	if err != nil {
		return nil, err
	}
	l := vrpList{dec: json.NewDecoder(in)}
	if err := l.document(); err != nil {
		return nil, err
	}
	if err := l.bad.err(); err != nil {
		return nil, err
	}
	slices.SortFunc(l.list, vrp.compare)
	return newVRPs(slices.Compact(l.list)), nil
}

// vrpList reads payloads one by one, so that only they are held.
type vrpList struct {
	dec  *json.Decoder
	list []vrp
	n    int // elements read, also bad ones
	bad  problems
}

// document reads all of the input. Its error is one after which JSON makes no
// sense any more; others are in bad.
func (l *vrpList) document() error {
	start, err := l.token()
	if err != nil {
		return err
	}
	found := start == json.Delim('[')
	switch start {
	case json.Delim('['):
		err = l.elements()
	case json.Delim('{'):
		found, err = l.members()
	default:
		return errors.New("neither a JSON object nor an array: is this a validator's JSON?")
	}
	if err != nil {
		return err
	}
	if !found {
		return errors.New(`no array "roas" or "data" in the object: is this a validator's JSON?`)
	}
	if _, err := l.dec.Token(); err != io.EOF {
		return fmt.Errorf("something follows the JSON at byte %d", l.dec.InputOffset())
	}
	return nil
}

// members reads the rest of an object and reports whether it had payloads.
func (l *vrpList) members() (found bool, err error) {
	for l.dec.More() {
		key, err := l.token()
		if err != nil {
			return found, err
		}
		if key != "roas" && key != "data" {
			var skipped json.RawMessage
			if err := l.dec.Decode(&skipped); err != nil {
				return found, l.syntax(err)
			}
			continue
		}
		open, err := l.token()
		if err != nil {
			return found, err
		}
		if open != json.Delim('[') {
			return found, fmt.Errorf("%q is no array (byte %d)", key, l.dec.InputOffset())
		}
		if err := l.elements(); err != nil {
			return found, err
		}
		found = true
	}
	_, err = l.token()
	return found, err
}

// elements reads the rest of an array of payloads.
func (l *vrpList) elements() error {
	for l.dec.More() {
		l.n++
		if l.n > maxVRPs {
			return fmt.Errorf("more than %d payloads: is this the right file?", maxVRPs)
		}
		var e element
		err := l.dec.Decode(&e)
		var kind *json.UnmarshalTypeError
		if err != nil && !errors.As(err, &kind) {
			return l.syntax(err)
		}
		if err == nil {
			var v vrp
			if v, err = e.vrp(); err == nil {
				l.list = append(l.list, v)
			}
		}
		if err != nil {
			l.bad.add("payload %d (byte %d): %v", l.n, l.dec.InputOffset(), err)
		}
	}
	_, err := l.token()
	return err
}

func (l *vrpList) token() (json.Token, error) {
	t, err := l.dec.Token()
	if err != nil {
		return nil, l.syntax(err)
	}
	return t, nil
}

func (l *vrpList) syntax(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("json near byte %d: %w", l.dec.InputOffset(), err)
}

// element is a payload as validators write it.
type element struct {
	Prefix    string      `json:"prefix"`
	ASN       asnJSON     `json:"asn"`
	MaxLength json.Number `json:"maxLength"`
}

// asnJSON is a number, or text with or without "AS".
type asnJSON string

// UnmarshalJSON takes the text of a string, or the number as it stands.
func (a *asnJSON) UnmarshalJSON(b []byte) error {
	*a = asnJSON(strings.Trim(string(b), `"`))
	return nil
}

// vrp checks e. AS 0 is fine here: it says that nobody may announce the prefix.
func (e element) vrp() (vrp, error) {
	p, hostBits, err := parsePrefix(e.Prefix)
	if err != nil {
		return vrp{}, err
	}
	if hostBits {
		return vrp{}, fmt.Errorf("prefix %s has bits beyond its length", e.Prefix)
	}
	out := vrp{prefix: p, maxBits: p.Bits}
	if digits := strings.TrimPrefix(strings.ToUpper(string(e.ASN)), "AS"); digits != "0" {
		if out.asn, err = parseASN(string(e.ASN)); err != nil {
			return vrp{}, fmt.Errorf("%s: %w", e.Prefix, err)
		}
	}
	if e.MaxLength == "" {
		return out, nil
	}
	n, err := e.MaxLength.Int64()
	if err != nil || n < int64(p.Bits) || n > int64(p.Family.MaxBits()) {
		return vrp{}, fmt.Errorf("%s: maxLength %s is not between %d and %d",
			e.Prefix, quote(e.MaxLength.String()), p.Bits, p.Family.MaxBits())
	}
	out.maxBits = uint8(n)
	return out, nil
}
