package bmp_test

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"testing"
)

// segment is what a TCP segment carries.
type segment struct {
	seq  uint32
	data []byte
}

// flows returns the octets that each sender of a capture sent over TCP, in order of
// sequence numbers: what was sent twice counts once.
func flows(t *testing.T, path string) map[string][]byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	if len(raw) < 24 || le.Uint32(raw) != 0xa1b2c3d4 || le.Uint32(raw[20:]) != 1 {
		t.Fatalf("%s: no little-endian capture of Ethernet", path)
	}
	segments := map[string][]segment{}
	for raw = raw[24:]; len(raw) >= 16; {
		n := int(le.Uint32(raw[8:]))
		from, seg := tcp(raw[16 : 16+n])
		if len(seg.data) > 0 {
			segments[from] = append(segments[from], seg)
		}
		raw = raw[16+n:]
	}
	out := map[string][]byte{}
	for from, list := range segments {
		slices.SortStableFunc(list, func(a, b segment) int { return cmp.Compare(a.seq, b.seq) })
		next := list[0].seq
		for _, s := range list {
			switch {
			case s.seq > next:
				t.Fatalf("%s: octets %d to %d of %s are missing", path, next, s.seq, from)
			case int(next-s.seq) < len(s.data):
				out[from] = append(out[from], s.data[next-s.seq:]...)
				next = s.seq + uint32(len(s.data))
			}
		}
	}
	return out
}

// tcp takes a frame apart; empty where it is no TCP.
func tcp(frame []byte) (from string, s segment) {
	be := binary.BigEndian
	typ, p := be.Uint16(frame[12:]), frame[14:]
	for typ == 0x8100 || typ == 0x88a8 {
		typ, p = be.Uint16(p[2:]), p[4:]
	}
	var proto uint8
	switch typ {
	case 0x0800:
		head, total := int(p[0]&15)*4, int(be.Uint16(p[2:]))
		proto, from, p = p[9], fmt.Sprintf("%x", p[12:16]), p[head:total]
	case 0x86dd:
		proto, from, p = p[6], fmt.Sprintf("%x", p[8:24]), p[40:40+int(be.Uint16(p[4:]))]
	}
	if proto != 6 {
		return "", s
	}
	from += fmt.Sprintf(":%d", be.Uint16(p))
	return from, segment{seq: be.Uint32(p[4:]), data: p[int(p[12]>>4)*4:]}
}
