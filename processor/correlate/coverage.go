package correlate

import (
	"detour/alert"
	"detour/route"
)

// coverage says at t how far alerts can be trusted.
func (c *Correlator) coverage(t route.Time) alert.Coverage {
	var cov alert.Coverage
	if c.gapSeen && t-c.gapAt < c.cfg.Fresh {
		cov.Reasons = append(cov.Reasons, "updates were lost shortly before")
	}
	if c.degraded {
		cov.Reasons = append(cov.Reasons, "a shard is full and refuses routes")
	}
	if c.refused.Degraded() > 0 {
		cov.Reasons = append(cov.Reasons, "a table of the correlator is full")
	}
	switch {
	case len(cov.Reasons) > 0:
		cov.State = alert.CoverageDegraded
	case !c.mature:
		cov.State = alert.CoverageLearning
		cov.Reasons = append(cov.Reasons, "not every route from before is known")
	default:
		cov.State = alert.CoverageComplete
	}
	return cov
}
