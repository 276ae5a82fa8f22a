package speaker

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/osrg/gobgp/v3/pkg/packet/bgp"
)

// Lengths of RFC 4271 §4.1. Longer messages (RFC 8654) are not negotiated.
const (
	headerLen  = 19
	maxMessage = 4096
)

var marker = bytes.Repeat([]byte{0xff}, 16)

// refusal is why the other side's octets are not taken, in the words of a NOTIFICATION.
type refusal struct {
	code, subcode uint8
	data          []byte
	why           string
}

func (r *refusal) Error() string { return r.why }

// readMessage reads the next message into buf, which holds maxMessage octets. An error
// is a refusal, or that of r.
func readMessage(r io.Reader, buf []byte) ([]byte, error) {
	if _, err := io.ReadFull(r, buf[:headerLen]); err != nil {
		return nil, err
	}
	if !bytes.Equal(buf[:16], marker) {
		return nil, &refusal{
			code: bgp.BGP_ERROR_MESSAGE_HEADER_ERROR, subcode: bgp.BGP_ERROR_SUB_CONNECTION_NOT_SYNCHRONIZED,
			why: "a message began with no marker",
		}
	}
	n := int(binary.BigEndian.Uint16(buf[16:]))
	if n < headerLen || n > maxMessage {
		return nil, &refusal{
			code: bgp.BGP_ERROR_MESSAGE_HEADER_ERROR, subcode: bgp.BGP_ERROR_SUB_BAD_MESSAGE_LENGTH,
			data: bytes.Clone(buf[16:18]), why: fmt.Sprintf("a message claimed to have %d octets", n),
		}
	}
	if _, err := io.ReadFull(r, buf[headerLen:n]); err != nil {
		return nil, err
	}
	return buf[:n], nil
}

// message returns a message of a type, with its body.
func message(typ uint8, body ...byte) []byte {
	m := append(bytes.Clone(marker), 0, 0, typ)
	m = append(m, body...)
	binary.BigEndian.PutUint16(m[16:], uint16(len(m)))
	return m
}

// notification returns the message that tells the other side of r.
func (r *refusal) notification() []byte {
	return message(bgp.BGP_MSG_NOTIFICATION, append([]byte{r.code, r.subcode}, r.data...)...)
}

// isEndOfRIB reports whether an UPDATE withdraws and announces nothing (RFC 4724 §2):
// it is empty, or holds an MP_UNREACH_NLRI of a family and no prefix alone.
func isEndOfRIB(m []byte) bool {
	switch len(m) {
	case headerLen + 4:
		return bytes.Equal(m[headerLen:], []byte{0, 0, 0, 0})
	case headerLen + 4 + 6: // flags, type, length 3, AFI, SAFI
		b := m[headerLen:]
		return bytes.Equal(b[:4], []byte{0, 0, 0, 6}) && b[5] == uint8(bgp.BGP_ATTR_TYPE_MP_UNREACH_NLRI) && b[6] == 3
	case headerLen + 4 + 7: // the same with an extended length
		b := m[headerLen:]
		return bytes.Equal(b[:4], []byte{0, 0, 0, 7}) && b[5] == uint8(bgp.BGP_ATTR_TYPE_MP_UNREACH_NLRI) &&
			b[6] == 0 && b[7] == 3
	}
	return false
}

// maxWords bounds what is quoted of a peer's own words.
const maxWords = 100

// notificationWords says for people what a NOTIFICATION says.
func notificationWords(m []byte) string {
	if len(m) < headerLen+2 {
		return "NOTIFICATION without a code"
	}
	code, sub, data := m[headerLen], m[headerLen+1], m[headerLen+2:]
	words := fmt.Sprintf("NOTIFICATION %d/%d (%v)", code, sub, bgp.NewNotificationErrorCode(code, sub))
	shutdown := code == bgp.BGP_ERROR_CEASE &&
		(sub == bgp.BGP_ERROR_SUB_ADMINISTRATIVE_SHUTDOWN || sub == bgp.BGP_ERROR_SUB_ADMINISTRATIVE_RESET)
	if shutdown && len(data) > 1 && int(data[0]) <= len(data)-1 { // RFC 9003
		text := data[1 : 1+int(data[0])]
		words += fmt.Sprintf(": %q", text[:min(len(text), maxWords)])
	}
	return words
}
