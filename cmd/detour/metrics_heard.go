package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"detour/internal/obs"
	"detour/stream"
)

// Bounds of a heard.
const (
	maxHeardIngesters = 4096
	ingesterSilent    = 5 * time.Second // after which an ingester no longer counts
)

// heard listens to what others say on core NATS, for metrics: which ingesters
// live, and what the correlator sees. Every processor listens, so that this is
// known also while no correlator runs.
type heard struct {
	subs []*nats.Subscription

	mu        sync.Mutex // NATS' goroutine against scrapes
	ingesters map[string]time.Time
	coverage  *stream.Coverage
	at        time.Time // of the coverage
}

func listenForMetrics(nc *nats.Conn) (*heard, error) {
	h := &heard{ingesters: map[string]time.Time{}}
	for subject, take := range map[string]func(*nats.Msg){
		stream.AllMembers: h.member, stream.CoverageSubject: h.cover,
	} {
		sub, err := nc.Subscribe(subject, take)
		if err != nil {
			h.close()
			return nil, fmt.Errorf("subscribe to %s: %w", subject, err)
		}
		h.subs = append(h.subs, sub)
	}
	return h, nil
}

func (h *heard) close() {
	for _, sub := range h.subs {
		_ = sub.Unsubscribe() // fails only when the connection is gone
	}
}

func (h *heard) member(msg *nats.Msg) {
	m, err := stream.ParseHeartbeat(msg.Subject, msg.Data)
	if err != nil || m.Role != stream.RoleIngest {
		return // cluster.Manager counts what cannot be read
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	_, known := h.ingesters[m.Member]
	switch {
	case m.Goodbye:
		delete(h.ingesters, m.Member)
	case known || len(h.ingesters) < maxHeardIngesters:
		h.ingesters[m.Member] = time.Now()
	}
}

func (h *heard) cover(msg *nats.Msg) {
	c, err := stream.ParseCoverage(msg.Data)
	if err != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.coverage, h.at = c, time.Now()
}

// last returns the coverage heard last, and when.
func (h *heard) last() (*stream.Coverage, time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.coverage, h.at
}

// source tells of it.
func (h *heard) source() obs.Source {
	coverage := coverageMetrics(h.last)
	return func(emit obs.Emit) {
		coverage(emit)
		h.mu.Lock()
		defer h.mu.Unlock()
		n := 0
		for name, at := range h.ingesters {
			if time.Since(at) <= ingesterSilent {
				n++
			} else if time.Since(at) > time.Hour {
				delete(h.ingesters, name)
			}
		}
		emit(obs.ClusterIngesters, float64(n))
	}
}
