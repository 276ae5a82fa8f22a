package main

import (
	"context"
	"fmt"

	"detour/internal/latency"
	"detour/internal/scenario/fulltable"
	"detour/route"
)

const (
	demoTitle   = "The leak of 2019-06-24 at its size, then an hour like 2020-07-17"
	demoPreface = "By construction, after accounts of those days: the networks, the table, the traffic, " +
		"the leak's size and " +
		"times, and who hears of it. Found out by detour: everything else. It is given the routes, the networks' " +
		"relationships and a few names, and nothing about the leak."
)

// made tells of the world, before anything runs.
func (d *demoRun) made() {
	w, l := d.world, d.lap("making it up")
	d.screen.row("made up", "%s networks, a table of %s prefixes at %d peers, "+
		"and a leak of %s prefixes of %s networks, in %s",
		number(uint64(w.table.Graph().Len())), number(uint64(w.table.Len())), d.opts.peers,
		number(uint64(w.facts.Prefixes)), number(uint64(w.facts.Origins)), seconds(l.wall))
}

// truth says what is to be found.
func (d *demoRun) truth() string {
	f := d.world.facts
	return fmt.Sprintf("AS%v leaks %s prefixes of %s networks, from AS%v to AS%v, heard by %d of %d peers.",
		fulltable.Leaker, number(uint64(f.Prefixes)), number(uint64(f.Origins)), fulltable.Source, fulltable.Propagator,
		f.Peers, d.opts.peers)
}

// primed ends the table.
func (d *demoRun) primed(ctx context.Context) error {
	if err := d.settle(ctx); err != nil {
		return err
	}
	n := d.source.Progress().Elements
	l := d.lap("the table")
	at := route.TimeOf(demoTableAt)
	d.screen.say(at, "The table is known: %s routes through JetStream into %d shards in %s, %s a second.",
		number(n), d.opts.shards, seconds(l.wall), number(uint64(float64(n)/l.wall.Seconds())))
	d.screen.say(at, "Four minutes of ordinary traffic, %d times as fast as it happens.", demoQuiet)
	return nil
}

// slow begins shortly before the leak: from here on latency is measured.
func (d *demoRun) slow(ctx context.Context) error {
	if err := d.settle(ctx); err != nil {
		return err
	}
	d.lap("ordinary traffic")
	s := &d.pipe.stages
	for _, r := range []*latency.Recorder{&s.stored, &s.applied, &s.judged, &s.told} {
		r.Reset()
	}
	d.screen.say(d.world.facts.Start,
		"A maker of metals begins to tell one of its providers what it hears from the other. "+
			"Now only %d times as fast.", demoSlow)
	return nil
}

// fast ends the leak's first minute.
func (d *demoRun) fast(ctx context.Context) error {
	if err := d.settle(ctx); err != nil {
		return err
	}
	d.lap("the leak's opening")
	s := &d.pipe.stages
	d.latency = demoLatency{stored: s.stored.Summary(), applied: s.applied.Summary(), judged: s.judged.Summary()}
	d.screen.say(d.world.facts.Start+demoRamp+demoOpening,
		"All of it is told, and stays for two hours. %d times as fast.", demoFast)
	return nil
}

// ending begins with the first withdrawals.
func (d *demoRun) ending(ctx context.Context) error {
	if err := d.settle(ctx); err != nil {
		return err
	}
	d.lap("two hours")
	d.screen.say(d.world.facts.Ends, "The leaked routes go, some by way of longer ones. %d times as fast.", demoEnding)
	return nil
}

func (d *demoRun) gone(ctx context.Context) error {
	if err := d.settle(ctx); err != nil {
		return err
	}
	d.lap("the withdrawal")
	return nil
}

// busy begins the hour of 2020-07-17.
func (d *demoRun) busy(ctx context.Context) error {
	d.sent = d.source.Progress().Elements
	d.screen.say(d.world.busy(), "An hour like 2020-07-17, when traffic went astray inside AS%d%s. %d times as fast.",
		demoBusy, d.called(demoBusy), demoFast)
	return nil
}

func (d *demoRun) over(ctx context.Context) error {
	if err := d.settle(ctx); err != nil {
		return err
	}
	d.lap("2020-07-17")
	return nil
}

// called returns the name of a network in brackets.
func (d *demoRun) called(a route.ASN) string {
	if name := d.world.names.Name(a); name != "" {
		return " (" + name + ")"
	}
	return ""
}

func (d *demoRun) named(a route.ASN) string { return fmt.Sprintf("AS%v%s", a, d.called(a)) }

// found returns whether the leak was found and named for what it is.
func (d *demoRun) found() error {
	for _, a := range d.incidents {
		if a.Suspect == fulltable.Leaker && a.Segment != nil &&
			a.Segment.ExportedTo == fulltable.Propagator && a.Segment.LearnedFrom == fulltable.Source {
			return nil
		}
	}
	return fmt.Errorf("the leak was not found: %d incidents, none of them AS%v between AS%v and AS%v",
		len(d.incidents), fulltable.Leaker, fulltable.Propagator, fulltable.Source)
}
