package stream

import "time"

// slot holds a message in flight.
type slot struct {
	data  []byte
	first time.Time // of its first transmission, or of TrySend
	acked uint64    // sequence from an ack of this round that must wait for its turn
}

// window is the table of messages in flight: indexes base up to next, where a
// message's slot is its index modulo the size. It does no I/O.
type window struct {
	slots      []slot
	base, next uint64
	last       uint64 // sequence of message base-1
	round      uint64 // of transmission; a resend begins a new one
	roundBase  uint64 // base when the round began
	failed     bool   // nothing is transmitted until the backoff ends
	backoff    time.Duration
	timeout    time.Duration // of an ack, by how they come at present
}

func (w *window) inFlight() int       { return int(w.next - w.base) }
func (w *window) full() bool          { return w.inFlight() == len(w.slots) }
func (w *window) at(i uint64) *slot   { return &w.slots[i%uint64(len(w.slots))] }
func (w *window) holds(i uint64) bool { return i >= w.base && i < w.next }

// push adds a copy of data. The window is not full.
func (w *window) push(data []byte, now time.Time) uint64 {
	s := w.at(w.next)
	s.data = append(s.data[:0], data...)
	s.first, s.acked = now, 0
	w.next++
	return w.next - 1
}

// goBack begins a round in which all of the window is sent again.
func (w *window) goBack() {
	w.round++
	w.roundBase = w.base
	w.failed = false
	for i := w.base; i < w.next; i++ {
		w.at(i).acked = 0
	}
}

// ack takes note that message i, as sent in round, is stored under seq. It
// appends to done what is now stored in order.
//
// A message counts only when a copy of it stands behind a counted copy of its
// predecessor. The sequences say so; for the first message of a round the round
// itself does, even after the stream was made anew and counts from 1 again. Acks
// of earlier rounds count in turn only: ignoring them would never let a server
// through that is slower than the timeout.
func (w *window) ack(i, round, seq uint64, now time.Time, done []Ack) []Ack {
	if !w.holds(i) {
		return done
	}
	if i > w.base {
		if round == w.round {
			w.at(i).acked = seq
		}
		return done
	}
	if seq <= w.last && (round != w.round || i != w.roundBase) {
		return done
	}
	for {
		s := w.at(w.base)
		done = append(done, Ack{Sequence: seq, Bytes: len(s.data), Latency: now.Sub(s.first)})
		w.last = seq
		w.base++
		if w.base == w.next {
			return done
		}
		if seq = w.at(w.base).acked; seq <= w.last {
			return done
		}
	}
}
