package speaker

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	gobgp "github.com/osrg/gobgp/v3/pkg/log"
)

// Bounds of what GoBGP may write to our log: lines a second, octets a value.
const (
	logsASecond = 10
	maxValue    = 200
)

// gobgpLog writes what GoBGP has to say to our log, so many lines a second. What it
// calls fatal is an error here: it may not end our process.
type gobgpLog struct {
	log *slog.Logger

	mu       sync.Mutex
	since    time.Time // of the present second
	written  int       // in it
	withheld uint64
}

func (l *gobgpLog) Panic(msg string, f gobgp.Fields) { l.write(slog.LevelError, msg, f) }
func (l *gobgpLog) Fatal(msg string, f gobgp.Fields) { l.write(slog.LevelError, msg, f) }
func (l *gobgpLog) Error(msg string, f gobgp.Fields) { l.write(slog.LevelError, msg, f) }

// Warn and Info are of sessions that come and go, and why, which the desk tells, too.
func (l *gobgpLog) Warn(msg string, f gobgp.Fields) { l.write(slog.LevelDebug, msg, f) }
func (l *gobgpLog) Info(msg string, f gobgp.Fields) { l.write(slog.LevelDebug, msg, f) }

// Debug is of each message.
func (l *gobgpLog) Debug(string, gobgp.Fields) {}

func (l *gobgpLog) SetLevel(gobgp.LogLevel)  {}
func (l *gobgpLog) GetLevel() gobgp.LogLevel { return gobgp.InfoLevel }

func (l *gobgpLog) write(level slog.Level, msg string, f gobgp.Fields) {
	if !l.log.Enabled(context.Background(), level) {
		return
	}
	withheld, ok := l.may(time.Now())
	if !ok {
		return
	}
	attrs := make([]any, 0, 2*len(f)+4)
	attrs = append(attrs, "gobgp", msg)
	for _, k := range slices.Sorted(maps.Keys(f)) {
		v := fmt.Sprint(f[k])
		attrs = append(attrs, k, v[:min(len(v), maxValue)])
	}
	if withheld > 0 {
		attrs = append(attrs, "more_of_these", withheld)
	}
	l.log.Log(context.Background(), level, "BGP session", attrs...)
}

// may reports whether a line may be written, and how many were not before it.
func (l *gobgpLog) may(now time.Time) (withheld uint64, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.since) >= time.Second {
		l.since, l.written = now, 0
	}
	if l.written++; l.written > logsASecond {
		l.withheld++
		return 0, false
	}
	withheld, l.withheld = l.withheld, 0
	return withheld, true
}
