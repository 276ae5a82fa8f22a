package cputime_test

import (
	"runtime"
	"testing"
	"time"

	"detour/internal/cputime"
)

func TestTheTimeOfAThreadIsItsOwn(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the system does not tell")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begun, done, others := make(chan struct{}), make(chan struct{}), make(chan time.Duration, 1)
	go func() {
		runtime.LockOSThread() // a thread of its own, which may have worked before
		begin := cputime.Thread()
		close(begun)
		<-done
		others <- cputime.Thread() - begin
	}()
	<-begun
	before, all := cputime.Thread(), cputime.Now()
	for cputime.Thread()-before < 20*time.Millisecond {
		runtime.KeepAlive(before)
	}
	mine := cputime.Thread() - before
	if spent := cputime.Now() - all; mine > spent+10*time.Millisecond {
		t.Errorf("the thread spent %v, the process %v", mine, spent)
	}
	close(done)
	if other := <-others; other > mine {
		t.Errorf("a thread that did nothing spent %v", other)
	}
}
