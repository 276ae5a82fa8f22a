package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// watch shows a line that changes, where somebody can see it change, until the
// returned function is called.
func (s *demoScreen) watch(of func() string) (stop func()) {
	if !s.tty {
		return func() {}
	}
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		t := time.NewTicker(100 * time.Millisecond)
		defer t.Stop()
		for {
			s.show(of())
			select {
			case <-t.C:
			case <-done:
				s.show("")
				return
			}
		}
	}()
	return func() {
		close(done)
		<-gone
	}
}

func (s *demoScreen) show(status string) {
	if status != "" {
		status = s.paint(demoFaint, strings.Repeat(" ", demoLeft)+status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
	io.WriteString(s.w, wipeLine+status) //nolint:errcheck // a screen that is gone is no reason to stop
}

// status says how far the source is.
func (s *demoSource) status() string {
	p := s.Progress()
	if !p.Priming {
		return fmt.Sprintf("%s UTC, %s routes so far", p.Engine.Std().Format("15:04:05"), number(p.Elements))
	}
	const width = 30
	all := uint64(s.world.table.Len()) * uint64(len(s.world.table.PeerASNs()))
	filled := int(min(p.Elements*width/max(all, 1), width))
	return fmt.Sprintf("%s%s the table, %s of %s routes", strings.Repeat("█", filled), strings.Repeat("░", width-filled),
		number(p.Elements), number(all))
}
