package processor

import (
	"fmt"
	"time"

	"detour/route"
)

// Core is a shard without NATS: frames in, flags and evidence out. For
// measurements; a Shard is the same around a stream. It belongs to one goroutine.
type Core struct {
	e    *engine
	next uint64 // sequence
}

// NewCore returns an empty shard. Of cfg, Member, RangeBytes, RangeAge and Observe
// have no effect, and Flags must be given.
func NewCore(cfg Config) (*Core, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("make shard: %w", err)
	}
	return &Core{e: newEngine(cfg), next: 1}, nil
}

// Apply takes the next frame of the log and returns the evidence of it, valid
// until the next call.
func (c *Core) Apply(frame []byte) ([]byte, error) {
	c.e.startRange()
	sequence := c.next
	c.next++
	if err := c.e.apply(sequence, 0, frame); err != nil {
		return nil, err
	}
	return c.e.finishRange(1, sequence, c.next), nil
}

// Snapshot appends the state behind the last frame to dst, which Restore gives to
// a Core of the same configuration.
func (c *Core) Snapshot(dst []byte) ([]byte, error) {
	codec, err := shardCodec()
	if err != nil {
		return dst, err
	}
	return codec.Append(dst, c.e.state(c.next-1, time.Time{}))
}

// Restore gives a Core that NewCore has just made the state of a snapshot.
func (c *Core) Restore(body []byte) error {
	codec, err := shardCodec()
	if err != nil {
		return err
	}
	s, err := c.e.restore(codec, body)
	if err != nil {
		return err
	}
	c.next = s.sequence + 1
	return nil
}

// Counters returns what the shard counted.
func (c *Core) Counters() Counters { return c.e.counters }

// Prefixes returns how many prefixes of a family are known.
func (c *Core) Prefixes(f route.Family) int { return c.e.rib.Prefixes(f) }
