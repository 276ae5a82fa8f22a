package live

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

func textLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

func TestWaitsDoubleUpToABoundAndBeginAnew(t *testing.T) {
	b := Backoff{Min: time.Second, Max: 8 * time.Second}
	for round := range 2 {
		for i, seconds := range []int{1, 2, 4, 8, 8, 8} {
			limit := time.Duration(seconds) * time.Second
			if got := b.Next(); got < limit/2 || got > limit {
				t.Errorf("round %d, wait %d is %v, want at most %v and at least half of it", round, i, got, limit)
			}
		}
		b.Reset()
	}
}

func TestAWatchdogGivesUpWhatIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		given := make(chan time.Time, 1)
		begin := time.Now()
		w := Watch(time.Minute, func() { given <- time.Now() })
		for range 5 {
			time.Sleep(50 * time.Second)
			w.Fed()
		}
		if w.Stalled() {
			t.Fatal("given up although fed")
		}
		if at := <-given; at.Sub(begin) != 310*time.Second || !w.Stalled() {
			t.Errorf("given up after %v", at.Sub(begin))
		}
		quiet := Watch(time.Minute, func() { t.Error("given up after Stop") })
		quiet.Stop()
		time.Sleep(time.Hour)
	})
}

// TestReadAheadChangesNothing but when things are read.
func TestReadAheadChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 0, 5000).Draw(t, "data")
		in, out := io.Pipe()
		a := NewReadAhead(in, rapid.IntRange(1, 600).Draw(t, "limit"))
		seed := rapid.Uint64().Draw(t, "cuts")
		go func() {
			cuts := rand.New(rand.NewPCG(seed, 1))
			for rest := data; len(rest) > 0; {
				n := 1 + cuts.IntN(min(len(rest), 700))
				if _, err := out.Write(rest[:n]); err != nil {
					return
				}
				rest = rest[n:]
			}
			out.CloseWithError(io.ErrUnexpectedEOF)
		}()
		var got bytes.Buffer
		cuts := rand.New(rand.NewPCG(seed, 2))
		for {
			n, err := io.CopyN(&got, a, 1+cuts.Int64N(900))
			if err != nil {
				if !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Fatalf("after %d bytes: %v", n, err)
				}
				break
			}
		}
		if !bytes.Equal(got.Bytes(), data) {
			t.Fatalf("read %d bytes of %d, or others", got.Len(), len(data))
		}
		a.Close()
	})
}

func TestReadAheadIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out := io.Pipe()
		a := NewReadAhead(in, 10)
		go func() {
			n, err := out.Write(make([]byte, 25))
			if n != 10 || err == nil {
				t.Errorf("%d bytes were taken, %v", n, err)
			}
		}()
		synctest.Wait()
		if n, full := a.Waiting(); n != 10 || full != 1 {
			t.Errorf("%d bytes wait, the limit was reached %d times", n, full)
		}
		in.Close()
		a.Close()
		if n, err := a.Read(make([]byte, 20)); n != 10 || err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
		if _, err := a.Read(make([]byte, 20)); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("after the end: %v", err)
		}
	})
}
