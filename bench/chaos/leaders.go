package chaos

import (
	"context"
	"fmt"
	"time"

	"detour/stream"
)

// leaders returns how many streams of detour's each server leads.
func (c *cluster) leaders(ctx context.Context) (counts [serverCount]int, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for _, cfg := range (stream.Settings{Shards: shards, Replicas: serverCount}).Streams() {
		s, err := c.js.Stream(ctx, cfg.Name)
		if err != nil {
			return counts, fmt.Errorf("ask who leads %s: %w", cfg.Name, err)
		}
		for i := range counts {
			if g := s.CachedInfo().Cluster; g != nil && g.Leader == c.servers.name(i) {
				counts[i]++
			}
		}
	}
	return counts, nil
}

// busiest returns the server that leads most streams.
func (c *cluster) busiest(ctx context.Context) (int, error) {
	counts, err := c.leaders(ctx)
	most := 0
	for i, n := range counts {
		if n > counts[most] {
			most = i
		}
	}
	return most, err
}
