package rislive

import (
	"fmt"
	"strings"
	"time"

	"detour/ingest/live"
)

// status is how the connection fares.
type status struct {
	connected bool
	since     time.Time
	why       string        // there is none
	wait      time.Duration // from since to the next attempt
	ahead     *live.ReadAhead
}

// waiting returns how many bytes wait to be decoded; 0 where they are hardly any.
func (st *status) waiting() int {
	if st.ahead == nil {
		return 0
	}
	n, _ := st.ahead.Waiting()
	return n >> 20 << 20
}

func (s *Source) say(st status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = st
}

// name says for people what is read.
func (s *Source) name() string {
	name := "RIS Live at " + s.url.Host
	if len(s.cfg.Hosts) > 0 {
		const few = 4
		list := s.cfg.Hosts[:min(few, len(s.cfg.Hosts))]
		name += " (" + strings.Join(list, ", ")
		if more := len(s.cfg.Hosts) - few; more > 0 {
			name += fmt.Sprintf(" and %d more", more)
		}
		name += ")"
	}
	return name
}

// Describe says for people what is read and how it fares. Any goroutine may ask.
func (s *Source) Describe() string {
	s.mu.Lock()
	st := s.status
	s.mu.Unlock()
	const layout = "2006-01-02 15:04:05"
	switch {
	case st.since.IsZero():
		return s.name() + ": connecting"
	case !st.connected:
		return fmt.Sprintf("%s: not connected since %s: %s; next attempt after %v", s.name(),
			st.since.UTC().Format(layout), st.why, st.wait.Round(time.Millisecond))
	}
	stats := s.desk.Stats()
	text := fmt.Sprintf("%s: connected since %s, %d messages, %d elements of %d peers", s.name(),
		st.since.UTC().Format(layout), stats.Messages, stats.Elements, stats.Sessions)
	if stats.Gaps > 0 {
		text += fmt.Sprintf(", %d gaps", stats.Gaps)
	}
	if waiting := st.waiting(); waiting > 0 {
		text += fmt.Sprintf(", %d MiB wait to be decoded", waiting>>20)
	}
	if silence := stats.Silence(time.Now()); silence > time.Second {
		text += fmt.Sprintf("; nothing for %v", silence.Round(time.Second))
	}
	return text
}
