package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/spf13/cobra"

	"detour/internal/config"
)

const sinkLong = `Bring stored alerts to where people or programs read them: every alert at least
once and in order, also what was stored while the sink was away. A copy after a
death is recognised by its id and revision.`

func newSink() *cobra.Command {
	return newDaemon(config.RoleSink, "Bring alerts to files and terminals", sinkLong,
		func(ctx context.Context, d *daemon) error {
			s, err := newSinks(d)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			defer context.AfterFunc(d.leaving, cancel)()
			return s.run(ctx)
		})
}

// consumerName is the name of a sink's consumer: readable, and its own.
func consumerName(process, what string) string {
	h := fnv.New32a()
	fmt.Fprintf(h, "%s\x00%s", process, what)
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, process)
	return fmt.Sprintf("sink-%.60s-%08x", clean, h.Sum32())
}
