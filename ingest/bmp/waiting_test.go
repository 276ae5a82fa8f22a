package bmp_test

import (
	"errors"
	"os"
	"runtime"
	"testing"
	"time"

	"detour/ingest/bmp"
)

// TestARouterThatHasSpokenGivesWayToNobody while it waits for its old sessions to be
// down: those who only connect must not take its place.
func TestARouterThatHasSpokenGivesWayToNobody(t *testing.T) {
	out := &book{}
	l := listen(t, bmp.Config{Collector: "c", MaxConnections: 3}, out)
	l.send(l.dial(1), hello("r1"))
	l.await("a route", func() bool { return out.count() == 1 })
	out.mu.Lock() // the output is busy: the old sessions are not down yet
	anew := l.dial(1)
	l.send(anew, hello("r1"))
	time.Sleep(100 * time.Millisecond) // sleep: so that it has spoken before the others connect
	for n := range 3 {
		l.dial(2 + n)
	}
	time.Sleep(100 * time.Millisecond) // sleep: and they have before the output goes on
	out.mu.Unlock()
	l.await("the route again", func() bool { return out.count() == 2 })
	if err := anew.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := anew.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the router that had spoken was cut off: %v", err)
	}
}

// TestConnectionsAreBoundedWhileNothingIsTaken also those that were ended.
func TestConnectionsAreBoundedWhileNothingIsTaken(t *testing.T) {
	out := &book{}
	l := listen(t, bmp.Config{Collector: "c", MaxConnections: 2}, out)
	l.send(l.dial(1), hello("r1"))
	l.await("a route", func() bool { return out.count() == 1 })
	before := runtime.NumGoroutine()
	out.mu.Lock()
	for range 100 {
		conn := l.dial(1)
		_, _ = conn.Write(hello("r1")) // it may be closed already
	}
	time.Sleep(100 * time.Millisecond) // sleep: so that those that are let in have begun
	n := runtime.NumGoroutine() - before
	out.mu.Unlock()
	if n > 5*6 {
		t.Errorf("%d goroutines for 100 connections, of which 6 may be there", n)
	}
}
