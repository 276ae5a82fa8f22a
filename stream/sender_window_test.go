package stream

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What may happen next in the model. What is never drawn is lost.
const (
	send = iota
	ack
	timeout
	arrive
)

type sent struct{ index, round uint64 }

// lossy is a server and a network that lose and delay: messages overtake one
// another as around a reconnect, acks come in any order, late, or not at all.
type lossy struct {
	log  []uint64 // message numbers as stored
	late []stray
	acks []stray
}

type stray struct {
	sent
	number, seq uint64
}

func (l *lossy) store(s stray) {
	l.log = append(l.log, s.number)
	s.seq = uint64(len(l.log))
	l.acks = append(l.acks, s)
}

// take removes one at random.
func take(t *rapid.T, from *[]stray) (s stray, ok bool) {
	if len(*from) == 0 {
		return s, false
	}
	at := rapid.IntRange(0, len(*from)-1).Draw(t, "at")
	s = (*from)[at]
	*from = slices.Delete(*from, at, at+1)
	return s, true
}

// A receiver that takes the next number and skips the rest must meet every
// message that was ever called done, whatever is lost in between.
func TestWindowNeverCountsWhatAReceiverWouldMiss(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w window
		w.slots = make([]slot, rapid.IntRange(1, 8).Draw(t, "window"))
		var net lossy
		transmit := func(i uint64) {
			m := stray{sent: sent{i, w.round}, number: binary.BigEndian.Uint64(w.at(i).data)}
			if rapid.Bool().Draw(t, "arrives") {
				net.store(m)
			} else {
				net.late = append(net.late, m)
			}
		}
		now := time.Unix(0, 0)
		var done []Ack
		step := func(action int) {
			switch action {
			case send:
				if !w.full() {
					transmit(w.push(binary.BigEndian.AppendUint64(nil, w.next), now))
				}
			case ack:
				if a, ok := take(t, &net.acks); ok {
					done = w.ack(a.index, a.round, a.seq, now, done)
				}
			case arrive:
				if m, ok := take(t, &net.late); ok {
					net.store(m)
				}
			case timeout:
				w.goBack()
				for i := w.base; i < w.next; i++ {
					transmit(i)
				}
			}
		}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			step(rapid.SampledFrom([]int{send, ack, send, timeout, ack, ack, arrive}).Draw(t, "action"))
		}
		if uint64(len(done)) != w.base {
			t.Fatalf("%d messages called done, base is %d", len(done), w.base)
		}
		var next uint64
		for _, number := range net.log {
			if number == next {
				next++
			}
		}
		if next < w.base {
			t.Fatalf("log %v: a receiver gets %d messages in order, %d were called done", net.log, next, w.base)
		}
	})
}

// Acks that are late by more than the timeout must still move the window.
func TestWindowMovesWithAServerSlowerThanTheTimeout(t *testing.T) {
	w := window{slots: make([]slot, 4)}
	w.goBack()
	for i := range uint64(4) {
		w.push([]byte{byte(i)}, time.Time{})
	}
	old := w.round
	w.goBack()
	var done []Ack
	for i := range uint64(4) {
		done = w.ack(i, old, i+1, time.Time{}, done)
	}
	if len(done) != 4 {
		t.Errorf("%d of 4 acks of the earlier round counted", len(done))
	}
}

func TestWindowFollowsAStreamThatWasMadeAnew(t *testing.T) {
	w := window{slots: make([]slot, 2), last: 1000}
	w.push(nil, time.Time{})
	w.push(nil, time.Time{})
	if done := w.ack(1, 0, 1001, time.Time{}, nil); len(done) != 0 {
		t.Fatal("a message counted before its predecessor")
	}
	w.goBack()
	if done := w.ack(0, w.round, 1, time.Time{}, nil); len(done) != 1 {
		t.Fatal("the first message of a round was not taken at its word")
	}
	if done := w.ack(1, w.round, 2, time.Time{}, nil); len(done) != 1 || w.last != 2 {
		t.Fatal("the second message did not follow")
	}
}
