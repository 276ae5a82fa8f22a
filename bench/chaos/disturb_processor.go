package chaos

import (
	"context"
	"syscall"
	"time"
)

// victim is the processor that something is done to.
const victim = 0

func killProcessor(_ context.Context, c *cluster) error { return c.procs[victim].kill() }

const frozenFor = 10 * time.Second

func freezeProcessor(ctx context.Context, c *cluster) error {
	p := c.procs[victim]
	if err := p.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	if err := sleep(ctx, frozenFor); err != nil {
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

func removeProcessor(_ context.Context, c *cluster) error { return c.procs[victim].end() }

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
