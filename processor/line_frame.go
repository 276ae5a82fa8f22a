package processor

import (
	"context"
	"fmt"

	"detour/route"
)

// Frame takes one message of a shard's stream in place of Add: a Line that is
// given a log tells what the owner of the shards told of it. missing is the
// number of sequences that the stream lacks before this one, stored when the
// server stored it, 0 where that is not known. A frame that cannot be read or is
// refused is counted and skipped, as a Shard does. Frames and updates must not be
// mixed, and each shard's log is ended by EndShard.
func (l *Line) Frame(
	ctx context.Context, shard int, sequence, missing uint64, stored route.Time, data []byte,
) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if shard < 0 || shard >= len(l.lanes) {
		return fmt.Errorf("line: shard is %d, must be from 0 to %d", shard, len(l.lanes)-1)
	}
	lane := l.lanes[shard]
	if lane.frame == 0 {
		lane.from = sequence - missing
	}
	lane.engine.take(sequence, missing, stored, data) //nolint:errcheck // counted
	lane.frame = sequence
	lane.frames++
	l.stats.Frames++
	l.stats.FrameBytes += uint64(len(data))
	if lane.frames < l.cfg.RangeFrames && lane.engine.rng.Len() < lineRangeBytes {
		return nil
	}
	return l.judge(lane)
}

// lineRangeBytes sends a range of a log's evidence before RangeFrames frames.
const lineRangeBytes = 256 << 10

// EndShard says that a shard's log ends here, also where its ingesters have not
// ended; a shard whose log is empty must be ended before others are read, since
// nothing is judged before the slowest shard has come to it.
func (l *Line) EndShard(shard int) error {
	lane := l.lanes[shard]
	e := lane.engine
	if len(e.ingesters) == 0 {
		e.ingester([]byte("none"))
	}
	for _, in := range e.ingesters {
		in.ended = true
	}
	return l.judge(lane)
}

// Until lets nothing in whose engine time is later than t, which must not be
// taken back. It is called once, before anything is added.
func (l *Line) Until(t route.Time) {
	for _, lane := range l.lanes {
		lane.engine.until = t
	}
}
