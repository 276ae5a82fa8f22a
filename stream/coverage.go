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
	// Watermark is the engine time up to which every shard has told.
	Watermark  route.Time          `json:"watermark"`
	Collectors []CollectorCoverage `json:"collectors,omitempty"` // by name
	Ingesters  []IngesterCoverage  `json:"ingesters,omitempty"`  // by name
}

// CollectorCoverage is what is seen of the peers of one collector.
type CollectorCoverage struct {
	Collector string     `json:"collector"`
	Peers     int        `json:"peers"`  // sessions known: each is live, silent or down
	Live      int        `json:"live"`   // up and heard
	Silent    int        `json:"silent"` // of an ingester that is silent, or silent for long themselves
	Down      int        `json:"down"`
	Full4     int        `json:"full4"` // live, with a full table
	Full6     int        `json:"full6"`
	Learning  int        `json:"learning"` // live, but only teaching yet
	Heard     route.Time `json:"heard"`    // engine time of the last update
}

// IngesterCoverage is how well one ingester is heard.
type IngesterCoverage struct {
	Ingester string     `json:"ingester"`
	Silent   bool       `json:"silent,omitempty"`
	Since    route.Time `json:"since,omitempty"` // engine time at which it fell silent
	Heard    route.Time `json:"heard"`           // engine time up to which it was heard
	Gaps     uint64     `json:"gaps"`            // times that updates of it were lost
	Peers    int        `json:"peers"`           // known
	Unseen   int        `json:"unseen"`          // of which nobody shows anything now
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
	if n := max(len(c.Collectors), len(c.Ingesters)); n > maxCollectors {
		return nil, fmt.Errorf("parse coverage: %d collectors or ingesters, at most %d are read", n, maxCollectors)
	}
	return &c, nil
}
