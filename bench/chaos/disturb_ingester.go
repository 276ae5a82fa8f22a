package chaos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"detour/alert"
	"detour/internal/pause"
)

// ingesterAway is how long nothing starts a killed ingester.
const ingesterAway = time.Second

func killIngester(ctx context.Context, c *cluster) error {
	p := c.sources[0]
	if err := p.kill(); err != nil {
		return err
	}
	if err := pause.For(ctx, ingesterAway); err != nil {
		return err
	}
	return p.start()
}

// statesTheGap asks that alerts say that not all was seen, and why.
func statesTheGap(_ context.Context, _ *cluster, o *outcome) []string {
	for said := range o.coverage {
		if strings.HasPrefix(said, string(alert.CoverageDegraded)) {
			return nil
		}
	}
	return []string{fmt.Sprintf("no alert states that coverage dropped: %v", o.coverage)}
}

// spared returns what of a list has nothing to do with the first ingester's
// events.
func spared(c *cluster, list []string) []string {
	own := map[string]bool{}
	for _, e := range c.traffic.Events {
		if e.Ingester == 0 {
			own[fmt.Sprintf("%s AS%v", alert.KindHijack, e.Hijacker)] = true
			own[fmt.Sprintf("%s %v", alert.KindHijack, e.Prefix)] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(key string) bool { return own[key] })
}
