package reference

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"detour/route"
)

// maxLinks bounds a relationship file; CAIDA's serial-2 of June 2026 has 758,233.
const maxLinks = 8 << 20

// ReadRelationships reads CAIDA's AS relationships, serial-1 or serial-2: lines
// provider|customer|-1 and peer|peer|0, to which serial-2 adds the source; "#"
// begins a comment. The input may be compressed with gzip or bzip2. A line that
// cannot be read makes the whole file an error, which names the first of them.
func ReadRelationships(r io.Reader) (*Relationships, error) {
	out, err := readRelationships(r)
	if err != nil {
		return nil, fmt.Errorf("read relationships: %w", err)
	}
	return out, nil
}

// OpenRelationships is ReadRelationships for the file at path.
func OpenRelationships(path string) (out *Relationships, err error) {
	err = openFile(path, func(r io.Reader) error {
		out, err = readRelationships(r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read relationships: %w", err)
	}
	return out, nil
}

func readRelationships(src io.Reader) (*Relationships, error) {
	in, err := unpack(src)
	if err != nil {
		return nil, err
	}
	r := &Relationships{}
	var bad problems
	err = eachLine(in, func(line int, text []byte) {
		if len(text) == 0 || text[0] == '#' {
			return
		}
		a, b, rel, err := parseLink(text)
		if err == nil {
			err = r.add(a, b, rel)
		}
		if err != nil {
			bad.at(line, "%v", err)
		}
	})
	if err != nil {
		bad.add("%v", err)
	}
	if err := bad.err(); err != nil {
		return nil, err
	}
	if r.links == 0 {
		return nil, errors.New("the file has no links: lines like 701|14|-1 are expected")
	}
	r.count()
	return r, nil
}

// parseLink reads a line; rel is what b is to a.
func parseLink(text []byte) (a, b route.ASN, rel Relation, err error) {
	first, rest, _ := bytes.Cut(text, []byte("|"))
	second, rest, _ := bytes.Cut(rest, []byte("|"))
	kind, _, _ := bytes.Cut(rest, []byte("|"))
	switch string(kind) {
	case "-1":
		rel = Customer
	case "0":
		rel = Peer
	case "":
		return 0, 0, 0, fmt.Errorf("%s is not of the form AS|AS|relation", quote(string(text)))
	default:
		return 0, 0, 0, fmt.Errorf("relation %s is neither -1 (provider|customer) nor 0 (peers)", quote(string(kind)))
	}
	if a, err = asnOf(first); err != nil {
		return 0, 0, 0, err
	}
	if b, err = asnOf(second); err != nil {
		return 0, 0, 0, err
	}
	if a == b {
		return 0, 0, 0, fmt.Errorf("AS %s has a link to itself", a)
	}
	return a, b, rel, nil
}

// asnOf is parseASN for digits alone; it makes no string unless it fails.
func asnOf(digits []byte) (route.ASN, error) {
	n := uint64(0)
	for _, c := range digits {
		if c < '0' || c > '9' || len(digits) > 10 {
			return parseASN(string(digits))
		}
		n = n*10 + uint64(c-'0')
	}
	if n == 0 || n > 1<<32-1 {
		return parseASN(string(digits))
	}
	return route.ASN(n), nil
}

// add takes a link; the same link again is fine, another relation is not.
func (r *Relationships) add(a, b route.ASN, rel Relation) error {
	if a > b {
		a, b, rel = b, a, rel.inverse()
	}
	if 4*(r.links+1) > 3*len(r.pairs) {
		r.grow()
	}
	i := r.slot(pairOf(a, b))
	switch {
	case r.pairs[i] != 0 && r.rels[i] != rel:
		return fmt.Errorf("AS %s and AS %s stand with another relation above: delete one of the lines", a, b)
	case r.pairs[i] != 0:
		return nil
	case r.links == maxLinks:
		return fmt.Errorf("more than %d links: is this the right file?", maxLinks)
	}
	r.pairs[i], r.rels[i] = pairOf(a, b), rel
	r.links++
	return nil
}

func (r *Relationships) grow() {
	pairs, rels := r.pairs, r.rels
	size := max(64, 2*len(pairs))
	r.pairs, r.rels = make([]uint64, size), make([]Relation, size)
	for i, pair := range pairs {
		if pair != 0 {
			j := r.slot(pair)
			r.pairs[j], r.rels[j] = pair, rels[i]
		}
	}
}

// count fills the degrees of each AS.
func (r *Relationships) count() {
	degree := func(a route.ASN) *degrees {
		i, isNew := r.index.add(a)
		if isNew {
			r.ases = append(r.ases, degrees{})
		}
		return &r.ases[i]
	}
	note := func(a route.ASN, rel Relation) {
		if rel == Customer {
			degree(a).customers++
		} else {
			degree(a).upward++
		}
	}
	for i, pair := range r.pairs {
		if pair != 0 {
			note(route.ASN(pair>>32), r.rels[i])
			note(route.ASN(pair), r.rels[i].inverse())
		}
	}
	r.ases = slices.Clip(r.ases)
}
