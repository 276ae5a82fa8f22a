package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"detour/internal/obs"
	"detour/stream"
)

// Times of looking at the streams while a role is at work.
const (
	streamsEvery = 10 * time.Second
	streamsWait  = 5 * time.Second
)

// watchStreams keeps health up to date with the streams: that their settings still
// are what detour needs, and that every copy could take over. A server with a full
// disk shows here, long before the next one is missed.
func (d *daemon) watchStreams(ctx context.Context) {
	tick := time.NewTicker(streamsEvery)
	defer tick.Stop()
	wrong := 0 // looks in a row that found something
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		misfit, copies, err := d.lookAtStreams(ctx)
		switch {
		case err != nil: // a matter of the connection, which is another condition
			continue
		case misfit == "" && copies == "":
			if wrong > 1 {
				d.log.Info("streams are as they should be again")
			}
			wrong = 0
		default:
			wrong++
		}
		if misfit == "" && wrong == 1 {
			copies = "" // a copy that is behind for a moment is usual under load
		}
		d.health.Set(condStreams, stateOf(misfit, obs.Failing), misfit)
		d.health.Set(condCopies, stateOf(copies, obs.Degraded), copies)
		if wrong == 2 {
			d.log.Warn("streams are not as they should be", "problem", cmp.Or(misfit, copies))
		}
	}
}

// lookAtStreams returns what is wrong with a stream and what with its copies.
func (d *daemon) lookAtStreams(ctx context.Context) (misfit, copies string, err error) {
	ctx, cancel := context.WithTimeout(ctx, streamsWait)
	defer cancel()
	states, err := stream.Inspect(ctx, d.js, streamSettings(d.cfg.Streams))
	if err != nil {
		return "", "", err
	}
	for i := range states {
		switch st := &states[i]; {
		case !st.Exists:
			misfit = st.Name + " is gone"
		case !st.Fits():
			misfit = st.Name + " does not fit the configuration; \"detour stream check\" tells all"
		case len(st.Behind) > 0:
			copies = fmt.Sprintf("%s: %s", st.Name, strings.Join(st.Behind, ", "))
		}
	}
	return misfit, copies, nil
}

// stateOf is OK where nothing is wrong.
func stateOf(problem string, otherwise obs.State) obs.State {
	if problem == "" {
		return obs.OK
	}
	return otherwise
}
