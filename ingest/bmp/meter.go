package bmp

import "sync"

// Types of messages (RFC 7854 §4.1). TypeOther stands for all that it does not know.
const (
	TypeRouteMonitoring = iota
	TypeStatistics
	TypePeerDown
	TypePeerUp
	TypeInitiation
	TypeTermination
	TypeMirroring
	TypeOther
	NumTypes
)

// Counts count the messages of routers. They only grow.
type Counts struct {
	Messages [NumTypes]uint64 // by type
	BeforeUp uint64           // Route Monitoring of peers without a Peer Up
}

// TypeName returns the name of a message type, as it stands in a metric's label.
func TypeName(typ int) string {
	names := [...]string{
		"route-monitoring", "statistics", "peer-down", "peer-up", "initiation", "termination", "mirroring",
	}
	if typ < len(names) {
		return names[typ]
	}
	return "other"
}

// Meter adds up the Counts of several connections. The zero value is ready; a nil one
// counts nothing.
type Meter struct {
	mu     sync.Mutex
	counts Counts
}

// Counts may be called from any goroutine.
func (m *Meter) Counts() Counts {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.counts
}

func (m *Meter) add(c *Counts) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, n := range c.Messages {
		m.counts.Messages[i] += n
	}
	m.counts.BeforeUp += c.BeforeUp
}
