package replay

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"detour/internal/pause"
	"detour/route"
)

// pacer keeps to a multiple of the speed at which things happened.
type pacer struct {
	speed float64
	first route.Time // what plays at start
	start time.Time
	due   atomic.Int64 // when what is being handed on should have been, in nanoseconds since 1970; 0 nothing
	most  atomic.Int64 // how late anything was, in nanoseconds
}

// ticksPerSecond bounds the ticks between two updates at high speeds.
const ticksPerSecond = 100

// begins sets what plays first and reports whether it should have played already.
func (p *pacer) begins(first route.Time) (late bool) {
	if p.speed == 0 || p.start.IsZero() {
		return false
	}
	p.first = first
	return p.now() > first
}

// now returns the engine time that it is by the schedule.
func (p *pacer) now() route.Time {
	return p.first + route.Time(float64(time.Since(p.start))*p.speed/1e3)
}

// at returns when engine time t plays, or nearly never.
func (p *pacer) at(t route.Time) time.Time {
	return p.start.Add(time.Duration(min(float64(t-p.first)*1e3/p.speed, math.MaxInt64/2)))
}

// tick returns the next full second behind last at which a tick is due before
// something that happens at until, 0 without one. Where the schedule is ahead of it,
// that is the last such second: one tick says all that many would.
func (p *pacer) tick(last, until route.Time) route.Time {
	if p.speed == 0 || p.first == 0 {
		return 0
	}
	step := route.Second * route.Time(max(1, math.Ceil(min(p.speed, 1e9)/ticksPerSecond)))
	next := last - last%route.Second + step
	if now := min(p.now(), until); next < now {
		next = now - now%route.Second
	}
	if next <= last || next >= until {
		return 0
	}
	return next
}

func (p *pacer) wait(ctx context.Context, engine route.Time) error {
	if p.speed == 0 {
		return nil
	}
	if p.first == 0 {
		p.first = engine
	}
	if p.start.IsZero() {
		p.start = time.Now()
	}
	due := p.at(engine)
	p.due.Store(due.UnixNano())
	d := time.Until(due)
	if d <= 0 {
		p.most.Store(max(p.most.Load(), int64(-d)))
		return nil
	}
	return pause.For(ctx, d)
}

// late may be called from any goroutine.
func (p *pacer) late() time.Duration {
	due := p.due.Load()
	if due == 0 {
		return 0
	}
	return max(0, time.Since(time.Unix(0, due)))
}
