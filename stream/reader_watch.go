package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// identify reads the stream's state from its leader and checks that it is the
// stream that was read before.
func (r *Reader) identify(ctx context.Context) error {
	info, err := r.info(ctx)
	if err != nil {
		return err
	}
	position := r.position.Load()
	switch {
	case r.created.IsZero() && !r.cfg.Created.IsZero() && !info.Created.Equal(r.cfg.Created),
		!r.created.IsZero() && !info.Created.Equal(r.created):
		return fmt.Errorf("%w: created %v", ErrStreamReplaced, info.Created)
	case info.State.LastSeq < position:
		return fmt.Errorf("%w: it ends at %d, before position %d", ErrStreamReplaced, info.State.LastSeq, position)
	}
	r.created = info.Created
	r.end.Store(info.State.LastSeq)
	return nil
}

func (r *Reader) info(ctx context.Context) (info *jetstream.StreamInfo, err error) {
	once, cancel := context.WithTimeout(ctx, r.asking.wait())
	defer cancel()
	defer func() { r.asking.done(err) }()
	if r.stream == nil {
		st, err := r.js.Stream(once, r.cfg.Stream)
		if err != nil {
			return nil, fmt.Errorf("look up stream: %w", err)
		}
		r.stream = st
		return st.CachedInfo(), nil
	}
	if info, err = r.stream.Info(once); err != nil {
		return nil, fmt.Errorf("read stream state: %w", err)
	}
	return info, nil
}

// watchdog notices that a consumer no longer delivers. Whether the server, the
// client or the network is to blame is all the same to it.
type watchdog struct {
	reader  *Reader
	pull    *pull
	beats   int
	handled uint64 // at the last look at the stream
	suspect uint64 // position beyond which the stream holds messages, plus 1; 0 none
}

// look is called at each beat; again asks for another consumer. Every second
// without a message it asks the stream how far it goes. A message that is merely
// on its way has until the next beat.
func (w *watchdog) look(ctx context.Context) (again bool, err error) {
	r, p := w.reader, w.pull
	if len(p.messages) > 0 {
		return false, nil // the handler is slow, not the server
	}
	if time.Since(p.heard) > 2*pullHeartbeat || r.nc.Stats().Reconnects != p.reconnects {
		r.stats.silences.Add(1)
		return true, nil
	}
	position := r.position.Load()
	if w.suspect == position+1 {
		r.stats.stalls.Add(1)
		return true, nil
	}
	w.suspect = 0
	if w.beats++; w.beats < int(time.Second/readerBeat) {
		return false, nil
	}
	w.beats = 0
	if w.handled != r.handled {
		w.handled = r.handled
		return false, nil
	}
	info, err := r.info(ctx)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return false, fmt.Errorf("read stream %s: %w", r.cfg.Stream, err)
	case err != nil:
		r.stats.failures.Add(1)
		return false, nil //nolint:nilerr // counted; the next look may do better
	case !info.Created.Equal(r.created):
		return true, nil // reopening says what is wrong
	}
	r.end.Store(info.State.LastSeq)
	if info.State.Msgs > 0 && info.State.LastSeq > position {
		w.suspect = position + 1
	}
	return false, nil
}
