package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"detour/route"
	"detour/wire"
)

// MaxAhead is how far the times and the epoch that a frame states may lie beyond
// the time at which the server stored it. A shard refuses frames beyond that, so
// that one ingester cannot push the clock of all.
const MaxAhead = 10 * route.Minute

// nextEpoch returns an epoch above all that this ingester has used: the time in
// microseconds, or one more than the last that is stored, should the clock have
// gone back. Any ingester's last frame counts, which can only make it larger.
// It also checks the streams against the configuration.
func (p *Publisher) nextEpoch(ctx context.Context) (uint64, error) {
	epoch := uint64(max(time.Now().UnixMicro(), 1))
	for n := range p.lanes {
		last, err := p.lastEpoch(ctx, n)
		if err != nil {
			return 0, fmt.Errorf("read end of %s: %w", UpdatesStream(n), err)
		}
		if last >= epoch {
			epoch = last + 1
		}
	}
	return epoch, nil
}

// lastEpoch returns the epoch of a stream's last frame, 0 for none. It asks the
// leader for the stream's end: any replica may answer a direct get, and one that
// lags would name an older frame.
func (p *Publisher) lastEpoch(ctx context.Context, shard int) (uint64, error) {
	var patient patience
	for wait := DefaultBackoffMin; ; wait = min(2*wait, DefaultBackoffMax) {
		epoch, err := p.tryLastEpoch(ctx, shard, patient.wait())
		patient.done(err)
		if err == nil || ctx.Err() != nil || errors.Is(err, jetstream.ErrStreamNotFound) ||
			errors.Is(err, ErrIncompatible) || p.nc.IsClosed() {
			return epoch, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

func (p *Publisher) tryLastEpoch(ctx context.Context, shard int, wait time.Duration) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	st, err := p.js.Stream(ctx, UpdatesStream(shard))
	if err != nil {
		return 0, err
	}
	info := st.CachedInfo()
	if limit := info.Config.MaxBytes; p.cfg.Mode == Wait && limit > 0 && p.cfg.LagMax >= limit/2 {
		return 0, fmt.Errorf("%w: max_bytes is %d, need more than twice the allowed lag of %d",
			ErrIncompatible, limit, p.cfg.LagMax)
	}
	if info.State.Msgs == 0 {
		return 0, nil
	}
	m, err := st.GetMsg(ctx, info.State.LastSeq)
	if err != nil {
		return 0, err
	}
	var frame wire.Frame
	if frame.Decode(m.Data) != nil {
		return 0, nil // no frame of ours; whoever reads it will count it
	}
	if frame.Epoch > uint64(m.Time.UnixMicro())+uint64(MaxAhead) {
		return 0, nil // which shards refuse
	}
	return frame.Epoch, nil
}
