package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"detour/internal/config"
	"detour/internal/obs"
	"detour/stream"
)

// Waits between attempts to reach NATS at the start, and what one may take.
const (
	connectMin  = 100 * time.Millisecond
	connectMax  = 5 * time.Second
	connectWait = 20 * time.Second
)

// connect reaches NATS and finds the streams, and tries until both are there: in
// which order the processes of a cluster start is nobody's business.
func (d *daemon) connect(ctx context.Context) error {
	if d.role == config.RoleRun && d.cfg.NATS.URL == "" {
		if err := d.embed(ctx); err != nil {
			return err
		}
	}
	for wait := connectMin; ; wait = min(2*wait, connectMax) {
		err := d.tryConnect(ctx)
		if err == nil || hopeless(err) || d.leaving.Err() != nil || ctx.Err() != nil {
			return err
		}
		d.log.Warn("not at work yet", "error", err, "again_in", wait)
		select {
		case <-time.After(wait):
		case <-d.leaving.Done():
			return d.leaving.Err()
		case <-ctx.Done(): // another part of the process has failed, and says why
			return ctx.Err()
		}
	}
}

// hopeless reports whether trying again is of no use before somebody acts.
func hopeless(err error) bool {
	return errors.Is(err, stream.ErrIncompatible) || errors.Is(err, nats.ErrAuthorization) ||
		errors.Is(err, nats.ErrNkeysNotSupported) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)
}

func (d *daemon) tryConnect(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, connectWait)
	defer cancel()
	if d.nc == nil {
		d.nc, d.js, err = connectNATS(ctx, d.cfg.NATS, d.role, "detour "+d.name, d.log)
		if err != nil {
			d.health.Set(condNATS, obs.Failing, err.Error())
			return err
		}
		d.watchConnection()
	}
	d.health.Set(condNATS, obs.OK, "")
	if err := readyStreams(ctx, d.js, streamSettings(d.cfg.Streams)); err != nil {
		d.health.Set(condStreams, obs.Failing, err.Error())
		return err
	}
	d.health.Set(condStreams, obs.OK, "")
	return nil
}

// watchConnection keeps health up to date with the connection.
func (d *daemon) watchConnection() {
	d.nc.SetDisconnectErrHandler(func(_ *nats.Conn, err error) {
		d.health.Set(condNATS, obs.Failing, fmt.Sprintf("connection lost, trying again: %v", err))
		if err != nil { // nil when we close it ourselves
			d.log.Warn("nats connection lost", "error", err)
		}
	})
	d.nc.SetReconnectHandler(func(nc *nats.Conn) {
		d.health.Set(condNATS, obs.OK, "")
		d.log.Info("nats connection is back", "server", nc.ConnectedUrlRedacted())
	})
	tell := d.nc.ErrorHandler()
	d.nc.SetErrorHandler(func(nc *nats.Conn, sub *nats.Subscription, err error) {
		d.refused.Add(1)
		tell(nc, sub, err)
	})
}

// unlike says how a stream is not as the configuration has it, and what to do: a server
// inside cannot be asked once this process has ended.
func unlike(st *stream.State) error {
	var list []string
	for _, d := range st.Differences {
		if !d.More {
			list = append(list, d.String())
		}
	}
	return fmt.Errorf("%w: %s: %s; set streams.* back to what it was, or begin anew elsewhere (nats.dir of a server "+
		"inside); \"detour stream check\" tells all of a server that runs", stream.ErrIncompatible, st.Name,
		strings.Join(list, ", "))
}

// readyStreams finds the streams as they must be. Those that are missing are made,
// where this role may do that.
func readyStreams(ctx context.Context, js jetstream.JetStream, s stream.Settings) error {
	states, err := stream.Inspect(ctx, js, s)
	if err != nil {
		return err
	}
	missing := ""
	for i := range states {
		switch st := &states[i]; {
		case !st.Exists:
			missing = st.Name
		case !st.Fits():
			return unlike(st)
		}
	}
	if missing == "" {
		return nil
	}
	if err := stream.Ensure(ctx, js, s); err != nil {
		return fmt.Errorf("stream %s is missing and could not be made; "+
			"\"detour stream ensure\" makes all, with an admin's key: %w", missing, err)
	}
	return nil
}
