package explain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"detour/alert"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// ReadLog lets q live through the log of a deployment: the streams of all its
// shards, from their first message to the last one that they hold now, and the
// alerts that it has stored. It needs no durable consumer, reports no position
// and writes nothing. q has as many shards as stream.Shards says.
func ReadLog(ctx context.Context, js jetstream.JetStream, q *Inquiry) error {
	shards := q.cfg.Shards
	ends := make([]uint64, shards)
	for n := range ends {
		first, end, err := boundsOf(ctx, js, stream.UpdatesStream(n))
		if err != nil {
			return err
		}
		ends[n] = end
		q.cut = q.cut || first > 1
	}
	if err := readAlerts(ctx, js, q); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	lanes := make([]chan logFrame, shards)
	for n := range lanes {
		lanes[n] = make(chan logFrame, 16)
		group.Go(func() error {
			defer close(lanes[n])
			return readTo(ctx, js, stream.UpdatesStream(n), ends[n], func(m *stream.Message) error {
				f := logFrame{sequence: m.Sequence, missing: m.Hole, stored: m.Stored, data: m.Data}
				select {
				case lanes[n] <- f:
					return nil
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			})
		})
	}
	group.Go(func() error { return q.mergeFrames(ctx, lanes) })
	if err := group.Wait(); err != nil && !errors.Is(err, errRead) {
		return err
	}
	return nil
}

// boundsOf returns the first and the last sequence that a stream holds; the last
// is 0 where it holds nothing.
func boundsOf(ctx context.Context, js jetstream.JetStream, name string) (first, last uint64, err error) {
	st, err := js.Stream(ctx, name)
	if err != nil {
		return 0, 0, fmt.Errorf("look up stream %s: %w", name, err)
	}
	state := st.CachedInfo().State
	if state.Msgs == 0 {
		return state.FirstSeq, 0, nil
	}
	return state.FirstSeq, state.LastSeq, nil
}

var errRead = errors.New("read to the end")

// expiryCheck is how often a reader makes sure that what it waits for was not
// deleted by age in the meantime.
const expiryCheck = 5 * time.Second

// readTo hands out the messages of a stream up to sequence end.
func readTo(ctx context.Context, js jetstream.JetStream, name string, end uint64,
	handle func(*stream.Message) error,
) error {
	if end == 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	mail := make(chan func() error)
	go func() {
		t := time.NewTicker(expiryCheck)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
			select {
			case <-ctx.Done():
				return
			case mail <- func() error { return gone(ctx, js, name, end) }:
			}
		}
	}()
	r := stream.NewReader(js, stream.ReaderConfig{Stream: name, Mail: mail})
	err := r.Run(ctx, 1, func(m *stream.Message) error {
		if m.Sequence > end {
			return errRead
		}
		if err := handle(m); err != nil {
			return err
		}
		if m.Sequence == end {
			return errRead
		}
		return nil
	})
	if errors.Is(err, errRead) {
		return nil
	}
	if err == nil {
		err = context.Cause(ctx)
	}
	return err
}

// gone returns errRead when a stream has nothing left up to end.
func gone(ctx context.Context, js jetstream.JetStream, name string, end uint64) error {
	st, err := js.Stream(ctx, name)
	if err != nil {
		return nil //nolint:nilerr // the reader finds out for itself
	}
	if state := st.CachedInfo().State; state.Msgs == 0 || state.FirstSeq > end {
		return errRead
	}
	return nil
}

// logFrame is one message of a shard's stream.
type logFrame struct {
	sequence, missing uint64
	stored            route.Time
	data              []byte
	base              int64 // engine time at which it begins
	has               bool
}

// mergeFrames feeds the frames of all shards by their time, so that no shard
// runs ahead of the others and little evidence waits.
func (q *Inquiry) mergeFrames(ctx context.Context, lanes []chan logFrame) error {
	heads, read := make([]logFrame, len(lanes)), make([]uint64, len(lanes))
	var view wire.Frame
	next := func(n int) error {
		f, ok := <-lanes[n]
		if !ok {
			heads[n] = logFrame{}
			if err := ctx.Err(); err != nil {
				return context.Cause(ctx)
			}
			return q.EndShard(n)
		}
		f.has = true
		if view.Decode(f.data) == nil && view.Base <= f.stored+stream.MaxAhead { // else it is refused
			f.base = int64(view.Base)
		}
		if read[n]++; read[n] == 1 {
			f.missing = 0 // what is gone by age was not lost
		}
		heads[n] = f
		return nil
	}
	for n := range lanes {
		if err := next(n); err != nil {
			return err
		}
	}
	for {
		least := -1
		for n := range heads {
			if h := &heads[n]; h.has && (least < 0 || h.base < heads[least].base ||
				h.base == heads[least].base && read[n] < read[least]) {
				least = n
			}
		}
		if least < 0 {
			return nil
		}
		f := &heads[least]
		q.begin(route.Time(f.base))
		if q.cfg.Until != 0 && f.base > int64(q.cfg.Until) {
			return q.stop(ctx, heads)
		}
		if err := q.Frame(ctx, least, f.sequence, f.missing, f.stored, f.data); err != nil {
			return err
		}
		if err := next(least); err != nil {
			return err
		}
	}
}

// stop ends all shards at Config.Until: the frames at hand say that time has
// come that far.
func (q *Inquiry) stop(ctx context.Context, heads []logFrame) error {
	for n := range heads {
		f := &heads[n]
		if !f.has {
			continue // ended already
		}
		if err := q.Frame(ctx, n, f.sequence, f.missing, f.stored, f.data); err != nil {
			return err
		}
		if err := q.EndShard(n); err != nil {
			return err
		}
	}
	return errRead
}

// readAlerts reads what a deployment has stored of its alerts.
func readAlerts(ctx context.Context, js jetstream.JetStream, q *Inquiry) error {
	_, end, err := boundsOf(ctx, js, stream.AlertsStream)
	if err != nil {
		return err
	}
	q.stored = newThreads()
	return readTo(ctx, js, stream.AlertsStream, end, func(m *stream.Message) error {
		a := new(alert.Alert)
		if json.Unmarshal(m.Data, a) != nil || a.ID == "" {
			q.unreadable++
			return nil //nolint:nilerr // counted
		}
		if q.cfg.Until == 0 || a.Updated <= q.cfg.Until {
			q.stored.add(a)
		}
		return nil
	})
}
