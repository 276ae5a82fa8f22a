package correlate

import (
	"detour/alert"
	"detour/route"
)

// QuietAfter is how long nothing must be heard of what is over.
const QuietAfter = quietAfter

// lateLearn is how long a Correlator whose evidence begins in the middle only
// learns.
const lateLearn = mostLearn

// Late says, before the first Range, that the evidence does not begin where the
// log began: what shards told before that is not known and will not be told
// again. For half an hour everything is only learned, whatever the configuration
// says of maturity, and alerts say that coverage is "learning".
func (c *Correlator) Late() { c.late, c.mature = true, false }

// learnsLate begins or ends that time at t.
func (c *Correlator) learnsLate(t route.Time) {
	switch {
	case c.lateUntil == 0:
		c.lateUntil = t + lateLearn
	case t >= c.lateUntil:
		c.late = false
		if c.cfg.Maturity == MatureYes {
			c.setMature()
		}
	}
}

// Lasting returns how long alerts of a kind fire at most.
func (c *Correlator) Lasting(k alert.Kind) route.Time {
	if k == alert.KindLeak || k == alert.KindUnexpectedTransit {
		return c.cfg.Hold
	}
	return lastingHolds * c.cfg.Hold
}

// Firing calls visit for each alert that fires, in no order, with what names it:
// id, scope, kind, suspect, prefix, expected origin, incident. The alert is valid
// during the call. It may be called between two calls of Range.
func (c *Correlator) Firing(visit func(*alert.Alert)) {
	for _, p := range c.incidents.timers.items {
		if !p.open {
			continue
		}
		visit(&p.alert)
		for i := range p.list {
			if p.list[i].fired {
				c.visitPrefix(p, &p.list[i], visit)
			}
		}
	}
	for _, k := range c.timers.items {
		if k.state == firing {
			visit(&k.alert)
		}
	}
}

func (c *Correlator) visitPrefix(p *incident, a *affected, visit func(*alert.Alert)) {
	prefix := c.prefixes.prefix(a.prefix)
	for _, o := range a.expected() {
		visit(&alert.Alert{
			ID: prefixAlertID(p.key.kind, prefix, o, a.opened), Scope: alert.ScopePrefix, Kind: p.key.kind,
			Suspect: p.alert.Suspect, Prefix: prefix, ExpectedOrigin: o, Incident: p.alert.ID,
		})
	}
}

// expected returns the expected origins for each of which there is an alert.
func (a *affected) expected() []route.ASN { return a.origins[:max(1, countASNs(a.origins[:]))] }

func prefixAlertID(kind alert.Kind, prefix route.Prefix, expected route.ASN, opened route.Time) string {
	return alert.NewID(alert.ScopePrefix, kind, prefix.String()+" "+expected.String(), opened)
}
