package processor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"detour/alert"
	"detour/processor/correlate"
	"detour/processor/reference"
	"detour/route"
	"detour/stream"
)

// Bounds of a teller: alerts that wait, and those that are sent and not acked yet.
// A leak of thousands of prefixes is told in waves of the latter, so that other
// alerts do not wait for each of them.
const (
	MaxTelling  = 4096
	tellingMost = 128
)

// teller stores alerts in the order in which they were judged, while judging goes
// on. Each is sent with the sequence that must lie before it, so that none is
// stored without the one before, and none twice (docs/adr/0025).
//
// run belongs to one goroutine, all else to the Judge's; mu guards what both use.
type teller struct {
	pub    *stream.AlertPublisher
	stored func(since time.Duration) // may be nil
	queue  chan *telling
	given  uint64 // by the Judge

	mu      sync.Mutex
	ledger  ledger
	adopted adoption
	changed chan struct{} // closed when done grows

	flying   []*telling // sent, in order; of run, as is
	again    []*telling // what comes behind and was sent in vain
	patience *time.Timer
	done     atomic.Uint64
	orphan   atomic.Bool // something adopted waits for its end
	last     atomic.Pointer[tellerStats]
	counts   struct{ stored, muted, known atomic.Uint64 }
}

type tellerStats struct {
	ledger   LedgerStats
	adoption AdoptionStats
	waiting  int
}

// errEncode is final: nothing that comes later could be told.
var errEncode = errors.New("encode alert")

// telling is an alert on its way.
type telling struct {
	alert      *alert.Alert
	at         stream.AlertPosition
	watch      *reference.Watch
	correlated time.Time

	named    bool // adopted.take has seen it
	sent     stream.SentAlert
	answered bool
}

// await waits for the answer to an alert that was sent, whatever it is: what is
// stored says more.
func (w *telling) await(ctx context.Context) {
	if !w.answered {
		select {
		case <-w.sent.Ok():
		case <-w.sent.Err(): //nolint:errcheck // that it came is enough
		case <-time.After(tellingWait):
		case <-ctx.Done():
		}
	}
	w.answered = false
}

func newTeller(js jetstream.JetStream, stored func(time.Duration)) *teller {
	t := &teller{
		pub: stream.NewAlertPublisher(js), stored: stored, queue: make(chan *telling, MaxTelling),
		ledger: newLedger(js), adopted: newAdoption(), patience: time.NewTimer(time.Hour),
	}
	t.last.Store(&tellerStats{})
	return t
}

// stats may be called from any goroutine.
func (t *teller) stats() tellerStats {
	s := *t.last.Load()
	s.waiting = len(t.queue)
	return s
}

// note keeps the stats. The lock is held.
func (t *teller) note() {
	t.orphan.Store(len(t.adopted.orphans) > 0)
	t.last.Store(&tellerStats{ledger: t.ledger.stats, adoption: t.adopted.stats})
}

// begin reads what is stored.
func (t *teller) begin(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.note()
	return t.ledger.sync(ctx, t.adopted.read)
}

// give hands over an alert, and waits while too many wait.
func (t *teller) give(ctx context.Context, w *telling) {
	select {
	case t.queue <- w:
		t.given++
	case <-ctx.Done(): // the normal end, or that of run, which says why
	}
}

// flush waits until all that was given is stored, or need not be.
func (t *teller) flush(ctx context.Context) error { return t.flushTo(ctx, t.given) }

// flushTo waits for the first n that were given; any goroutine may call it.
func (t *teller) flushTo(ctx context.Context, n uint64) error {
	for {
		t.mu.Lock()
		if t.done.Load() >= n {
			t.mu.Unlock()
			return nil
		}
		if t.changed == nil {
			t.changed = make(chan struct{})
		}
		changed := t.changed
		t.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for alerts to be stored: %w", ctx.Err())
		}
	}
}

// evidenceBegins says at which engine time the evidence does.
func (t *teller) evidenceBegins(first route.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.adopted.first = first
}

// mutes reports whether nothing of a message may be told.
func (t *teller) mutes(at stream.AlertPosition) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ledger.mute(at)
}

// compare holds what is stored against what the correlator holds.
func (t *teller) compare(ctx context.Context, c *correlate.Correlator) {
	if t.flush(ctx) != nil {
		return // the normal end
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.note()
	t.adopted.compare(c, c.Stats().Watermark, func(id string) bool { return t.ledger.entries[id].revision > 0 })
}

// expire returns the ends of adopted alerts that are due.
func (t *teller) expire(ctx context.Context, c *correlate.Correlator) []*alert.Alert {
	if !t.orphan.Load() || t.flush(ctx) != nil { // none is ended that an alert on its way is about
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.note()
	return t.adopted.expire(c.Stats().Watermark)
}

// encode returns an alert as it is stored.
func (w *telling) encode() (subject, id string, data []byte, err error) {
	a := w.alert
	if a.Timing != nil {
		a.Timing.Correlated = route.TimeOf(w.correlated)
		a.Timing.Emitted = route.TimeOf(time.Now())
	}
	if data, err = json.Marshal(a); err != nil {
		return "", "", nil, fmt.Errorf("%w %s: %w", errEncode, a.ID, err)
	}
	id = a.ID + "." + strconv.FormatUint(uint64(a.Revision), 10)
	return alertSubject(a, w.watch), id, data, nil
}
