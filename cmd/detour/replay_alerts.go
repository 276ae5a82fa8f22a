package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"detour/alert"
	"detour/internal/latency"
	"detour/route"
	"detour/sink/jsonl"
	"detour/sink/terminal"
	"detour/stream"
)

// alertListener reads the stored alerts in order and hands them to a sink.
type alertListener struct {
	reader   *stream.Reader
	lines    *jsonl.Sink                // or, where it is nil,
	tell     func(a *alert.Alert) error // by default to the terminal
	terminal *terminal.Sink
	shown    shownAlerts
	latency  latency.Recorder
	at       atomic.Uint64 // sequence of the last alert that was handed over
	lost     uint64        // that the stream discarded unread
	tally    alertTally
}

func newAlertListener(b *broker, lines *jsonl.Sink, term *terminal.Sink, shown shownAlerts) *alertListener {
	l := &alertListener{
		reader: stream.NewReader(b.js, stream.ReaderConfig{Stream: stream.AlertsStream}),
		lines:  lines, terminal: term, shown: shown, tally: newAlertTally(),
	}
	l.tell = l.show
	return l
}

func (l *alertListener) run(ctx context.Context) error {
	return l.reader.Run(ctx, 1, func(m *stream.Message) error {
		defer l.at.Store(m.Sequence)
		l.lost += m.Hole
		var a alert.Alert
		if err := json.Unmarshal(m.Data, &a); err != nil {
			return fmt.Errorf("read alert %d: %w", m.Sequence, err)
		}
		if a.Timing != nil {
			l.latency.Observe(time.Since(a.Timing.Received.Std()))
		}
		l.tally.take(&a)
		if l.lines != nil {
			return l.lines.Write(m.Data)
		}
		return l.tell(&a)
	})
}

func (l *alertListener) show(a *alert.Alert) error {
	switch l.shown.of(a) {
	case showLine:
		return l.terminal.Alert(a)
	case showLast:
		if err := l.terminal.Alert(a); err != nil {
			return err
		}
		return l.terminal.Note(a.Updated, fmt.Sprintf(
			"further watched prefixes of incident %s are not shown; --prefix-alerts shows all, --alerts FILE keeps them",
			a.Incident))
	}
	return nil
}

// alertTally counts what alerts came.
type alertTally struct {
	incidents, prefixes alertCount
	networks            map[route.ASN]struct{} // that were told of prefixes of theirs
	list                []*alert.Alert         // the last message of each incident, by opening
	at                  map[string]int         // places in list
}

// alertCount counts alerts of one scope.
type alertCount struct {
	messages uint64
	byKind   map[string]uint64
	firing   map[string]struct{}
}

// incidentsListed bounds the incidents that a report lists.
const incidentsListed = 1000

func newAlertTally() alertTally {
	count := func() alertCount { return alertCount{byKind: map[string]uint64{}, firing: map[string]struct{}{}} }
	return alertTally{
		incidents: count(), prefixes: count(), networks: map[route.ASN]struct{}{}, at: map[string]int{},
	}
}

func (t *alertTally) take(a *alert.Alert) {
	if a.Scope == alert.ScopePrefix {
		t.prefixes.take(a)
		if a.ExpectedOrigin != 0 {
			t.networks[a.ExpectedOrigin] = struct{}{}
		}
		return
	}
	t.incidents.take(a)
	i, known := t.at[a.ID]
	switch {
	case known:
		t.list[i] = a
	case len(t.list) < incidentsListed:
		t.at[a.ID] = len(t.list)
		t.list = append(t.list, a)
	}
}

func (c *alertCount) take(a *alert.Alert) {
	c.messages++
	if a.Revision == 1 {
		c.byKind[string(a.Kind)]++
	}
	if a.Status == alert.StatusFiring {
		c.firing[a.ID] = struct{}{}
	} else {
		delete(c.firing, a.ID)
	}
}
