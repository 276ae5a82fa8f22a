package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"detour/internal/config"
	"detour/internal/obs"
)

// daemon is what the long-running roles have in common: configuration, log,
// health, metrics, signals and the connection to NATS.
type daemon struct {
	role    config.Role
	path    string   // of the configuration
	sources []string // given with --source, beside those of the configuration
	out     streams
	cfg     *config.Config
	name    string // of the process in the deployment
	log     *slog.Logger
	level   *slog.LevelVar
	health  *obs.Health
	metrics *obs.Registry
	nc      *nats.Conn
	js      jetstream.JetStream
	refused atomic.Uint64   // errors that the connection told of
	closers []func()        // after the connection, the last first
	leaving context.Context // ends at the first SIGTERM or SIGINT

	mu     sync.Mutex
	reload []func(context.Context, *config.Config) error // what takes over another configuration
}

// Conditions of every daemon.
const (
	condNATS    = "nats"
	condStreams = "streams"
	condCopies  = "replicas"
)

const daemonLong = `

Without --config the defaults and DETOUR_* variables hold; "detour config init"
writes a file with every key. SIGHUP reads the file again and takes over what can
be while it runs; a file with mistakes changes nothing. SIGTERM or SIGINT ends in
order; a second one ends at once.

Exit status: 0 ended in order, 1 could not go on, 2 called wrongly, 78 the
configuration is wrong.`

// newDaemon returns the command of a role.
func newDaemon(role config.Role, short, long string, body func(context.Context, *daemon) error) *cobra.Command {
	var path string
	var sources []string
	c := &cobra.Command{
		Use:   string(role) + " [--config FILE]",
		Short: short,
		Long:  long + daemonLong,
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			d := &daemon{role: role, path: path, sources: sources, out: streams{c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()}}
			return d.run(c.Context(), body)
		},
	}
	addConfigFlag(c, &path)
	if role == config.RoleIngest || role == config.RoleRun {
		addSourceFlag(c, &sources)
	}
	return c
}

// run does everything around body, which returns when it has ended in order.
func (d *daemon) run(ctx context.Context, body func(context.Context, *daemon) error) error {
	if err := d.configure(); err != nil {
		return err
	}
	tuneGC()
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	leaving, leave := context.WithCancel(ctx)
	defer leave()
	d.leaving = leaving
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.listenAdmin(ctx) })
	group.Go(func() error {
		d.listenSignals(ctx, leave)
		return nil
	})
	group.Go(func() error {
		defer cancel()
		defer d.close()
		if err := d.connect(ctx); err != nil {
			if leaving.Err() != nil {
				return nil // asked to leave before there was anything to do
			}
			return err
		}
		d.metrics.Add(natsMetrics(d.nc, d.refused.Load))
		watching, stop := context.WithCancel(ctx)
		var looking sync.WaitGroup
		looking.Go(func() { d.watchStreams(watching) })
		defer looking.Wait()
		defer stop()
		return body(ctx, d)
	})
	err := group.Wait()
	if err == nil {
		d.log.Info("ended")
	}
	return err
}

// configure reads the configuration and makes what needs nothing else.
func (d *daemon) configure() (err error) {
	if d.cfg, err = d.load(); err != nil {
		return err
	}
	if d.name = d.cfg.Name; d.name == "" {
		if d.name, err = os.Hostname(); err != nil {
			return fmt.Errorf("no name is configured, and the host's is not known: %w", err)
		}
	}
	if d.log, d.level, err = obs.NewLogger(d.out.err, d.cfg.Log.Format, d.cfg.Log.Level); err != nil {
		return err
	}
	d.log = d.log.With("role", d.role, "name", d.name)
	d.health = obs.NewHealth(condNATS, condStreams)
	d.metrics = obs.NewRegistry()
	d.metrics.Add(d.health.Source())
	d.metrics.Add(obs.Build(version(), string(d.role)))
	return nil
}

// close ends the connection, and the server if it is our own.
func (d *daemon) close() {
	if d.nc != nil {
		d.nc.Close()
	}
	for _, c := range slices.Backward(d.closers) {
		c()
	}
}

// listenAdmin answers on the admin listener until ctx ends.
func (d *daemon) listenAdmin(ctx context.Context) error {
	if d.cfg.Admin.Listen == "" {
		return nil
	}
	a, err := obs.New(obs.Config{Listen: d.cfg.Admin.Listen}, obs.Deps{Registry: d.metrics, Health: d.health, Log: d.log})
	if err != nil {
		return err
	}
	return a.Run(ctx)
}

// listenSignals lets the first signal leave in order and ends the process at the
// second.
func (d *daemon) listenSignals(ctx context.Context, leave func()) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	defer signal.Stop(signals)
	ending := false
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-signals:
			switch {
			case s == syscall.SIGHUP:
				d.reread(ctx)
			case ending:
				d.log.Warn("ended at once by a second signal; what was under way is lost", "signal", s.String())
				os.Exit(exitFailed)
			default:
				ending = true
				d.log.Info("ending in order; a second signal ends at once", "signal", s.String())
				leave()
			}
		}
	}
}

// onReload has a part of the role take over another configuration at SIGHUP.
func (d *daemon) onReload(f func(context.Context, *config.Config) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reload = append(d.reload, f)
}

// reread takes over a changed configuration as far as that goes. Files that it
// names are read again even where it is the same.
func (d *daemon) reread(ctx context.Context) {
	refuse := func(err error) { d.log.Error("configuration not taken over, the old one holds", "error", err) }
	next, err := d.load()
	if err != nil {
		refuse(err)
		return
	}
	changed, needRestart := config.Reloadable(d.cfg, next)
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, reload := range d.reload {
		if err := reload(ctx, next); err != nil {
			refuse(err)
			return
		}
	}
	if err := obs.SetLevel(d.level, next.Log.Level); err != nil {
		refuse(err)
		return
	}
	next.Detect.Learn, next.Detect.Mature = d.cfg.Detect.Learn, d.cfg.Detect.Mature // hold until the next start
	d.cfg.Log.Level, d.cfg.Detect, d.cfg.Sink = next.Log.Level, next.Detect, next.Sink
	d.log.Info("configuration read again", "changed", changed, "needs_restart", needRestart)
}
