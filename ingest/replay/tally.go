package replay

import (
	"slices"
	"sync"

	"detour/ingest/mrt"
)

// tally adds up what the recordings held. Only totals is for any goroutine; the
// rest is the reader's.
type tally struct {
	ended   mrt.Totals
	reading []*input

	mu    sync.Mutex
	shown mrt.Totals
}

func (t *tally) begin(in *input) { t.reading = append(t.reading, in) }

func (t *tally) end(in *input) {
	t.ended.Add(in.Report())
	t.reading = slices.DeleteFunc(t.reading, func(other *input) bool { return other == in })
	t.show()
}

// show lets others see what was read so far.
func (t *tally) show() {
	now := t.ended
	for _, in := range t.reading {
		now.Add(in.Report())
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown = now
}

func (t *tally) totals() mrt.Totals {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.shown
}
