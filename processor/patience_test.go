package processor

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAUnitThatIsNotNeededYetRestsAsLongAsItWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p patience
		work := func(n int) time.Duration {
			start := time.Now()
			for range n {
				p.after(t.Context(), time.Millisecond)
			}
			return time.Since(start)
		}
		if rest := work(40); rest != 0 {
			t.Errorf("it rested for %v though nobody else does its work", rest)
		}
		p.Rest(true)
		if rest := work(40); rest != 40*time.Millisecond {
			t.Errorf("it rested for %v of 40ms", rest)
		}
		work(3) // less than is worth a rest
		p.Rest(false)
		if rest := work(40); rest != 0 {
			t.Errorf("it rested for %v though it is needed", rest)
		}
		p.Rest(true)
		if rest := work(3); rest != 0 {
			t.Errorf("it rested for %v of what it did in a hurry", rest)
		}
	})
}
