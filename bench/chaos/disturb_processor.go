package chaos

import (
	"context"
	"fmt"
	"slices"
	"syscall"
	"time"

	"detour/internal/pause"
	"detour/stream"
)

// chooseVictim picks the processor that something is done to: the one that judges.
func (c *cluster) chooseVictim(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tryWait)
	defer cancel()
	sub, err := c.nc.SubscribeSync(stream.AllMembers)
	if err != nil {
		return err
	}
	defer sub.Unsubscribe() //nolint:errcheck // fails only when the connection is gone
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return fmt.Errorf("find who judges: %w", err)
		}
		h, err := stream.ParseHeartbeat(m.Subject, m.Data)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(c.roles, func(r *role) bool { return r.Name == h.Member })
		if i >= 0 && slices.ContainsFunc(h.Units, func(u stream.UnitState) bool { return u.Unit == stream.CorrelatorUnit }) {
			c.victim = i
			return nil
		}
	}
}

func killProcessor(_ context.Context, c *cluster) error { return c.procs[c.victim].kill() }

const frozenFor = 10 * time.Second

func freezeProcessor(ctx context.Context, c *cluster) error {
	p := c.procs[c.victim]
	if err := p.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	if err := pause.For(ctx, frozenFor); err != nil {
		return err
	}
	return p.signal(syscall.SIGCONT)
}

func addProcessor(ctx context.Context, c *cluster) error {
	i, err := c.addProcessor()
	if err != nil {
		return err
	}
	return c.ready(ctx, i)
}

func removeProcessor(_ context.Context, c *cluster) error { return c.procs[c.victim].end() }

func rollProcessors(ctx context.Context, c *cluster) error {
	for i, p := range c.procs {
		if err := p.end(); err != nil {
			return err
		}
		if err := p.start(); err != nil {
			return err
		}
		if err := c.ready(ctx, i); err != nil {
			return err
		}
	}
	return nil
}
