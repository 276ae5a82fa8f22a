package main

import (
	"context"
	"time"

	"detour/route"
)

// demoPace keeps engine time to a multiple of real time that changes.
type demoPace struct {
	haste  float64 // further multiple
	speed  float64
	engine route.Time // when speed began
	wall   time.Time
}

// change sets the speed from a moment of engine time on, which is now.
func (p *demoPace) change(engine route.Time, speed float64) {
	p.speed, p.engine, p.wall = speed*p.haste, engine, time.Now()
}

// wait returns when a moment of engine time has come.
func (p *demoPace) wait(ctx context.Context, at route.Time) error {
	if p.speed == 0 {
		return nil
	}
	d := time.Until(p.wall.Add(time.Duration(float64(at-p.engine) * 1e3 / p.speed)))
	if d < time.Millisecond { // less than a timer is worth
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
