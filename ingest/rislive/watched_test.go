package rislive

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"detour/ingest/live"
)

// dripping gives its text each 20 seconds.
type dripping string

func (d dripping) Read(p []byte) (int, error) {
	<-time.After(20 * time.Second)
	return copy(p, d), nil
}

func TestEmptyLinesAreSilence(t *testing.T) {
	for text, stalls := range map[string]bool{"\n": true, " \r\n": true, "{}\n": false, "\n{": false} {
		synctest.Test(t, func(t *testing.T) {
			const stall = time.Minute
			dog := live.Watch(stall, func() {})
			defer dog.Stop()
			in := &watched{r: dripping(text), dog: dog, stall: stall}
			for range 5 {
				if _, err := io.ReadAtLeast(in, make([]byte, 100), 1); err != nil {
					t.Fatal(err)
				}
			}
			if dog.Stalled() != stalls {
				t.Errorf("%q: given up is %v", text, dog.Stalled())
			}
		})
	}
}
