package processor

import (
	"context"
	"encoding/json"
	"errors"

	"detour/alert"
	"detour/route"
	"detour/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// ledger is what a Judge knows of the alerts that are stored. It decides what is
// published: nothing from evidence before the last stored alert's, and nothing of
// an alert that was told from the same place or a later one (docs/adr/0025).
type ledger struct {
	js      jetstream.JetStream
	last    uint64               // sequence of the last alert read or stored
	mark    stream.AlertPosition // the greatest of all
	entries map[string]entry     // by alert id
	stats   LedgerStats
	limit   int
}

// entry is the last message of an alert.
type entry struct {
	revision uint32
	at       stream.AlertPosition
	updated  route.Time
	firing   bool
}

// LedgerStats counts what a Judge read of stored alerts.
type LedgerStats struct {
	Read       uint64 // messages
	Unreadable uint64 // of those
	Syncs      uint64 // times that others had stored something
	Known      int    // alerts whose revision is known
}

// maxLedger bounds the alerts whose last revision is known.
const maxLedger = 1 << 20

func newLedger(js jetstream.JetStream) ledger {
	return ledger{js: js, entries: map[string]entry{}, limit: maxLedger}
}

// sync reads what was stored since; each is called for every alert, and may be nil.
func (l *ledger) sync(ctx context.Context, each func(*alert.Alert)) error {
	last, err := stream.ReadAlerts(ctx, l.js, l.last, func(m *stream.Message) error {
		l.stats.Read++
		var a alert.Alert
		at, err := stream.ParseAlertPosition(m.Header.Get(stream.PositionHeader))
		if err := errors.Join(err, json.Unmarshal(m.Data, &a)); err != nil {
			l.stats.Unreadable++ // none of ours
			return nil           //nolint:nilerr // counted
		}
		l.note(&a, at)
		if each != nil {
			each(&a)
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.last = last
	return nil
}

// note takes an alert that is stored.
func (l *ledger) note(a *alert.Alert, at stream.AlertPosition) {
	if l.mark.Before(at) {
		l.mark = at
	}
	old, known := l.entries[a.ID]
	if a.Revision < old.revision {
		return
	}
	if !known && len(l.entries) >= l.limit {
		l.forget(a.Updated)
	}
	l.entries[a.ID] = entry{a.Revision, at, a.Updated, a.Status == alert.StatusFiring}
	l.stats.Known = len(l.entries)
}

// ledgerKeeps is how long the revision of a resolved alert is kept at the bound:
// far longer than it can open again under its id.
const ledgerKeeps = 24 * route.Hour

// forget makes room: resolved alerts go, old ones first. What fires is bounded by
// the correlator.
func (l *ledger) forget(now route.Time) {
	for _, before := range [2]route.Time{now - ledgerKeeps, now + 1} {
		for id, e := range l.entries {
			if !e.firing && e.updated < before {
				delete(l.entries, id)
			}
		}
		if 2*len(l.entries) < l.limit {
			return
		}
	}
}

// mute reports whether what comes from a message must not be published.
func (l *ledger) mute(at stream.AlertPosition) bool {
	at.Index = 0
	mark := l.mark
	mark.Index = 0
	return at.Before(mark)
}

// revision returns the number of an alert's next message, which comes from at; 0
// where that was told already.
func (l *ledger) revision(id string, at stream.AlertPosition) uint32 {
	e, known := l.entries[id]
	if known && !e.at.Before(at) {
		return 0
	}
	return e.revision + 1
}
