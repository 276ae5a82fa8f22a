package decode_test

import (
	"encoding/binary"
	"testing"

	"detour/ingest/decode"
	"detour/route"
)

// Attribute flags as senders set them.
const (
	wellKnown     = 0x40
	optional      = 0x80
	optTransitive = 0xc0
	extended      = 0x10
)

var (
	wide   = decode.Session{AS4: true}
	narrow = decode.Session{}
)

// b joins octets and runs of octets.
func b(parts ...any) []byte {
	var out []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			out = append(out, byte(p))
		case []byte:
			out = append(out, p...)
		default:
			panic("b takes int and []byte")
		}
	}
	return out
}

func attr(flags, typ int, value ...any) []byte {
	v := b(value...)
	if len(v) > 255 {
		flags |= extended
	}
	if flags&extended != 0 {
		return b(flags, typ, len(v)>>8, len(v)&255, v)
	}
	return b(flags, typ, len(v), v)
}

func message(typ int, body []byte) []byte {
	msg := make([]byte, 19, 19+len(body))
	for i := range 16 {
		msg[i] = 0xff
	}
	binary.BigEndian.PutUint16(msg[16:], uint16(19+len(body)))
	msg[18] = byte(typ)
	return append(msg, body...)
}

func update(withdrawn, attrs, nlri []byte) []byte {
	return message(2, b(len(withdrawn)>>8, len(withdrawn)&255, withdrawn, len(attrs)>>8, len(attrs)&255, attrs, nlri))
}

// seq4 and seq2 are segments of the type with ASNs of four and two octets.
func seg4(typ int, asns ...uint32) []byte {
	out := b(typ, len(asns))
	for _, a := range asns {
		out = binary.BigEndian.AppendUint32(out, a)
	}
	return out
}

func seg2(typ int, asns ...uint16) []byte {
	out := b(typ, len(asns))
	for _, a := range asns {
		out = binary.BigEndian.AppendUint16(out, a)
	}
	return out
}

// Parts of ordinary messages.
var (
	origin   = attr(wellKnown, 1, 0)
	path4    = attr(wellKnown, 2, seg4(2, 3356, 196615))
	nextHop  = attr(wellKnown, 3, 192, 0, 2, 1)
	basic4   = b(origin, path4, nextHop)
	ten8     = b(8, 10)
	docs24   = b(24, 192, 0, 2)
	next6    = b(0x20, 0x01, 0x0d, 0xb8, make([]byte, 11), 1)
	docs6    = b(32, 0x20, 0x01, 0x0d, 0xb8)
	reach6   = attr(optional, 14, 0, 2, 1, 16, next6, 0, docs6)
	unreach6 = attr(optional, 15, 0, 2, 1, docs6)
)

func nlri(s string) route.NLRI { return route.MustPrefix(s).NLRI(0) }

func asns(list ...route.ASN) []route.ASN { return list }

// must decodes msg and fails the test on an error.
func must(t *testing.T, d *decode.Decoder, msg []byte, s decode.Session) *route.Update {
	t.Helper()
	var u route.Update
	if err := d.Message(msg, s, &u); err != nil {
		t.Fatalf("decode: %v", err)
	}
	return &u
}

// reasons returns the counts that are not zero.
func reasons(d *decode.Decoder) map[decode.Reason]uint64 {
	out := map[decode.Reason]uint64{}
	for i, n := range d.Counters.Reasons {
		if n > 0 {
			out[decode.Reason(i)] = n
		}
	}
	return out
}
