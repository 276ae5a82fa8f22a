package fanout

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"detour/alert"
	"detour/internal/latency"
	"detour/route"
	"detour/stream"

	"github.com/nats-io/nats.go"
)

// ear is one subscriber of all alerts.
type ear struct {
	delay *latency.Recorder

	mu    sync.Mutex // the connection's goroutine against the check
	n     int
	wrong int
}

func (e *ear) listen(nc *nats.Conn) error {
	if _, err := nc.Subscribe(stream.AllAlerts, e.take); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	return nil
}

// heardAlert is what an ear needs of an alert.
type heardAlert struct {
	Revision uint32     `json:"revision"`
	Opened   route.Time `json:"opened"`
}

// take counts an alert; its revision says which one it is.
func (e *ear) take(m *nats.Msg) {
	now := time.Now()
	var a heardAlert
	err := json.Unmarshal(m.Data, &a)
	e.mu.Lock()
	if err != nil || int(a.Revision) != e.n+1 {
		e.wrong++
	}
	e.n++
	e.mu.Unlock()
	e.delay.Observe(now.Sub(a.Opened.Std()))
}

func (e *ear) heard() (n, wrong int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.n, e.wrong
}

// made is the i-th alert, of an ordinary size, that was due at a time.
func made(i int, due time.Time) (subject, id string, data []byte) {
	a := alert.Alert{
		Version: alert.Version, ID: fmt.Sprintf("%032x", i), Revision: uint32(i + 1), Scope: alert.ScopeIncident,
		Kind: alert.KindLeak, LeakType: "1", Severity: alert.SeverityCritical, Status: alert.StatusFiring, Suspect: 64500,
		Segment: &alert.Segment{ExportedTo: 64501, Leaker: 64500, LearnedFrom: 64502},
		Opened:  route.TimeOf(due), Updated: route.TimeOf(due), FirstEvidence: route.TimeOf(due),
		Counts: alert.Counts{Prefixes: 60, Origins: 31, Peers: 12, PeersTotal: 40, Sessions: 13, Updates: 214},
		Rule:   "flip", Confidence: 9,
		Summary: "AS64500 passes routes of AS64502 on to AS64501: 60 prefixes of 31 networks at 12 of 40 peers",
	}
	for n := range 10 {
		a.TopOrigins = append(a.TopOrigins, alert.Origin{ASN: route.ASN(65000 + n), Prefixes: uint32(10 - n)})
	}
	for _, tag := range []string{"flips", "two next hops", "never on the way", "watched"} {
		a.Evidence = append(a.Evidence, alert.Evidence{Tag: tag, Weight: 2, Detail: "31 of 31 networks"})
	}
	data, _ = json.Marshal(&a) // plain values: cannot fail
	return stream.AlertSubject(string(a.Scope), string(a.Kind), a.Suspect, ""), a.ID, data
}
