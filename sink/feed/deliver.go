package feed

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// deliver hands one message over, as often as it takes. One that came before comes
// again where the sink is slower than ackWait, or an ack was lost.
func (f *Feed) deliver(ctx context.Context, m jetstream.Msg) error {
	meta, err := m.Metadata()
	if err != nil {
		return fmt.Errorf("read delivery: %w", err)
	}
	if meta.NumDelivered > 1 {
		f.again.Add(1)
	}
	switch {
	case f.seen.add(meta.Sequence.Stream):
		if len(f.unacked) == 0 {
			f.oldest.Store(meta.Timestamp.UnixNano())
		}
		f.unacked = append(f.unacked, m)
	case len(f.unacked) == 0: // all that came is safe
		return f.ackOf(m)
	}
	f.waiting.Store(meta.NumPending)
	return f.work(ctx, meta.NumPending == 0 || len(f.unacked) >= pending/2)
}

// work writes what is not written, and may make it safe.
func (f *Feed) work(ctx context.Context, flush bool) error {
	err := f.insist(ctx, func() error {
		for ; f.written < len(f.unacked); f.written++ {
			if err := f.deps.Sink.Write(f.unacked[f.written].Data()); err != nil {
				return err
			}
		}
		if flush {
			return f.deps.Sink.Flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	f.sequence.Store(f.seen.last)
	if !flush {
		return nil
	}
	return f.ack()
}

// settle makes safe what was written before an orderly end, so that it does not come
// again. It tries once: whoever ends does not wait for a sink in trouble.
func (f *Feed) settle() {
	if len(f.unacked) == 0 || f.written < len(f.unacked) {
		return
	}
	err := f.deps.Sink.Flush()
	if err == nil {
		err = f.ack()
	}
	if err != nil {
		f.deps.Log.Warn("what was written last will come again", "sink", f.cfg.Name, "alerts", len(f.unacked), "err", err)
	}
}

// ack says that all that was written is safe.
func (f *Feed) ack() error {
	for _, m := range f.unacked {
		if err := f.ackOf(m); err != nil {
			return err
		}
	}
	f.delivered.Add(uint64(len(f.unacked)))
	f.unacked, f.written = f.unacked[:0], 0
	f.oldest.Store(0)
	return nil
}

func (f *Feed) ackOf(m jetstream.Msg) error {
	if err := m.Ack(); err != nil {
		return fmt.Errorf("ack alert: %w", err)
	}
	return nil
}

// insist tries until it goes, and tells the server that work goes on. After an error
// all of unacked is written again.
func (f *Feed) insist(ctx context.Context, try func() error) error {
	for wait := againMin; ; wait = min(2*wait, againMax) {
		err := try()
		if err == nil {
			if f.troubled {
				f.troubled = false
				f.deps.Report("")
			}
			return nil
		}
		f.failures.Add(1)
		f.written, f.troubled = 0, true
		f.deps.Report(err.Error())
		f.deps.Log.Error("sink does not take an alert", "sink", f.cfg.Name, "err", err, "again in", wait)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		for _, waits := range f.unacked {
			if err := waits.InProgress(); err != nil {
				return fmt.Errorf("ask for more time: %w", err)
			}
		}
	}
}
