package decode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"detour/bench/recording"
	"detour/ingest/decode"
	"detour/ingest/mrt"
	"detour/route"
)

// BGP4MP subtypes (RFC 6396 §4.4) with messages.
const (
	message    = 1
	messageAS4 = 4
)

const afiIPv6 = 2

// own is detour's decoder with the memory that it uses again.
type own struct {
	d decode.Decoder
	u route.Update
}

// messages walks data as gobgp does, record by record: header, peer, message.
func (o *own) messages(data []byte) (s Sums, err error) {
	for len(data) >= recording.HeaderLen {
		msg, as4, next := frame(data)
		data = next
		if msg == nil {
			continue
		}
		if err := o.d.Message(msg, decode.Session{AS4: as4}, &o.u); err != nil {
			if errors.Is(err, decode.ErrNotUpdate) {
				continue
			}
			return s, fmt.Errorf("decode message: %w", err)
		}
		s.add(&o.u)
	}
	return s, nil
}

// framing walks data without decoding messages, to tell the shares apart.
func framing(data []byte) (octets uint64) {
	for len(data) >= recording.HeaderLen {
		msg, _, next := frame(data)
		data = next
		octets += uint64(len(msg))
	}
	return octets
}

// frame returns the BGP message of the first record, nil without one, and what
// stands behind the record.
func frame(data []byte) (msg []byte, as4 bool, rest []byte) {
	sub := binary.BigEndian.Uint16(data[6:])
	n := recording.HeaderLen + int(binary.BigEndian.Uint32(data[8:]))
	body := data[recording.HeaderLen:n]
	at := 4
	switch sub {
	case message:
	case messageAS4:
		at = 8
	default:
		return nil, false, data[n:]
	}
	addr := 4
	if binary.BigEndian.Uint16(body[at+2:]) == afiIPv6 {
		addr = 16
	}
	return body[at+4+2*addr:], sub == messageAS4, data[n:]
}

// records walks data with the reader that `detour dump` and `detour replay` use:
// it distrusts lengths, keeps peers, counts, and looks for ADD-PATH that nobody
// announced.
func records(data []byte) (s Sums, lines uint64, err error) {
	r := mrt.NewReader(bytes.NewReader(data), mrt.Options{Name: "memory"})
	var rec mrt.Record
	for {
		switch err := r.Next(&rec); {
		case err == io.EOF:
			if r.Report().Damaged() {
				return s, lines, errors.New("the reader takes the recording for damaged")
			}
			return s, lines, nil
		case err != nil:
			return s, lines, fmt.Errorf("read record: %w", err)
		}
		if rec.Kind == mrt.KindState {
			lines++
			continue
		}
		s.add(&rec.Update)
		lines += uint64(rec.Update.Elements())
	}
}
