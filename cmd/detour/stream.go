package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"

	"detour/internal/config"
	"detour/processor/checkpoint"
	"detour/stream"
)

const streamLong = `Look after the streams that detour keeps on JetStream, as the section streams of
the configuration asks for them. A stream that exists is never changed. One that
keeps more than asked for is fine, and noted; one that keeps less, or was made for
another number of shards, is not.

Prints a line for each stream: whether it is there, its replicas and limits, what
it holds, and how it differs.

Exit status: 0 all streams are there and fit, 1 one is missing or does not fit, or
the server could not be asked, 2 called wrongly, 78 the configuration is wrong.`

func newStream() *cobra.Command {
	return group("stream", "Make and check the streams", streamLong,
		newStreamCommand("ensure", "Make the streams that are missing, and check the others", true),
		newStreamCommand("check", "Compare the streams with the configuration, and make none", false))
}

func newStreamCommand(use, short string, ensure bool) *cobra.Command {
	var path string
	c := &cobra.Command{
		Use: use + " [--config FILE]", Short: short, Long: short + ".\n\n" + streamLong, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := loadConfig(path, config.RoleAdmin, c.ErrOrStderr(), nil)
			if err != nil {
				return err
			}
			return runStream(c.Context(), cfg, ensure, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	addConfigFlag(c, &path)
	return c
}

// streamSettings are the streams that a configuration asks for.
func streamSettings(s config.Streams) stream.Settings {
	limits := func(l config.Limits) stream.Limits {
		return stream.Limits{MaxAge: l.MaxAge, MaxBytes: int64(l.MaxBytes)}
	}
	return stream.Settings{
		Shards: s.Shards, Replicas: s.Replicas,
		Updates: limits(s.Updates), Evidence: limits(s.Evidence), Alerts: limits(s.Alerts),
	}
}

func runStream(ctx context.Context, cfg *config.Config, ensure bool, stdout, stderr io.Writer) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	nc, js, err := connectAdmin(ctx, cfg.NATS, "detour stream", log)
	if err != nil {
		return err
	}
	defer nc.Close()
	settings := streamSettings(cfg.Streams)
	states, err := stream.Inspect(ctx, js, settings)
	if err != nil {
		return err
	}
	made := map[string]bool{}
	if ensure && !misfits(states) {
		for i := range states {
			made[states[i].Name] = !states[i].Exists
		}
		if err := stream.Ensure(ctx, js, settings); err != nil {
			return err
		}
		if states, err = stream.Inspect(ctx, js, settings); err != nil {
			return err
		}
	}
	if err := printStreams(stdout, states, made); err != nil {
		return fmt.Errorf("print streams: %w", err)
	}
	if err := judgeStreams(states); err != nil {
		return err
	}
	return buckets(ctx, js, cfg.Streams.Replicas, ensure, stdout)
}

// buckets makes or looks for what checkpoints are kept in.
func buckets(ctx context.Context, js jetstream.JetStream, replicas int, ensure bool, stdout io.Writer) error {
	store, err := checkpoint.New(checkpoint.Config{Member: "admin", Replicas: replicas}, checkpoint.Deps{JS: js})
	if err != nil {
		return err
	}
	missing, err := store.Missing(ctx)
	if err != nil {
		return err
	}
	if ensure {
		if err := store.Ensure(ctx); err != nil {
			return err
		}
	} else if len(missing) > 0 {
		return fmt.Errorf("buckets %s for checkpoints are missing; \"detour stream ensure\" makes them",
			strings.Join(missing, ", "))
	}
	made := ""
	if len(missing) > 0 {
		made = ", made " + strings.Join(missing, ", ")
	}
	_, err = fmt.Fprintf(stdout, "buckets for checkpoints: ready%s\n", made)
	return err
}

// misfits reports whether a stream that exists is not what is asked for.
func misfits(states []stream.State) bool {
	for i := range states {
		if !states[i].Fits() {
			return true
		}
	}
	return false
}

// judgeStreams returns what an operator has to see to.
func judgeStreams(states []stream.State) error {
	if misfits(states) {
		return errors.New("streams that exist do not fit the configuration, and nothing was changed: change the " +
			"configuration to what they are, change them with the nats command, or delete them with all they hold")
	}
	missing := 0
	for i := range states {
		if !states[i].Exists {
			missing++
		}
	}
	if missing > 0 {
		return fmt.Errorf("%d of %d streams are missing; \"detour stream ensure\" makes them", missing, len(states))
	}
	return nil
}

// printStreams prints a line for each stream.
func printStreams(w io.Writer, states []stream.State, made map[string]bool) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "STREAM\tIS\tREPLICAS\tMAX AGE\tMAX BYTES\tMESSAGES\tBYTES\tDIFFERS")
	for i := range states {
		s := &states[i]
		is := "missing"
		switch {
		case made[s.Name]:
			is = "made"
		case s.Exists:
			is = "exists"
		}
		var differs []string
		for _, d := range s.Differences {
			differs = append(differs, d.String())
		}
		differs = append(differs, s.Behind...)
		if len(differs) == 0 {
			differs = []string{"-"}
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\t%d\t%s\t%s\n", s.Name, is, s.Config.Replicas,
			config.FormatDuration(s.Config.MaxAge), config.Bytes(max(s.Config.MaxBytes, 0)), s.Messages,
			config.Bytes(s.Bytes), strings.Join(differs, "; "))
	}
	return t.Flush()
}
