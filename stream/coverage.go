package stream

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"detour/route"
)

// CoverageSubject is the core subject on which the correlator says what it sees.
const CoverageSubject = "detour.v1.coverage"

// CoverageEvery is the time between two of its messages.
const CoverageEvery = time.Second

// Bounds of a coverage message.
const (
	maxCoverage   = 512 << 10
	maxCollectors = 4096
)

// Coverage is what the correlator sees, as JSON on core NATS.
type Coverage struct {
	Member   string   `json:"member"`
	Sequence uint64   `json:"sequence"` // of the last evidence judged
	State    string   `json:"state"`    // as alerts carry it
	Reasons  []string `json:"reasons,omitempty"`
	// Collectors by name.
	Collectors []CollectorCoverage `json:"collectors,omitempty"`
}

// CollectorCoverage is what is seen of one collector by one ingester.
type CollectorCoverage struct {
	Collector string     `json:"collector"`
	Ingester  string     `json:"ingester"`
	Peers     int        `json:"peers"` // sessions known
	Live      int        `json:"live"`  // of which these are up and heard
	Full4     int        `json:"full4"` // of which these have a full table
	Full6     int        `json:"full6"`
	Learning  int        `json:"learning"` // of which these only teach yet
	Heard     route.Time `json:"heard"`    // engine time of the ingester's last word
}

// PublishCoverage tells c once. Nothing is lost when nobody listens.
func PublishCoverage(nc *nats.Conn, c *Coverage) error {
	data, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode coverage: %w", err)
	}
	if err := nc.Publish(CoverageSubject, data); err != nil {
		return fmt.Errorf("publish coverage: %w", err)
	}
	return nil
}

// ParseCoverage reads what PublishCoverage has sent.
func ParseCoverage(data []byte) (*Coverage, error) {
	if len(data) > maxCoverage {
		return nil, fmt.Errorf("parse coverage: %d octets, at most %d are read", len(data), maxCoverage)
	}
	var c Coverage
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, fmt.Errorf("parse coverage: %w", err)
	}
	if len(c.Collectors) > maxCollectors {
		return nil, fmt.Errorf("parse coverage: %d collectors, at most %d are read", len(c.Collectors), maxCollectors)
	}
	return &c, nil
}
