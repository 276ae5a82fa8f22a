package firehose

import (
	"cmp"
	"fmt"
	"strconv"
	"time"
)

// Options of a run of the bench.
type Options struct {
	Rate     string // "": the whole programme; elements a second, or "max": one run
	Peers    int
	Prefixes int
	Duration time.Duration // of one run
	Events   float64       // labelled events a second
	Shards   int
	Replicas int    // of one run
	Storage  string // of one run
	NATS     string // address of a server for one run; its streams must be absent or empty
	Server   []string
	Short    bool // the same checks, tiny
	Say      func(line string)
}

// Defaults of Options.
const (
	DefaultPeers    = 20
	DefaultPrefixes = 100_000
	DefaultDuration = 20 * time.Second
	DefaultEvents   = 30
	DefaultShards   = 8
	churnElements   = 300_000
)

// Sizes of the short form.
const (
	shortPrefixes = 12_000
	shortPeers    = 5
	shortChurn    = 10_000
	shortRate     = 4000
	shortFor      = 600 * time.Millisecond
)

func (o Options) withDefaults() Options {
	o.Peers = cmp.Or(o.Peers, DefaultPeers)
	o.Prefixes = cmp.Or(o.Prefixes, DefaultPrefixes)
	o.Duration = cmp.Or(o.Duration, DefaultDuration)
	o.Events = cmp.Or(o.Events, DefaultEvents)
	o.Shards = cmp.Or(o.Shards, DefaultShards)
	o.Replicas = cmp.Or(o.Replicas, 1)
	o.Storage = cmp.Or(o.Storage, "file")
	if o.Short {
		o.Peers, o.Prefixes, o.Duration = shortPeers, shortPrefixes, shortFor
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	return o
}

// shape is the world for runs of at most d.
func (o *Options) shape(d time.Duration) Shape {
	s := Shape{Prefixes: o.Prefixes, Peers: o.Peers, Churn: churnElements, Targets: 5 + int(o.Events*d.Seconds())}
	if o.Short {
		s.Churn = shortChurn
	}
	return s
}

// spec is a run at a rate, on R1 files.
func (o *Options) spec(rate float64, d time.Duration) Spec {
	return Spec{
		Rate: rate, Duration: d, Events: o.Events, Shards: o.Shards, Replicas: 1, Storage: "file",
		Server: o.Server, Profile: !o.Short,
	}
}

func (o *Options) rate() (float64, error) {
	if o.Rate == "max" {
		return 0, nil
	}
	rate, err := strconv.ParseFloat(o.Rate, 64)
	if err != nil || rate <= 0 {
		return 0, fmt.Errorf("rate is %q, must be max or route elements a second", o.Rate)
	}
	return rate, nil
}
