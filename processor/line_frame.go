package processor

import (
	"context"
	"fmt"
)

// Frame takes one message of a shard's stream in place of Add: a Line that is
// given a log tells what the owner of the shards told of it. missing is the
// number of sequences that the stream lacks before this one. A frame that cannot
// be read is counted and skipped, as a Shard does. Frames and updates must not be
// mixed, and a log is ended by EndLog.
func (l *Line) Frame(ctx context.Context, shard int, sequence, missing uint64, data []byte) error {
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
	lane.engine.apply(sequence, missing, data) //nolint:errcheck // counted as BadFrames
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

// EndLog says that the log ends here for all shards, also where its ingesters
// have not ended: everything that was held back is judged as of the last update.
func (l *Line) EndLog() error {
	for _, lane := range l.lanes {
		for _, in := range lane.engine.ingesters {
			in.ended = true
		}
		if err := l.judge(lane); err != nil {
			return err
		}
	}
	return nil
}
