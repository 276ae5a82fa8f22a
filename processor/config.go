package processor

import (
	"fmt"
	"time"

	"detour/processor/rib"
	"detour/route"
	"detour/stream"
)

// GCPercent is the garbage collector's setting for a process with shards
// (debug.SetGCPercent): their tables hold few pointers, so that marking is cheap,
// and what awaits collection is resident.
const GCPercent = 25

// Config of a shard.
type Config struct {
	Shard, Shards int
	Member        string // name among the processors, in positions
	RIB           rib.Config
	// RangeBytes starts a new range of evidence when the one under
	// construction is this large; a range always covers whole frames.
	RangeBytes int
	// RangeAge is how long evidence, or the news that there is none, waits.
	RangeAge time.Duration
	// FlagsPerBlock bounds flags per expected origin and block in ten seconds
	// of engine time.
	FlagsPerBlock int
	// Watched reports whether a prefix is watched when it is announced with an
	// origin, or withdrawn from one (0 unknown): then each change of its routes
	// is told. It is pure; nil watches nothing.
	Watched func(p route.Prefix, origin route.ASN) bool
	// Skip names sequences of the stream that are not applied, because a shard
	// that did came to grief: see PoisonedError.
	Skip []uint64
	// Observe is called for each frame with the time since its ingester had it
	// and the time that applying took; may be nil.
	Observe func(since, apply time.Duration)
	// Flags takes the flags; nil publishes them on core NATS.
	Flags FlagFunc
	// OnlyNews keeps published flags back until the end of the log was reached
	// once: what a new owner reads again was told by the one before.
	OnlyNews bool
}

func (c Config) withDefaults() (Config, error) {
	if err := stream.CheckShards(c.Shards); err != nil {
		return c, err
	}
	if c.Shard < 0 || c.Shard >= c.Shards {
		return c, fmt.Errorf("shard is %d, must be from 0 to %d", c.Shard, c.Shards-1)
	}
	if c.Member == "" {
		c.Member = "processor"
	}
	if c.RangeBytes == 0 {
		c.RangeBytes = 16 << 10
	}
	if c.RangeAge == 0 {
		c.RangeAge = time.Second
	}
	return c, nil
}
