package live

import (
	"sync/atomic"
	"time"
)

// Watchdog gives up what says nothing for too long.
type Watchdog struct {
	timer   *time.Timer
	after   time.Duration
	stalled atomic.Bool
}

// Watch calls giveUp, once, when Fed is not called for so long. giveUp closes what
// is watched.
func Watch(after time.Duration, giveUp func()) *Watchdog {
	w := &Watchdog{after: after}
	w.timer = time.AfterFunc(after, func() {
		w.stalled.Store(true)
		giveUp()
	})
	return w
}

// Fed says that something came.
func (w *Watchdog) Fed() { w.Await(w.after) }

// Await says that something must come within d, once.
func (w *Watchdog) Await(d time.Duration) { w.timer.Reset(d) }

// Stop ends the watch.
func (w *Watchdog) Stop() { w.timer.Stop() }

// Stalled reports whether it was given up.
func (w *Watchdog) Stalled() bool { return w.stalled.Load() }
