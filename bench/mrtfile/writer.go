package mrtfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"detour/route"
)

// Types and subtypes (RFC 6396 §4).
const (
	typeTableV2 = 13
	typeET      = 17

	peerIndexTable = 1
	ribIPv4        = 2
	messageAS4     = 4

	addressIPv4 = 1
	peerAS4     = 2 // in a peer's type: ASN of four octets
)

// ErrUnfit says that an update or a route cannot stand in a recording of ours.
var ErrUnfit = errors.New("only IPv4 unicast of IPv4 peers is written")

// Writer appends records to one recording.
type Writer struct {
	out      io.Writer
	record   []byte // of the record that is being made
	attrs    []byte
	sequence uint32
}

// NewWriter returns a Writer to out, which should buffer.
func NewWriter(out io.Writer) *Writer { return &Writer{out: out} }

// begin starts a record; its length is filled in by end.
func (w *Writer) begin(at route.Time, typ, subtype uint16) {
	b := binary.BigEndian.AppendUint32(w.record[:0], uint32(at/route.Second))
	b = binary.BigEndian.AppendUint16(b, typ)
	b = binary.BigEndian.AppendUint16(b, subtype)
	w.record = append(b, 0, 0, 0, 0)
	if typ == typeET {
		w.record = binary.BigEndian.AppendUint32(w.record, uint32(at%route.Second))
	}
}

const headLen = 12

func (w *Writer) end() error {
	binary.BigEndian.PutUint32(w.record[8:], uint32(len(w.record)-headLen))
	if _, err := w.out.Write(w.record); err != nil {
		return fmt.Errorf("write recording: %w", err)
	}
	return nil
}

// Update writes an update of a session at its engine time.
func (w *Writer) Update(u *route.Update, s *route.Session) error {
	if !s.Addr.Is4() || u.Kind != route.KindUpdate {
		return ErrUnfit
	}
	for _, n := range slices.Concat(u.Announced, u.Withdrawn) {
		if n.Family != route.IPv4 {
			return ErrUnfit
		}
	}
	w.begin(u.Engine, typeET, messageAS4)
	b := binary.BigEndian.AppendUint32(w.record, uint32(s.ASN))
	b = binary.BigEndian.AppendUint32(b, uint32(s.LocalASN))
	b = append(b, 0, 0, 0, addressIPv4)
	b = append(b, s.Addr.AsSlice()...)
	b = append(b, collector[:]...)
	w.record = w.message(b, u, s)
	return w.end()
}

// collector is the address of the collector's end, of documentation space.
var collector = [4]byte{192, 0, 2, 254}

// message appends a BGP UPDATE (RFC 4271 §4.3).
func (w *Writer) message(b []byte, u *route.Update, s *route.Session) []byte {
	begun := len(b)
	b = append(b, slices.Repeat([]byte{0xff}, 16)...)
	b = append(b, 0, 0, 2) // length, and that it is an UPDATE
	at := len(b)
	b = appendNLRI(append(b, 0, 0), u.Withdrawn)
	binary.BigEndian.PutUint16(b[at:], uint16(len(b)-at-2))
	if len(u.Announced) == 0 {
		b = append(b, 0, 0)
	} else {
		attrs := w.attributes(u.Path.ASNs, s)
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(attrs))), attrs...)
		b = appendNLRI(b, u.Announced)
	}
	binary.BigEndian.PutUint16(b[begun+16:], uint16(len(b)-begun))
	return b
}

func appendNLRI(b []byte, list []route.NLRI) []byte {
	for _, n := range list {
		b = appendPrefix(b, n.Prefix())
	}
	return b
}

func appendPrefix(b []byte, p route.Prefix) []byte {
	octets := binary.BigEndian.AppendUint32(nil, uint32(p.Hi>>32))
	return append(append(b, p.Bits), octets[:(p.Bits+7)/8]...)
}

// Codes of path attributes, with their flags.
const (
	transitive = 0x40
	origin     = 1
	asPath     = 2
	nextHop    = 3
	sequence   = 2 // AS_SEQUENCE
)

// attributes returns ORIGIN, AS_PATH and NEXT_HOP; it is overwritten by the next.
func (w *Writer) attributes(path []route.ASN, s *route.Session) []byte {
	b := append(w.attrs[:0], transitive, origin, 1, 0)
	b = append(b, transitive, asPath, byte(2+4*len(path)), sequence, byte(len(path)))
	for _, a := range path {
		b = binary.BigEndian.AppendUint32(b, uint32(a))
	}
	b = append(b, transitive, nextHop, 4)
	w.attrs = append(b, s.Addr.AsSlice()...)
	return w.attrs
}

// Peers writes the index to which the routes of a table dump refer.
func (w *Writer) Peers(at route.Time, peers []route.Session) error {
	w.begin(at, typeTableV2, peerIndexTable)
	b := append(w.record, collector[:]...)
	b = binary.BigEndian.AppendUint16(append(b, 0, 0), uint16(len(peers))) // after a view without name
	for i := range peers {
		if !peers[i].Addr.Is4() {
			return ErrUnfit
		}
		b = append(append(b, peerAS4), peers[i].Addr.AsSlice()...) // its identifier
		b = append(b, peers[i].Addr.AsSlice()...)
		b = binary.BigEndian.AppendUint32(b, uint32(peers[i].ASN))
	}
	w.record = b
	return w.end()
}

// Route is one peer's way to a prefix in a table dump.
type Route struct {
	Peer    int // place in the index
	Session *route.Session
	Path    []route.ASN
}

// Prefix writes the routes to one prefix.
func (w *Writer) Prefix(at route.Time, p route.Prefix, routes []Route) error {
	if p.Family != route.IPv4 {
		return ErrUnfit
	}
	w.begin(at, typeTableV2, ribIPv4)
	b := binary.BigEndian.AppendUint32(w.record, w.sequence)
	w.sequence++
	b = binary.BigEndian.AppendUint16(appendPrefix(b, p), uint16(len(routes)))
	for _, r := range routes {
		attrs := w.attributes(r.Path, r.Session)
		b = binary.BigEndian.AppendUint16(b, uint16(r.Peer))
		b = binary.BigEndian.AppendUint32(b, uint32(at/route.Second))
		b = binary.BigEndian.AppendUint16(b, uint16(len(attrs)))
		b = append(b, attrs...)
	}
	w.record = b
	return w.end()
}
