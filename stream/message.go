package stream

import (
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"

	"detour/route"
)

// Message is one stored message as a Reader hands it out. The Reader reuses the
// struct; Data and Header belong to the handler and stay valid after it returns.
type Message struct {
	Sequence uint64
	Hole     uint64 // sequences that are missing right before this one
	Pending  uint64 // messages in the stream behind this one when the server sent it; 0 = caught up
	// Stored is when the server stored the message. It is part of the log: each
	// reader, at any time, is told the same.
	Stored  route.Time
	Subject string
	Header  nats.Header
	Data    []byte
}

const ackPrefix = "$JS.ACK."

// delivery is what a delivered message's reply subject says of it.
type delivery struct {
	sequence uint64 // in the stream
	consumer uint64 // count of the consumer's deliveries, from 1 without a gap
	stored   uint64 // nanoseconds since 1970
	pending  uint64 // messages behind this one
}

// deliveryOf reads one, without allocating, from
//
//	$JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.<count>.<time>.<pending>
//	$JS.ACK.<domain>.<account>.<stream>.<consumer>.<delivered>.<sequence>.<count>.<time>.<pending>[.<token>]
func deliveryOf(reply string) (d delivery, ok bool) {
	rest, ok := strings.CutPrefix(reply, ackPrefix)
	if !ok {
		return d, false
	}
	at := 3 // of the sequence among the tokens
	if strings.Count(rest, ".") > 6 {
		at = 5
	}
	for i := 0; i <= at+3; i++ {
		var token string
		token, rest, _ = strings.Cut(rest, ".")
		switch i {
		case at:
			d.sequence = decimal(token)
		case at + 1:
			d.consumer = decimal(token)
		case at + 2:
			d.stored = decimal(token)
		case at + 3:
			n, err := strconv.ParseUint(token, 10, 64)
			d.pending = n
			return d, err == nil && d.sequence != 0 && d.consumer != 0
		}
	}
	return d, false
}

// decimal returns 0 for what is no number.
func decimal(s string) uint64 {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
