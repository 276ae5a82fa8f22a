package obs

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"
)

// Pulse is a goroutine's word that it has not stopped. Its owner calls Beat more
// often than its limit, and Stop when it ends.
type Pulse struct {
	owner  string
	limit  time.Duration
	start  time.Time
	last   atomic.Int64 // nanoseconds from start to the last beat
	health *Health
}

// Pulse returns a pulse that begins to beat now. Choose a limit far beyond what
// waiting for NATS or a slow disk takes: when it is passed the process should be
// ended from outside.
func (h *Health) Pulse(owner string, limit time.Duration) *Pulse {
	p := &Pulse{owner: owner, limit: limit, start: time.Now(), health: h}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pulses[p] = struct{}{}
	return p
}

// Beat costs a look at the clock and an atomic store.
func (p *Pulse) Beat() { p.last.Store(int64(time.Since(p.start))) }

// Stop says that the owner has ended.
func (p *Pulse) Stop() {
	p.health.mu.Lock()
	defer p.health.mu.Unlock()
	delete(p.health.pulses, p)
}

// beat is what is known of a pulse.
type beat struct {
	Owner  string        `json:"owner"`
	Silent time.Duration `json:"-"`
	Stuck  bool          `json:"stuck"`
	Text   string        `json:"silent"`
}

// beats returns the pulses, the one that was silent for longest first.
func (h *Health) beats() []beat {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := []beat{}
	for p := range h.pulses {
		silent := time.Since(p.start) - time.Duration(p.last.Load())
		list = append(list, beat{
			Owner: p.owner, Silent: silent, Stuck: silent > p.limit, Text: silent.Round(time.Millisecond).String(),
		})
	}
	slices.SortFunc(list, func(a, b beat) int {
		return cmp.Or(cmp.Compare(b.Silent, a.Silent), cmp.Compare(a.Owner, b.Owner))
	})
	return list
}

// Live reports whether every pulse beats, and who does not.
func (h *Health) Live() (live bool, stuck []string) {
	for _, b := range h.beats() {
		if b.Stuck {
			stuck = append(stuck, b.Owner)
		}
	}
	return len(stuck) == 0, stuck
}
