package processor

import (
	"errors"
	"fmt"
	"time"

	"detour/internal/snapshot"
	"detour/route"
)

// Snapshot is the state of a Shard or a Judge at one place of its stream
// (docs/state.md, "Checkpoints"). Body holds all of it, the other fields
// included; these are for whoever keeps it.
type Snapshot struct {
	Body     []byte
	Sequence uint64        // of the last message that was handled; 0 none yet
	Created  time.Time     // creation of the stream that Sequence belongs to
	Engine   route.Time    // engine time
	Elements uint64        // route elements applied; by a Judge's shards, as they say
	Stood    time.Duration // the longest time that the state's owner stood still
}

// ErrMismatch says that a snapshot is of another shard, or of another number of
// shards, or of a correlator in another mode.
var ErrMismatch = errors.New("snapshot does not fit the configuration")

// shardState is what a snapshot of a shard holds.
type shardState struct {
	shard, shards int
	sequence      uint64 // of the last frame that was applied
	created       int64  // of the stream, in nanoseconds since 1970
	engine        *engine
}

// shardCodec returns the codec of shards.
func shardCodec() (*snapshot.Codec, error) { return snapshot.For(&shardState{}) }

func (e *engine) state(sequence uint64, created time.Time) *shardState {
	return &shardState{
		shard: e.shard, shards: e.shards, sequence: sequence, created: nanos(created), engine: e,
	}
}

// describe fills in what a snapshot says of itself.
func (s *shardState) describe(out *Snapshot) {
	mark, _ := s.engine.watermark()
	out.Sequence, out.Created = s.sequence, fromNanos(s.created)
	out.Engine, out.Elements = max(mark, s.engine.floor), s.engine.counters.Elements
}

// restore fills e, which is as newEngine made it.
func (e *engine) restore(c *snapshot.Codec, body []byte) (*shardState, error) {
	s := &shardState{engine: e}
	if err := c.Decode(body, s); err != nil {
		return nil, fmt.Errorf("restore shard %d: %w", e.shard, err)
	}
	if s.shard != e.shard || s.shards != e.shards {
		return nil, fmt.Errorf("restore shard %d of %d: %w: it is of shard %d of %d",
			e.shard, e.shards, ErrMismatch, s.shard, s.shards)
	}
	e.places = 0
	for _, in := range e.ingesters {
		e.places += len(in.peers)
	}
	if s.engine != e {
		return nil, fmt.Errorf("restore shard %d: %w: it holds none", e.shard, snapshot.ErrDamaged)
	}
	e.rib.Restored()
	return s, nil
}

// nanos and fromNanos keep the zero time as 0.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// page is the least unit in which memory comes from the system.
const page = 4 << 10

// room returns an empty buffer with room for n bytes: reuse, or a new one. Every
// page of it has been touched, since bringing pages in takes longer than filling
// them, and the filling is done while a shard stands still.
func room(reuse []byte, n int) []byte {
	if cap(reuse) < n {
		reuse = make([]byte, n)
	}
	all := reuse[:cap(reuse)]
	for i := 0; i < len(all); i += page {
		all[i] = 0
	}
	return all[:0]
}
