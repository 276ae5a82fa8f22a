package firehose

import (
	"context"
	"errors"
	"testing"
	"time"
)

// runDisturbed runs a little traffic, lets disturb do something, and checks.
func runDisturbed(t *testing.T, w *world, disturb func(*rig)) (err error) {
	t.Helper()
	r, err := newRig(t.Context(), Spec{
		Rate: 1000, Duration: time.Second, Shards: 2, Replicas: 1, Storage: "memory",
	}, w)
	if err != nil {
		t.Fatal(err)
	}
	defer r.broker.close()
	return r.run(t.Context(), func(ctx context.Context) error {
		if err := errors.Join(r.feeder.prime(ctx), r.settle(ctx), r.send(ctx, 50*time.Millisecond, 0)); err != nil {
			return err
		}
		disturb(r)
		if err := r.broker.process.nc.Flush(); err != nil {
			return err
		}
		// One more frame of each shard, so that its counters are told again.
		if err := errors.Join(r.send(ctx, 50*time.Millisecond, 20), r.settle(ctx)); err != nil {
			return err
		}
		once, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		defer cancel()
		r.hear(once) //nolint:errcheck // what was not heard the check tells
		return r.check()
	})
}
