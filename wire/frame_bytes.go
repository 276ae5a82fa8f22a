package wire

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"

	"detour/route"
)

// Bytes finishes the frame under its number: fields in the order of their
// numbers, which are the bytes that the protobuf library writes. The result is
// valid until the next call of Bytes or Reset.
func (b *FrameBuilder) Bytes(number uint64) []byte {
	p := appendBytes(b.out[:0], frmIngester, b.ingester)
	p = appendUint(p, frmEpoch, b.epoch)
	p = appendUint(p, frmNumber, number)
	p = appendUint(p, frmReceived, uint64(b.received))
	p = appendUint(p, frmBase, uint64(b.base))
	p = append(p, b.sessions.raw...)
	p = append(p, b.heads.raw...)
	p = b.appendRows(p)
	p = appendBytes(p, frmWideTimes, b.wideTimes)
	p = appendBytes(p, frmOTC, b.otc)
	p = appendBytes(p, frmSegmented, b.segmented)
	p = appendBytes(p, frmSegments, b.segments)
	p = appendWords(p, frmPath, b.asns)
	p = appendBytes(p, frmCommunities, b.communities)
	p = appendBytes(p, frmLarge, b.large)
	p = appendBytes(p, frmPrefixLength, b.prefixLength)
	p = appendWords(p, frmPrefix, b.prefix)
	p = appendBytes(p, frmPrefix64, b.prefix64)
	p = appendBytes(p, frmPrefix128, b.prefix128)
	p = appendBytes(p, frmPathID, b.pathID)
	p = appendUint(p, frmBaseNumber, b.first)
	b.out = p
	return p
}

// appendWords appends a column of four octets for each entry.
func appendWords[T route.ASN | uint32](p []byte, num protowire.Number, words []T) []byte {
	if len(words) == 0 {
		return p
	}
	p = appendLen(p, num, 4*len(words))
	at := len(p)
	p = extend(p, 4*len(words))
	q := p[at:]
	for ; len(words) >= 4 && len(q) >= 16; words, q = words[4:], q[16:] { // two in a store
		binary.LittleEndian.PutUint64(q, uint64(words[0])|uint64(words[1])<<32)
		binary.LittleEndian.PutUint64(q[8:], uint64(words[2])|uint64(words[3])<<32)
	}
	for i, w := range words {
		binary.LittleEndian.PutUint32(q[4*i:], uint32(w))
	}
	return p
}
