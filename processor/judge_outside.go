package processor

import (
	"context"
	"fmt"

	"detour/processor/correlate"
)

// SetOutside takes other knowledge from elsewhere, between two ranges of
// evidence; what it changes is told with the next one. Any goroutine may
// call it while Run runs. Two Judges of one evidence that are told at different
// places may differ in what they say of watched prefixes until both are.
func (j *Judge) SetOutside(ctx context.Context, o correlate.Outside) error {
	err := j.ask(ctx, func() error {
		j.cfg.Correlate.Outside = o
		j.c.SetOutside(o)
		return nil
	})
	if err != nil {
		return fmt.Errorf("take over outside knowledge: %w", err)
	}
	return nil
}
