package obs

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// State of a condition.
type State uint8

// States. Degraded works, with less; Failing does not do its work.
const (
	OK State = iota
	Degraded
	Failing
)

var stateNames = [...]string{"ok", "degraded", "failing"}

func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("state-%d", s)
}

// MarshalText writes the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Condition is one thing that must hold for the process to do its work.
type Condition struct {
	Name   string    `json:"name"`
	State  State     `json:"state"`
	Reason string    `json:"reason,omitempty"`
	Since  time.Time `json:"since"` // when the state became this one
}

// Bounds of a Health.
const (
	maxConditions = 1024
	maxReason     = 512 // octets
)

// Health knows what holds. A process is ready while no condition is failing; it
// lives while every pulse beats.
type Health struct {
	mu         sync.Mutex
	conditions map[string]Condition
	pulses     map[*Pulse]struct{}
}

// NewHealth returns a Health in which the expected conditions are failing until
// they are set, so that nobody is ready before the start is over.
func NewHealth(expected ...string) *Health {
	h := &Health{conditions: map[string]Condition{}, pulses: map[*Pulse]struct{}{}}
	for _, name := range expected {
		h.Set(name, Failing, "not known yet, the process is starting")
	}
	return h
}

// Set states a condition. A reason is for people: what is wrong, where, and what
// to do; ok needs none.
func (h *Health) Set(name string, s State, reason string) {
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "") + "…"
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	old, known := h.conditions[name]
	if !known && len(h.conditions) == maxConditions {
		return
	}
	since := old.Since
	if !known || old.State != s {
		since = time.Now()
	}
	h.conditions[name] = Condition{name, s, reason, since}
}

// Remove forgets a condition, such as that of a shard that runs elsewhere now.
func (h *Health) Remove(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conditions, name)
}

// Ready returns the conditions, the worst first, and whether none is failing.
func (h *Health) Ready() (ready bool, conditions []Condition) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ready = true
	for _, c := range h.conditions {
		ready = ready && c.State != Failing
		conditions = append(conditions, c)
	}
	slices.SortFunc(conditions, func(a, b Condition) int {
		if a.State != b.State {
			return int(b.State) - int(a.State)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return ready, conditions
}

// Source emits the conditions and pulses.
func (h *Health) Source() Source {
	return func(emit Emit) {
		ready, conditions := h.Ready()
		emit(HealthReady, Bool(ready))
		for _, c := range conditions {
			emit(HealthCondition, float64(c.State), c.Name)
		}
		for _, b := range h.beats() {
			emit(HealthPulseAge, b.Silent.Seconds(), b.Owner)
		}
	}
}

// Bool is 1 for true.
func Bool(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
