package firehose

import (
	"context"
	"errors"
	"runtime"
	"time"

	"detour/internal/cputime"
	"detour/internal/latency"
	"detour/route"
)

// Result is what one run found.
type Result struct {
	Spec      Spec
	Elements  uint64 // of the measured part
	Updates   uint64
	Events    int
	Others    uint64               // incidents that nobody labelled
	Sending   time.Duration        // until the last update was given to the publisher
	Elapsed   time.Duration        // until all was judged
	Late      latency.Distribution // of the generator
	Flag      latency.Distribution // from when an update was due until a subscriber had its flag
	Alert     latency.Distribution // and until a consumer had its alert
	Stamped   latency.Distribution // from Timing.Received to the consumer
	Flags     uint64
	Frames    uint64
	Bytes     uint64
	Records   uint64 // of evidence
	Ranges    uint64
	CPU       time.Duration // of this process
	Servers   time.Duration // of servers in processes of their own
	Stages    []Stage
	Strangers time.Duration // processor time of all that is not this bench
	Forgot    uint64        // changes that the correlator had to forget early
	Alloc     uint64        // bytes
	GCs       uint32
}

// meter takes what has been counted so far.
type meter struct {
	at              time.Time
	cpu, servers    time.Duration
	machine         time.Duration // busy, all processes
	elements        uint64
	updates, frames uint64
	bytes, flags    uint64
	records, ranges uint64
	alloc           uint64
	gcs             uint32
}

func (r *rig) meter() meter {
	pub, c := r.pub.Stats(), r.counters()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	machine, _ := cputime.Machine() // 0 where the system does not tell
	return meter{
		at: time.Now(), cpu: cputime.Now(), servers: r.broker.cpu(), machine: machine,
		elements: pub.Elements, updates: pub.Updates, frames: pub.Frames, bytes: pub.Bytes,
		flags: c.Flags, records: c.Records, ranges: r.judge.Stats().Messages,
		alloc: mem.TotalAlloc, gcs: mem.NumGC,
	}
}

// Measure runs one spec over a world of its own shape.
func measure(ctx context.Context, s Spec, w *world) (res *Result, err error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	r, err := newRig(ctx, s, w)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.broker.close()) }()
	err = r.run(ctx, func(ctx context.Context) error {
		res, err = r.drive(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

// drive primes, warms up, measures, and checks.
func (r *rig) drive(ctx context.Context) (*Result, error) {
	if err := errors.Join(r.feeder.prime(ctx), r.settle(ctx), r.warm(ctx)); err != nil {
		return nil, err
	}
	runtime.GC() // what priming left behind is not part of it
	now := route.TimeOf(time.Now())
	flags, alerts, stamped := r.flags.begin(now), r.alerts.begin(now), r.alerts.stamp.begin(now)
	r.feeder.late = latency.Fine()
	profile, err := startProfile(r.spec.Profile)
	if err != nil {
		return nil, err
	}
	before := r.meter()
	if err := r.send(ctx, r.spec.Duration, r.spec.Events); err != nil {
		profile.stop()
		return nil, err
	}
	sending := time.Since(before.at)
	err = r.settle(ctx)
	after := r.meter()
	stages, perr := profile.stages()
	if err := errors.Join(err, perr, r.hear(ctx), r.check()); err != nil {
		return nil, err
	}
	res := r.result(before, after)
	res.Sending, res.Stages = sending, stages
	res.Flag, res.Alert, res.Stamped = flags.Distribution(), alerts.Distribution(), stamped.Distribution()
	return res, nil
}

// send is the traffic of a run for a while.
func (r *rig) send(ctx context.Context, d time.Duration, events float64) error {
	if r.spec.Rate == 0 {
		return r.feeder.full(ctx, events, d)
	}
	return r.feeder.open(ctx, newSchedule(r.spec.Rate, events, d), nil)
}

// warmFor lets caches, heap and timers find their places.
const warmFor = time.Second

func (r *rig) warm(ctx context.Context) error {
	if r.spec.Duration < 2*warmFor { // the short form is about correctness
		return nil
	}
	return errors.Join(r.send(ctx, warmFor, 0), r.settle(ctx))
}

func (r *rig) result(a, b meter) *Result {
	events, _ := r.events.counts()
	return &Result{
		Spec: r.spec, Elements: b.elements - a.elements, Updates: b.updates - a.updates, Events: events,
		Others: r.alerts.others.Load(), Elapsed: b.at.Sub(a.at), Late: r.feeder.late.Distribution(),
		Flags: b.flags - a.flags, Frames: b.frames - a.frames, Bytes: b.bytes - a.bytes,
		Records: b.records - a.records, Ranges: b.ranges - a.ranges,
		Strangers: max(0, b.machine-a.machine-(b.cpu-a.cpu)-(b.servers-a.servers)),
		Forgot:    r.judge.Stats().Correlate.Refused.Recent,
		CPU:       b.cpu - a.cpu, Servers: b.servers - a.servers, Alloc: b.alloc - a.alloc, GCs: b.gcs - a.gcs,
	}
}
