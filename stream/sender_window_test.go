package stream

import (
	"encoding/binary"
	"testing"
	"time"

	"pgregory.net/rapid"
)

type sent struct{ index, round uint64 }

// lossy is a server and a network that lose and delay. What reaches the server
// is stored in the order of sending, and acks come in the order of storing, as
// on one connection; any of them may be lost.
type lossy struct {
	log  []uint64 // message numbers as stored
	acks []struct {
		sent
		seq uint64
	}
}

func (l *lossy) store(s sent, number uint64, lose bool) {
	if lose {
		return
	}
	l.log = append(l.log, number)
	l.acks = append(l.acks, struct {
		sent
		seq uint64
	}{s, uint64(len(l.log))})
}

// A receiver that takes the next number and skips the rest must meet every
// message that was ever called done, whatever is lost in between.
func TestWindowNeverCountsWhatAReceiverWouldMiss(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w window
		w.slots = make([]slot, rapid.IntRange(1, 8).Draw(t, "window"))
		var net lossy
		transmit := func(i uint64) {
			number := binary.BigEndian.Uint64(w.at(i).data)
			net.store(sent{i, w.round}, number, rapid.IntRange(0, 3).Draw(t, "lose message") == 0)
		}
		now := time.Unix(0, 0)
		var done []Ack
		step := func(action int) {
			switch action {
			case 0, 1, 2:
				if !w.full() {
					transmit(w.push(binary.BigEndian.AppendUint64(nil, w.next), now))
				}
			case 3, 4, 5:
				if len(net.acks) == 0 {
					return
				}
				a := net.acks[0]
				net.acks = net.acks[1:]
				if rapid.IntRange(0, 3).Draw(t, "lose ack") > 0 {
					done = w.ack(a.index, a.round, a.seq, now, done)
				}
			default:
				w.goBack()
				for i := w.base; i < w.next; i++ {
					transmit(i)
				}
			}
		}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			step(rapid.IntRange(0, 6).Draw(t, "action"))
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
