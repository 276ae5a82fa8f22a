package stream

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// errRefused is an answer that no resend will change.
var errRefused = errors.New("message refused by the server")

// codeMessageTooLarge is JetStream's code for a message beyond max_msg_size.
const codeMessageTooLarge = 10054

var (
	ackSeq   = []byte(`"seq":`)
	ackError = []byte(`"error"`)
)

// parseAck returns the sequence under which JetStream stored the message that m
// answers. It reads the server's usual form without a JSON decoder.
func parseAck(m *nats.Msg) (uint64, error) {
	if len(m.Data) == 0 {
		return 0, fmt.Errorf("no ack: status %q", m.Header.Get("Status"))
	}
	if bytes.Contains(m.Data, ackError) {
		return 0, ackFailure(m.Data)
	}
	at := bytes.Index(m.Data, ackSeq)
	if at < 0 {
		return 0, fmt.Errorf("ack without a sequence: %.100q", m.Data)
	}
	digits := bytes.TrimLeft(m.Data[at+len(ackSeq):], " ")
	var seq uint64
	for i, c := range digits {
		if c < '0' || c > '9' || i == 19 { // 19 digits always fit
			break
		}
		seq = seq*10 + uint64(c-'0')
	}
	if seq == 0 {
		return 0, fmt.Errorf("ack without a sequence: %.100q", m.Data)
	}
	return seq, nil
}

func ackFailure(data []byte) error {
	var answer struct {
		Error jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return fmt.Errorf("read ack: %w", err)
	}
	if answer.Error.ErrorCode == codeMessageTooLarge {
		return fmt.Errorf("%w: %w", errRefused, &answer.Error)
	}
	return &answer.Error
}

// replies makes and reads the reply subjects of a Sender: a common prefix, the
// round of transmission and the message's index.
type replies struct {
	prefix  string // ends with a dot
	scratch []byte
}

func (r *replies) subject(round, index uint64) string {
	b := append(r.scratch[:0], r.prefix...)
	b = strconv.AppendUint(b, round, 10)
	b = append(b, '.')
	b = strconv.AppendUint(b, index, 10)
	r.scratch = b
	return string(b)
}

func (r *replies) parse(subject string) (round, index uint64, ok bool) {
	rest, ok := strings.CutPrefix(subject, r.prefix)
	if !ok {
		return 0, 0, false
	}
	first, second, ok := strings.Cut(rest, ".")
	if !ok {
		return 0, 0, false
	}
	round, err1 := strconv.ParseUint(first, 10, 64)
	index, err2 := strconv.ParseUint(second, 10, 64)
	return round, index, err1 == nil && err2 == nil
}
