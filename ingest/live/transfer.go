package live

import (
	"slices"
	"time"

	"detour/route"
)

// transfer is a session's first announcement of its whole table (RFC 4724 §2).
type transfer struct {
	families []route.Family // whose End-of-RIB is awaited
	from, at route.Time     // its begin, and the last that came of it
	broken   bool           // a part of it was lost: only TransferMost ends it
}

func (t *transfer) begin(now route.Time, families []route.Family) {
	*t = transfer{families: slices.Clone(families), from: now, at: now}
}

func (t *transfer) on() bool { return len(t.families) > 0 }

// lost notes that updates of it were lost.
func (t *transfer) lost() { t.broken = t.on() }

// end notes a family's End-of-RIB and reports whether it was the last one.
func (t *transfer) end(f route.Family) bool {
	if !t.on() {
		return false
	}
	t.families = slices.DeleteFunc(t.families, func(g route.Family) bool { return f == g })
	return !t.on()
}

// over reports whether a transfer must have ended although nobody said so.
func (t *transfer) over(now route.Time, cfg *Config) bool {
	since := func(then route.Time) time.Duration { return time.Duration(now-then) * time.Microsecond }
	return t.on() && (!t.broken && since(t.at) >= cfg.TransferQuiet || since(t.from) >= cfg.TransferMost)
}
