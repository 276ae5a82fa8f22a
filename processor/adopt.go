package processor

import (
	"cmp"
	"slices"

	"detour/alert"
	"detour/processor/correlate"
	"detour/route"
)

// adoption is what a Judge does with alerts that fire in the stream and that its
// correlator, which may know less than the one before, holds under another id or
// not at all (docs/adr/0025).
type adoption struct {
	stored  map[string]*alert.Alert // that fire, by id, until the mute ends
	done    bool                    // compared
	orphans map[string]*orphan      // that the correlator does not hold
	byKey   map[adoptKey]string     // their ids
	as      map[string]*alert.Alert // the correlator's id to what it is stored as
	untold  map[string]struct{}     // ids that it holds and nobody has told
	first   route.Time              // engine time at which the evidence begins
	stats   AdoptionStats
}

// AdoptionStats counts what a Judge adopted when it started.
type AdoptionStats struct {
	Adopted int    // firing alerts that were stored
	Renamed int    // of those, held by the correlator under another id
	Orphans int    // of those, not held, and not yet resolved
	Expired uint64 // orphans that were resolved
	Untold  int    // held by the correlator, but never told: they stay so
}

// orphan is an alert that fires and that nobody follows.
type orphan struct {
	alert *alert.Alert
	due   route.Time // when it is resolved
}

// adoptKey says what an alert is about, whenever it opened.
type adoptKey struct {
	scope    alert.Scope
	kind     alert.Kind
	suspect  route.ASN
	expected route.ASN
	prefix   route.Prefix
}

func keyOf(a *alert.Alert) adoptKey {
	k := adoptKey{scope: a.Scope, kind: a.Kind, suspect: a.Suspect, prefix: a.Prefix}
	if a.Suspect == 0 || a.Scope == alert.ScopePrefix {
		k.expected = a.ExpectedOrigin
	}
	return k
}

func newAdoption() adoption {
	return adoption{
		stored: map[string]*alert.Alert{}, orphans: map[string]*orphan{}, byKey: map[adoptKey]string{},
		as: map[string]*alert.Alert{}, untold: map[string]struct{}{},
	}
}

// read takes a stored alert, in order. What fires is bounded by the stream.
func (d *adoption) read(a *alert.Alert) {
	if a.Status == alert.StatusFiring {
		d.stored[a.ID] = a
	} else {
		delete(d.stored, a.ID)
	}
}

// compare holds what is stored against what the correlator holds when the first
// message comes that may be told. known reports whether an id is stored.
func (d *adoption) compare(c *correlate.Correlator, now route.Time, known func(id string) bool) {
	d.done = true
	d.stats.Adopted = len(d.stored)
	for id, a := range d.stored {
		d.orphans[id] = &orphan{a, d.dueOf(c, a, now)}
		d.byKey[keyOf(a)] = id
	}
	d.stored = nil
	c.Firing(func(a *alert.Alert) { d.found(a.ID) })
	c.Firing(func(a *alert.Alert) {
		if !known(a.ID) && !d.rename(a) {
			d.untold[a.ID] = struct{}{}
		}
	})
	d.count()
}

// dueOf says when an orphan is resolved: soon where the correlator has seen all
// evidence of it, since then it is over; else when its kind ends by itself.
func (d *adoption) dueOf(c *correlate.Correlator, a *alert.Alert, now route.Time) route.Time {
	due := now + correlate.QuietAfter
	if a.FirstEvidence < d.first {
		due = max(due, a.Opened+c.Lasting(a.Kind))
	}
	return due
}

// found notes that the correlator holds an alert under its stored id.
func (d *adoption) found(id string) {
	if o := d.orphans[id]; o != nil {
		delete(d.orphans, id)
		if key := keyOf(o.alert); d.byKey[key] == id {
			delete(d.byKey, key)
		}
	}
}

// rename lets a stand for the orphan that is about the same.
func (d *adoption) rename(a *alert.Alert) bool {
	id, ok := d.byKey[keyOf(a)]
	if !ok {
		return false
	}
	d.as[a.ID] = d.orphans[id].alert
	d.stats.Renamed++
	d.found(id)
	return true
}

// take gives a the name under which it is stored. It returns false for what is
// not to be told.
func (d *adoption) take(a *alert.Alert, known bool) bool {
	if _, untold := d.untold[a.ID]; untold {
		return false
	}
	if _, untold := d.untold[a.Incident]; untold {
		return false
	}
	if known {
		d.found(a.ID)
	} else if d.as[a.ID] == nil {
		d.rename(a)
	}
	if was := d.as[a.ID]; was != nil {
		a.ID, a.Opened = was.ID, min(a.Opened, was.Opened)
		a.FirstEvidence = min(a.FirstEvidence, was.FirstEvidence, a.Opened)
	}
	if was := d.as[a.Incident]; was != nil {
		a.Incident = was.ID
	}
	d.count()
	return true
}

func (d *adoption) count() { d.stats.Orphans, d.stats.Untold = len(d.orphans), len(d.untold) }

// expire returns the ends of the orphans that are due at t, incidents first.
func (d *adoption) expire(t route.Time) (ends []*alert.Alert) {
	for id, o := range d.orphans {
		if t < o.due {
			continue
		}
		a := *o.alert
		a.Updated = max(t, a.Updated)
		a.Status, a.CloseReason, a.Closed, a.Timing = alert.StatusResolved, alert.CloseExpired, a.Updated, nil
		a.Coverage = alert.Coverage{
			State:   alert.CoverageDegraded,
			Reasons: []string{"the correlator began anew and holds no route of this any more"},
		}
		ends = append(ends, &a)
		d.found(id)
		d.stats.Expired++
	}
	slices.SortFunc(ends, func(a, b *alert.Alert) int {
		return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.ID, b.ID))
	})
	d.count()
	return ends
}
