package feed

import (
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"pgregory.net/rapid"
)

// TestSeenTakesNothingForSeenThatWasNot, and with few holes knows all that was.
func TestSeenTakesNothingForSeenThatWasNot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.SampledFrom([]uint64{20, 3000}).Draw(t, "most")
		var s seen
		was := map[uint64]bool{}
		for _, n := range rapid.SliceOfN(rapid.Uint64Range(1, most), 0, 600).Draw(t, "sequences") {
			first := s.add(n)
			if !first && !was[n] {
				t.Fatalf("%d was taken for seen", n)
			}
			if first && was[n] && most == 20 {
				t.Fatalf("%d was not known", n)
			}
			was[n] = true
			if len(s.holes) > maxHoles || !slices.IsSortedFunc(s.holes, func(a, b hole) int { return int(a.to) - int(b.from) }) {
				t.Fatalf("holes %v", s.holes)
			}
		}
	})
}

// numbered is a message of a sequence, behind which so many wait.
type numbered struct {
	jetstream.Msg
	sequence, behind uint64
	acked            *[]uint64
}

func (m *numbered) Data() []byte      { return []byte{byte('0' + m.sequence)} }
func (m *numbered) InProgress() error { return nil }

func (m *numbered) Ack() error {
	*m.acked = append(*m.acked, m.sequence)
	return nil
}

func (m *numbered) Metadata() (*jetstream.MsgMetadata, error) {
	return &jetstream.MsgMetadata{
		NumDelivered: 1, NumPending: m.behind, Timestamp: time.Unix(1, 0),
		Sequence: jetstream.SequencePair{Stream: m.sequence},
	}, nil
}

// TestWhatALostConnectionSwallowedIsWrittenLate instead of being taken for written: 3
// and 4 were sent, and come again behind 5 and 6. None is acked before it is safe.
func TestWhatALostConnectionSwallowedIsWrittenLate(t *testing.T) {
	sink := newShelf()
	f, err := New(Config{Name: "test"}, Deps{Sink: sink})
	if err != nil {
		t.Fatal(err)
	}
	var acked []uint64
	for _, step := range []struct {
		sequence, behind uint64
		lines            string
		acked            int
	}{
		{1, 9, "1", 0},
		{2, 0, "12", 2},
		{5, 1, "125", 2},
		{6, 0, "1256", 4},
		{3, 9, "12563", 4},
		{3, 9, "12563", 4},
		{2, 9, "12563", 4}, // not all is safe, so nothing is acked
		{4, 0, "125634", 6},
		{5, 9, "125634", 7}, // its ack was lost
		{7, 0, "1256347", 8},
	} {
		if err := f.deliver(t.Context(), &numbered{sequence: step.sequence, behind: step.behind, acked: &acked}); err != nil {
			t.Fatal(err)
		}
		lines := ""
		for _, l := range sink.lines {
			lines += l
		}
		if lines != step.lines || len(acked) != step.acked || sink.flushed > len(sink.lines) {
			t.Errorf("after %d: %s written, %v acked; want %s, %d", step.sequence, lines, acked, step.lines, step.acked)
		}
	}
}
