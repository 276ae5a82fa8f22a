package stream

import (
	"errors"
	"fmt"
	"time"

	"detour/route"
)

// Mode says what a Publisher does with updates that come faster than JetStream
// takes them.
type Mode uint8

// Modes.
const (
	// Wait makes Add block, and holds it back while processors lag. Frames are
	// filled or as old as Linger. For files.
	Wait Mode = iota
	// Spill never blocks: frames wait in a bounded buffer, and beyond that
	// updates are dropped and the loss is stated in the log. A frame goes out
	// at once when none of its shard has left for Linger, else when it is full
	// or Linger is over. For live sources.
	Spill
)

// Defaults of PublisherConfig.
const (
	DefaultFrameBytes = 16 << 10
	DefaultLinger     = 2 * time.Millisecond // Wait
	DefaultLiveLinger = time.Millisecond     // Spill
	DefaultSpillBytes = 64 << 20
	DefaultLagMax     = 64 << 20
)

// PublisherConfig describes a Publisher. Ingester and Shards are needed.
type PublisherConfig struct {
	Ingester string // name that is unique among live ingesters
	Shards   int
	Mode     Mode

	FrameBytes int           // a frame is full at this length
	Linger     time.Duration // longest wait of an update for a frame that fills
	SpillBytes int64         // of all shards together; Spill only

	// LagMax holds Add back while any shard's processors are more bytes behind;
	// Wait only. It must stay below half of the streams' max_bytes, else the
	// log could discard what was not read.
	LagMax int64
	// RequirePositions counts a shard whose processors were never heard of as
	// lagging. Otherwise pacing begins with the first position.
	RequirePositions bool

	// Clock stamps a frame when its first update is added; nil is the wall
	// clock. It says when the ingester had the data, nothing is decided by it.
	Clock func() route.Time
	// OnAck observes each stored frame; called from the shards' goroutines.
	OnAck func(shard int, a Ack)

	// Sender's settings; zero takes its defaults.
	Window                             int
	AckTimeout, BackoffMin, BackoffMax time.Duration
}

func (c PublisherConfig) withDefaults() PublisherConfig {
	if c.FrameBytes == 0 {
		c.FrameBytes = DefaultFrameBytes
	}
	if c.Linger == 0 {
		c.Linger = DefaultLinger
		if c.Mode == Spill {
			c.Linger = DefaultLiveLinger
		}
	}
	if c.SpillBytes == 0 {
		c.SpillBytes = DefaultSpillBytes
	}
	if c.LagMax == 0 {
		c.LagMax = DefaultLagMax
	}
	if c.Clock == nil {
		c.Clock = func() route.Time { return route.TimeOf(time.Now()) }
	}
	return c
}

// Check reports what makes the configuration unusable.
func (c PublisherConfig) Check() error {
	c = c.withDefaults()
	errs := []error{CheckShards(c.Shards)}
	if c.Ingester == "" || len(c.Ingester) > maxMemberName {
		errs = append(errs, fmt.Errorf("ingester's name has %d octets, must have 1 to %d", len(c.Ingester), maxMemberName))
	}
	if c.FrameBytes < 1 || c.FrameBytes > MaxMessage/4 {
		errs = append(errs, fmt.Errorf("frame size is %d bytes, must be from 1 to %d", c.FrameBytes, MaxMessage/4))
	}
	if c.Linger < 0 || c.SpillBytes < 0 || c.LagMax < 0 {
		errs = append(errs, errors.New("linger, spill buffer and lag must not be negative"))
	}
	return errors.Join(errs...)
}

// PublisherStats counts since the Publisher was made.
type PublisherStats struct {
	Epoch           uint64
	Updates         uint64 // given to Add, events included
	Elements        uint64
	Frames, Bytes   uint64 // stored
	Resends         uint64 // frames sent once more
	Timeouts        uint64 // times that no ack came
	Refusals        uint64 // errors instead of an ack
	DroppedUpdates  uint64 // an update that several shards dropped counts in each
	DroppedElements uint64
	Gaps            uint64 // gap events written for them
	OversizeFrames  uint64 // frames beyond MaxMessage, dropped
	SpilledBytes    int64  // waiting now
	Holdbacks       uint64 // times that Add waited for lagging processors
}
