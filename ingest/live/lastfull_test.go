package live

import (
	"io"
	"testing"
	"testing/synctest"
	"time"
)

func TestLastFullSaysWhenReadingHadToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		a := NewReadAhead(r, 4)
		send := func(s string) {
			if _, err := io.WriteString(w, s); err != nil {
				t.Error(err)
			}
		}
		send("abc")
		synctest.Wait()
		if !a.LastFull().IsZero() {
			t.Error("full with three bytes of four")
		}
		send("d")
		time.Sleep(time.Minute)
		if got := a.LastFull(); got != time.Now() {
			t.Errorf("full, but last at %v", got)
		}
		buf := make([]byte, 2)
		if _, err := a.Read(buf); err != nil {
			t.Fatal(err)
		}
		at := time.Now()
		time.Sleep(time.Minute)
		if got := a.LastFull(); got != at {
			t.Errorf("last full at %v, want %v", got, at)
		}
		w.Close()
		a.Close()
	})
}
