package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"detour/alert"
	"detour/ingest"
	"detour/internal/cputime"
	"detour/processor/correlate"
	"detour/route"
)

// demoRun is one demo. Its fields belong to whichever part runs: the source
// while it feeds, the alert listener for what it hears; the report comes last.
type demoRun struct {
	opts   demoOptions
	out    streams
	screen *demoScreen
	world  *demoWorld
	pipe   *pipeline
	source *demoSource
	victim *demoVictim

	begin   time.Time
	laps    []demoLap
	latency demoLatency
	sent    uint64 // elements before the hour of 2020-07-17

	incidents []*alert.Alert // the last message of each, by opening
	opened    map[string]int // prefixes of each when it opened, by id
	messages  uint64         // of incidents
	prefixes  uint64         // messages of alerts of prefixes
	networks  map[route.ASN]struct{}
}

// demoLap is what a part of the demo took.
type demoLap struct {
	name      string
	wall, cpu time.Duration
	memory    uint64 // peak so far
}

func newDemoRun(o demoOptions, out streams) *demoRun {
	return &demoRun{
		opts: o, screen: newDemoScreen(out.out), out: out, begin: time.Now(),
		opened: map[string]int{}, networks: map[route.ASN]struct{}{},
	}
}

// lap notes what the part that now ends took.
func (d *demoRun) lap(name string) demoLap {
	l := demoLap{name, time.Since(d.begin), cputime.Now(), cputime.PeakMemory()}
	for i := range d.laps {
		l.wall -= d.laps[i].wall
		l.cpu -= d.laps[i].cpu
	}
	d.laps = append(d.laps, l)
	return l
}

func (d *demoRun) run(ctx context.Context) (err error) {
	d.screen.title(demoTitle, demoPreface)
	if d.world, err = makeDemoWorld(d.opts); err != nil {
		return err
	}
	d.made()
	d.pipe = &pipeline{
		opts: replayOptions{shards: d.opts.shards, live: true, streamBytes: demoStreamBytes},
		out:  d.out, tell: d.heard,
		rules: correlate.Config{Outside: correlate.Outside{Relationships: d.world.rel, Names: d.world.names}},
	}
	if d.pipe.broker, err = openBroker(ctx, d.pipe.opts); err != nil {
		return err
	}
	defer d.pipe.broker.close()
	if d.victim, err = listenVictim(ctx, d.pipe.broker, demoBusy, d.screen); err != nil {
		return err
	}
	if err := d.pipe.build(d.open); err != nil {
		return errors.Join(err, d.victim.close())
	}
	stop := d.screen.watch(d.source.status)
	err = d.pipe.run(ctx)
	stop()
	_, ferr := d.pipe.flags.close(d.pipe.broker.nc)
	return errors.Join(err, ferr, d.victim.close())
}

// demoStreamBytes is the limit of each stream; that of alerts holds all of them.
const demoStreamBytes = 128 << 20

// Speeds of the story, multiples of real time. Evidence is judged live, so that
// shards must not drift apart in engine time: nothing but the table goes at full
// speed.
const (
	demoQuiet  = 240
	demoSlow   = 10
	demoFast   = 1200
	demoEnding = 60
)

// demoOpening is how long after the last new route of the leak it is still told
// slowly: peers take up to half a minute to hear of it.
const demoOpening = 20 * route.Second

// open makes the source and the chapters of its story.
func (d *demoRun) open(out ingest.Output) (source, error) {
	f := d.world.facts
	d.source = &demoSource{world: d.world, out: out, pace: demoPace{haste: d.opts.haste}}
	d.source.chapters = []demoChapter{
		{from: route.TimeOf(demoTableAt), speed: demoQuiet, begin: d.primed},
		{from: f.Start - 5*route.Second, speed: demoSlow, begin: d.slow},
		{from: f.Start + demoRamp + demoOpening, speed: demoFast, begin: d.fast},
		{from: f.Ends - route.Second, speed: demoEnding, begin: d.ending},
		{from: d.world.closed(), speed: demoFast, begin: d.gone},
		{from: d.world.busy(), speed: demoFast, begin: d.busy},
		{from: d.world.end(), speed: demoFast, begin: d.over},
	}
	return d.source, nil
}

// demoStall is how long nothing may be judged while something waits.
const demoStall = time.Minute

// settle waits until all that was sent is judged.
func (d *demoRun) settle(ctx context.Context) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	var last uint64
	since := time.Now()
	for {
		judged, sent := d.pipe.judge.Stats().Correlate.Elements, d.pipe.pub.Stats().Elements
		switch {
		case judged >= sent:
			return nil
		case judged != last:
			last, since = judged, time.Now()
		case time.Since(since) > demoStall:
			return fmt.Errorf("wait for the correlator: %d of %d route elements judged, and no more in %v",
				judged, sent, demoStall)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for the correlator: %w", context.Cause(ctx))
		}
	}
}
