package live

import (
	"context"
	"fmt"
	"log/slog"

	"detour/route"
)

// EventKind is what befell a source or a session.
type EventKind uint8

// Kinds of Event.
const (
	EventConnect     EventKind = iota // a connection was made
	EventDisconnect                   // it ended
	EventStall                        // nothing came over it for too long, and it was given up
	EventUp                           // a BGP session was established
	EventDown                         // it ended
	EventTransferred                  // its first table is complete
	EventGap                          // updates were lost
	EventRefused                      // a connection or peer was turned away
	EventUndecodable                  // an UPDATE could not be decoded
	EventNote                         // anything else that an operator should see
	numEventKinds
)

var eventNames = [numEventKinds]string{
	"connected", "disconnected", "stalled", "session up", "session down", "table complete", "gap", "refused",
	"undecodable update", "note",
}

func (k EventKind) String() string {
	if k < numEventKinds {
		return eventNames[k]
	}
	return "event"
}

// Event is one of the last that befell a source.
type Event struct {
	At     route.Time
	Kind   EventKind
	Who    string // the peer or connection
	Detail string // why, in words; may be empty
}

// Bounds of what is kept of events, and of what one may be written to the log.
const (
	maxEvents   = 256
	maxDetail   = 300
	logsPerKind = 50 // in logsEvery; of undecodable updates one
	logsEvery   = 10 * route.Second
)

// events keeps the last of them and writes them to the log: all kinds within a rate,
// because ten thousand sessions may end at once.
type events struct {
	log      *slog.Logger
	ring     [maxEvents]Event
	next     int
	total    uint64
	since    [numEventKinds]route.Time // when the present while began
	written  [numEventKinds]int        // in it
	withheld [numEventKinds]uint64     // not written since the last that was
}

func (e *events) add(at route.Time, kind EventKind, who, detail string) {
	if len(detail) > maxDetail {
		detail = detail[:maxDetail]
	}
	e.ring[e.next] = Event{at, kind, who, detail}
	e.next = (e.next + 1) % maxEvents
	e.total++
	if !e.mayWrite(at, kind) {
		e.withheld[kind]++
		return
	}
	level := slog.LevelInfo
	switch kind {
	case EventDisconnect, EventStall, EventDown, EventGap, EventRefused, EventUndecodable:
		level = slog.LevelWarn
	default:
	}
	attrs := []any{"event", kind.String(), "of", who}
	if detail != "" {
		attrs = append(attrs, "detail", detail)
	}
	if n := e.withheld[kind]; n > 0 {
		attrs = append(attrs, "more_of_these", n)
		e.withheld[kind] = 0
	}
	e.log.Log(context.Background(), level, "live source", attrs...)
}

func (e *events) mayWrite(at route.Time, kind EventKind) bool {
	if at >= e.since[kind]+logsEvery {
		e.since[kind], e.written[kind] = at, 0
	}
	e.written[kind]++
	if kind == EventUndecodable {
		return e.written[kind] == 1
	}
	return e.written[kind] <= logsPerKind
}

// sum writes of which kinds events were not written, once their while is over.
func (e *events) sum(at route.Time) {
	for k := range numEventKinds {
		if e.withheld[k] > 0 && at >= e.since[k]+logsEvery {
			e.log.Warn("live source", "event", k.String(), "more_of_these", e.withheld[k])
			e.withheld[k] = 0
		}
	}
}

func (e *events) newest() (Event, bool) {
	if e.total == 0 {
		return Event{}, false
	}
	return e.ring[(e.next-1+maxEvents)%maxEvents], true
}

// last returns the events, the oldest first.
func (e *events) last() []Event {
	n := int(min(e.total, maxEvents))
	list := make([]Event, 0, n)
	for i := range n {
		list = append(list, e.ring[(e.next-n+i+maxEvents)%maxEvents])
	}
	return list
}

// name says for people whose session it is.
func (s *Session) name() string {
	p := s.se.Peer
	view := ""
	switch p.View {
	case route.ViewLocRIB:
		view = " Loc-RIB"
	case route.ViewAdjRIBInPost:
		view = " post-policy"
	case route.ViewAdjRIBOut:
		view = " Adj-RIB-Out"
	case route.ViewAdjRIBInPre:
	}
	if p.Router.IsValid() {
		return fmt.Sprintf("%s %v AS%v at %v%s", p.Collector, p.Addr, p.ASN, p.Router, view)
	}
	return fmt.Sprintf("%s %v AS%v%s", p.Collector, p.Addr, p.ASN, view)
}
