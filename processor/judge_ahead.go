package processor

import (
	"context"
	"fmt"
	"time"

	"detour/alert"
	"detour/stream"
)

// aheadMax bounds the alerts that are on their way at one time.
const aheadMax = 256

// sent is an alert on its way.
type sent struct {
	*alert.Alert
	at     stream.AlertPosition
	flight stream.SentAlert
}

// ahead sends the first alerts of one message without waiting for each, for a leak
// brings thousands, and a replicated stream takes milliseconds to store one. It
// returns how many of the list need nothing more; the next one is to be published
// with patience. at is that of the alert before the first.
func (j *Judge) ahead(
	ctx context.Context, list []*alert.Alert, at stream.AlertPosition, correlated time.Time,
) (done int, err error) {
	if len(list) < 2 {
		return 0, nil
	}
	var flights []sent
	seen := map[string]bool{}
	for _, a := range list[:min(len(list), aheadMax)] {
		at.Index++
		if seen[a.ID] {
			break // its revision is known when the one before is stored
		}
		tell := j.numbered(a, at)
		if tell && seen[a.ID] {
			break // it has the name of one that was adopted
		}
		seen[a.ID] = true
		if !tell {
			flights = append(flights, sent{at: at})
			continue
		}
		s := sent{Alert: a, at: at}
		if s.flight, err = j.send(a, at, correlated, uint64(inFlight(flights))); err != nil {
			break // said again, and insisted on, by publish
		}
		flights = append(flights, s)
	}
	return j.land(ctx, flights)
}

func inFlight(list []sent) (n int) {
	for i := range list {
		if list[i].Alert != nil {
			n++
		}
	}
	return n
}

// numbered gives an alert its revision; false where it is not to be told.
func (j *Judge) numbered(a *alert.Alert, at stream.AlertPosition) bool {
	l := &j.ledger
	if l.mute(at) || !j.adopted.take(a, l.entries[a.ID].revision > 0) {
		j.counters.Muted++
		return false
	}
	if a.Revision = l.revision(a.ID, at); a.Revision == 0 {
		j.counters.Known++
		return false
	}
	return true
}

// send sends one alert behind so many others that are on their way.
func (j *Judge) send(
	a *alert.Alert, at stream.AlertPosition, correlated time.Time, behind uint64,
) (stream.SentAlert, error) {
	subject, id, data, err := j.encode(a, correlated)
	if err != nil {
		return stream.SentAlert{}, err
	}
	return j.alerts.SendAfter(j.ledger.last+behind, subject, id, at.String(), data)
}

// land waits for all acks and returns how many of the list, from its beginning,
// were stored or not to be told.
func (j *Judge) land(ctx context.Context, flights []sent) (done int, err error) {
	wait, cancel := context.WithTimeout(ctx, stream.DefaultAckTimeout)
	defer cancel()
	whole := true
	for i := range flights {
		s := &flights[i]
		if s.Alert != nil {
			seq, err := s.flight.Stored(wait)
			if err == nil {
				j.stored(s.Alert, s.at, seq)
			}
			whole = whole && err == nil
		}
		if whole {
			done++
		}
	}
	if ctx.Err() != nil {
		return done, fmt.Errorf("publish alerts: %w", ctx.Err())
	}
	return done, nil
}
