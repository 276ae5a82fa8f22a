package stream

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
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
	toldOf        = 2000 // collectors and ingesters each, fewer where names are long; the others are told as one
)

// Degraded is the State where something is missing.
const Degraded = "degraded"

// Others stands for the collectors, or ingesters, that are told as one.
const Others = "(others)"

// Coverage is what the correlator sees, as JSON on core NATS.
type Coverage struct {
	Member   string   `json:"member"`
	Sequence uint64   `json:"sequence"` // of the last evidence judged
	State    string   `json:"state"`    // as alerts carry it
	Reasons  []string `json:"reasons,omitempty"`
	// Watermark is the engine time up to which every shard has told.
	Watermark  route.Time          `json:"watermark"`
	Mature     bool                `json:"mature"`               // the routes from before are known
	ASNs       int                 `json:"asns"`                 // distinct ones of live peers
	Collectors []CollectorCoverage `json:"collectors,omitempty"` // by name
	Ingesters  []IngesterCoverage  `json:"ingesters,omitempty"`  // by name
}

// CollectorCoverage is what is seen of the peers of one collector.
type CollectorCoverage struct {
	Collector string     `json:"collector"`
	Peers     int        `json:"peers"`  // sessions known: each is live, silent, down, distrusted or ignored
	Live      int        `json:"live"`   // up, heard and trusted
	Silent    int        `json:"silent"` // of an ingester that is silent, or silent for long themselves
	Down      int        `json:"down"`
	Full4     int        `json:"full4"` // live, with a full table
	Full6     int        `json:"full6"`
	Learning  int        `json:"learning"`   // live, but only teaching yet
	Heard     route.Time `json:"heard"`      // engine time of the last update
	Stale     int        `json:"stale"`      // of the silent: silent for long themselves
	Untrusted int        `json:"distrusted"` // since they contradict all others
	Ignored   int        `json:"ignored"`    // by the user's word
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
	data, err := c.encode()
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

// encode returns the message. Whoever may name collectors must not make it too long.
func (c *Coverage) encode() (data []byte, err error) {
	for n := toldOf; n > 0; n /= 2 {
		if data, err = json.Marshal(c.bounded(n)); err != nil || len(data) <= maxCoverage {
			break
		}
	}
	return data, err
}

// bounded returns c with so many collectors and ingesters. Those with the most peers
// are told each.
func (c *Coverage) bounded(toldOf int) *Coverage {
	if max(len(c.Collectors), len(c.Ingesters)) <= toldOf {
		return c
	}
	out := *c
	if n := len(c.Collectors); n > toldOf {
		list := slices.Clone(c.Collectors)
		slices.SortStableFunc(list, func(a, b CollectorCoverage) int { return cmp.Compare(b.Peers, a.Peers) })
		rest := CollectorCoverage{Collector: Others}
		for i := range list[toldOf:] {
			rest.Add(&list[toldOf+i])
		}
		list = append(list[:toldOf], rest)
		slices.SortFunc(list, func(a, b CollectorCoverage) int { return cmp.Compare(a.Collector, b.Collector) })
		out.Collectors = list
		out.Reasons = append(slices.Clone(c.Reasons), fmt.Sprintf("%d collectors are known, of which %d are told as one: "+
			"does a source make up names? A name in its configuration, such as collector, ends that", n, n-toldOf))
		out.State = Degraded
	}
	if n := len(c.Ingesters); n > toldOf {
		out.Ingesters = c.Ingesters[:toldOf]
		out.Reasons = append(slices.Clone(out.Reasons),
			fmt.Sprintf("%d ingesters are known, of which %d are not told", n, n-toldOf))
		out.State = Degraded
	}
	return &out
}

// Add adds what is seen of the peers of another collector.
func (c *CollectorCoverage) Add(o *CollectorCoverage) {
	c.Peers += o.Peers
	c.Live += o.Live
	c.Silent += o.Silent
	c.Down += o.Down
	c.Full4 += o.Full4
	c.Full6 += o.Full6
	c.Learning += o.Learning
	c.Heard = max(c.Heard, o.Heard)
	c.Stale += o.Stale
	c.Untrusted += o.Untrusted
	c.Ignored += o.Ignored
}
