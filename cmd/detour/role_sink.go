package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"detour/alert"
	"detour/internal/config"
	"detour/sink/feed"
	"detour/sink/jsonl"
	"detour/sink/terminal"
	"detour/stream"
)

const sinkLong = `Bring stored alerts to where people or programs read them: every alert at least
once and in order, also what was stored while the sink was away. A copy after a
death is recognised by its id and revision.`

func newSink() *cobra.Command {
	return newDaemon(config.RoleSink, "Bring alerts to files and terminals", sinkLong,
		func(ctx context.Context, d *daemon) error {
			s, err := d.newSinks()
			if err != nil {
				return err
			}
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			defer context.AfterFunc(d.leaving, cancel)()
			return s.run(ctx)
		})
}

// sinks are those of one process.
type sinks struct {
	feeds []*feed.Feed
	files []*jsonl.Sink
}

// newSinks opens what the configuration names.
func (d *daemon) newSinks() (*sinks, error) {
	s := &sinks{}
	for _, path := range d.cfg.Sink.Files {
		out, err := jsonl.New(jsonl.Config{Path: path}, jsonl.Deps{Stdout: d.out.out})
		if err != nil {
			return nil, err
		}
		s.files = append(s.files, out)
		if err := d.addSink(s, path, out); err != nil {
			return nil, err
		}
	}
	if d.cfg.Sink.Terminal {
		return s, d.addSink(s, "terminal", &shownSink{
			shown: newShownAlerts(false, nil), term: terminal.New(terminal.Config{}, terminal.Deps{Out: d.out.out}),
		})
	}
	return s, nil
}

func (d *daemon) addSink(s *sinks, what string, to feed.Sink) error {
	f, err := feed.New(feed.Config{Name: consumerName(d.name, what)}, feed.Deps{JS: d.js, Sink: to, Log: d.log})
	if err != nil {
		return err
	}
	s.feeds = append(s.feeds, f)
	d.metrics.Add(sinkMetrics(what, f.Stats, nil))
	return nil
}

// run ends with ctx.
func (s *sinks) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, f := range s.feeds {
		group.Go(func() error { return f.Run(ctx) })
	}
	err := group.Wait()
	for _, f := range s.files {
		if failed := f.Close(); err == nil {
			err = failed
		}
	}
	return err
}

// settled waits until all that is stored now was delivered.
func (s *sinks) settled(ctx context.Context, js jetstream.JetStream) error {
	ctx, cancel := context.WithTimeout(ctx, settleWait)
	defer cancel()
	st, err := js.Stream(ctx, stream.AlertsStream)
	if err != nil {
		return fmt.Errorf("look up %s: %w", stream.AlertsStream, err)
	}
	state := st.CachedInfo().State
	for _, f := range s.feeds {
		for state.Msgs > 0 && f.Stats().Sequence < state.LastSeq {
			select {
			case <-time.After(settleStep):
			case <-ctx.Done():
				return fmt.Errorf("a sink has not taken every alert: %w", ctx.Err())
			}
		}
	}
	return nil
}

// settleStep is the time between two looks at a sink.
const settleStep = 20 * time.Millisecond

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

// shownSink shows alerts on a terminal, as detour replay does.
type shownSink struct {
	shown shownAlerts
	term  *terminal.Sink
}

// Write implements feed.Sink.
func (s *shownSink) Write(data []byte) error {
	var a alert.Alert
	if err := json.Unmarshal(data, &a); err != nil {
		return s.term.Note(0, fmt.Sprintf("an alert that cannot be read: %v", err))
	}
	if s.shown.of(&a) == showNothing {
		return nil
	}
	return s.term.Alert(&a)
}

// Flush implements feed.Sink.
func (s *shownSink) Flush() error { return nil }
