package stream

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// pace is the set of shards whose processors are too far behind.
type pace struct {
	over  atomic.Uint64 // a bit per shard
	holds atomic.Uint64

	mu      sync.Mutex
	changed chan struct{} // closed when the set becomes smaller; nil when nobody waits
}

// look brings a lane's bit up to date.
func (p *Publisher) look(l *lane) {
	bit := uint64(1) << l.shard
	if l.lag.behind(time.Now()) > p.cfg.LagMax {
		p.pace.over.Or(bit)
		return
	}
	if p.pace.over.And(^bit)&bit == 0 {
		return
	}
	p.pace.mu.Lock()
	defer p.pace.mu.Unlock()
	if p.pace.changed != nil {
		close(p.pace.changed)
		p.pace.changed = nil
	}
}

// hear takes a processor's position. What does not parse is not for us.
func (p *Publisher) hear(m *nats.Msg, now time.Time) {
	pos, err := ParsePosition(m.Data)
	if err != nil || pos.Shard >= len(p.lanes) {
		return
	}
	l := p.lanes[pos.Shard]
	l.lag.heard(pos.Member, pos.Sequence, now)
	p.look(l)
}

// holdBack waits until no shard lags too far. It looks again each second, for
// processors that have fallen silent.
func (p *Publisher) holdBack(ctx context.Context) error {
	p.pace.holds.Add(1)
	for {
		for _, l := range p.lanes {
			p.look(l)
		}
		p.pace.mu.Lock()
		if p.pace.over.Load() == 0 {
			p.pace.mu.Unlock()
			return nil
		}
		if p.pace.changed == nil {
			p.pace.changed = make(chan struct{})
		}
		changed := p.pace.changed
		p.pace.mu.Unlock()
		select {
		case <-changed:
		case <-time.After(time.Second):
		case <-p.stopped:
			return ErrSenderStopped
		case <-ctx.Done():
			return fmt.Errorf("wait for processors: %w", ctx.Err())
		}
	}
}

// Lag returns the bytes that the processors of a shard are behind.
func (p *Publisher) Lag(shard int) int64 { return p.lanes[shard].lag.behind(time.Now()) }
