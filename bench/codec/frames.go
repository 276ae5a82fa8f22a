package codec

import (
	"fmt"

	"detour/route"
	"detour/wire"
)

// frameBytes is how large frames grow in the log.
const frameBytes = 16 << 10

// frames is a codec of wire with its memory.
type frames struct {
	b *wire.FrameBuilder
	f wire.Frame
	u route.Update
}

func newFrames() *frames { return &frames{b: wire.NewFrameBuilder("bench", 1)} }

// encode turns traffic into frames and gives each to use, which may be nil.
func (c *frames) encode(t *traffic, use func([]byte)) {
	received := t.updates[0].Engine
	number := uint64(1)
	c.b.Reset(received)
	flush := func() {
		raw := c.b.Bytes(number)
		number++
		if use != nil {
			use(raw)
		}
		c.b.Reset(received)
	}
	for i := range t.updates {
		u := &t.updates[i]
		c.b.Add(u, t.sessions[u.Peer], u.Announced, u.Withdrawn)
		if c.b.Len() >= frameBytes {
			flush()
		}
	}
	if c.b.Updates() > 0 {
		flush()
	}
}

// decode reads frames and gives each update to use, which may be nil.
func (c *frames) decode(all [][]byte, use func(*route.Update)) error {
	for i, raw := range all {
		if err := c.f.Decode(raw); err != nil {
			return fmt.Errorf("frame %d: %w", i, err)
		}
		r := c.f.Updates() // outside of the loop, which would copy it for each update
		for r.Next(&c.u) {
			if use != nil {
				use(&c.u)
			}
		}
	}
	return nil
}
