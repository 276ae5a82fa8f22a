package processor

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"detour/stream"
)

// tellingWait is how long an ack may take; the client gives up a little sooner.
const tellingWait = 2 * stream.DefaultAckTimeout

var errNoAck = errors.New("no ack of an alert came")

// run sends and takes acks until ctx ends (nil), or an alert can never be stored.
func (t *teller) run(ctx context.Context) error {
	for {
		err := t.relaunch()
		if err == nil {
			err = t.step(ctx)
		}
		if err != nil && ctx.Err() == nil {
			err = t.recover(ctx, err)
		}
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the end of ctx is the normal end
		}
		if err != nil {
			return err
		}
	}
}

// relaunch sends what has to be sent again.
func (t *teller) relaunch() error {
	for len(t.again) > 0 && len(t.flying) < tellingMost {
		w := t.again[0]
		t.again = t.again[1:]
		if err := t.launch(w); err != nil {
			return err
		}
	}
	return nil
}

// step sends one alert, or takes the ack of the first that is on its way.
func (t *teller) step(ctx context.Context) error {
	queue := t.queue
	if len(t.flying) >= tellingMost || len(t.again) > 0 {
		queue = nil
	}
	var ok <-chan *jetstream.PubAck
	var failed <-chan error
	var late <-chan time.Time
	if len(t.flying) > 0 {
		ok, failed = t.flying[0].sent.Ok(), t.flying[0].sent.Err()
		t.patience.Reset(tellingWait)
		late = t.patience.C
	}
	select {
	case w := <-queue:
		return t.launch(w)
	case ack := <-ok:
		w := t.flying[0]
		t.flying = t.flying[1:]
		t.landed(w, ack.Sequence)
		return nil
	case err := <-failed:
		t.flying[0].answered = true
		return err
	case <-late:
		return errNoAck
	case <-ctx.Done():
		return nil
	}
}

// launch sends an alert, unless it need not be told.
func (t *teller) launch(w *telling) error {
	tail, wanted := t.prepare(w)
	if !wanted {
		t.finished()
		return nil
	}
	subject, id, data, err := w.encode()
	if err != nil {
		return err
	}
	if w.sent, err = t.pub.SendAfter(tail, subject, id, w.at.String(), data); err != nil {
		t.again = append([]*telling{w}, t.again...)
		return err
	}
	t.flying = append(t.flying, w)
	return nil
}

// prepare gives an alert its name and revision, and says what the stream will end
// with before it; false where it is not to be stored.
func (t *teller) prepare(w *telling) (tail uint64, wanted bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.note()
	l, a := &t.ledger, w.alert
	if l.mute(w.at) {
		t.counts.muted.Add(1)
		return 0, false
	}
	flies := uint32(0) // revision of the last message of it that is on its way
	for _, f := range t.flying {
		if f.alert.ID == a.ID {
			flies = f.alert.Revision
		}
	}
	if !w.named && !t.adopted.take(a, flies > 0 || l.entries[a.ID].revision > 0) {
		t.counts.muted.Add(1)
		return 0, false
	}
	w.named = true
	revision := l.revision(a.ID, w.at)
	if revision == 0 {
		t.counts.known.Add(1)
		return 0, false
	}
	a.Revision = max(revision, flies+1)
	return l.last + uint64(len(t.flying)), true
}

// landed takes note of an alert that is stored.
func (t *teller) landed(w *telling, sequence uint64) {
	t.mu.Lock()
	t.ledger.last = max(t.ledger.last, sequence)
	t.ledger.note(w.alert, w.at)
	t.note()
	t.mu.Unlock()
	t.counts.stored.Add(1)
	t.finished()
	if w.alert.Timing != nil && t.stored != nil {
		t.stored(time.Since(w.alert.Timing.Received.Std()))
	}
}

// finished counts an alert that is done with, and wakes who waits for that.
func (t *teller) finished() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done.Add(1)
	if t.changed != nil {
		close(t.changed)
		t.changed = nil
	}
}

// recover follows a refusal or an ack that did not come: since each alert names the
// one before, all behind it are refused, too, unless only an ack was lost. It
// waits for their answers, looks at what is stored, and stores the first that is
// not, however long that takes. The others are sent again.
func (t *teller) recover(ctx context.Context, err error) error {
	if stream.Hopeless(err) || errors.Is(err, errEncode) {
		return err
	}
	for _, w := range t.flying {
		w.await(ctx)
	}
	t.again = append(t.flying, t.again...)
	t.flying = nil
	if err := t.sync(ctx); err != nil {
		return err
	}
	for len(t.again) > 0 {
		w := t.again[0]
		tail, wanted := t.prepare(w)
		if !wanted {
			t.finished()
			t.again = t.again[1:]
			continue
		}
		subject, id, data, err := w.encode()
		if err != nil {
			return err
		}
		sequence, err := t.pub.PublishAfter(ctx, tail, subject, id, w.at.String(), data)
		switch {
		case err == nil:
			t.again = t.again[1:]
			t.landed(w, sequence)
			return nil
		case !errors.Is(err, stream.ErrAlertsMoved):
			return err
		}
		if err := t.sync(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sync reads what others have stored.
func (t *teller) sync(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.note()
	t.ledger.stats.Syncs++
	return t.ledger.sync(ctx, nil)
}
