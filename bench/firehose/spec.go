package firehose

import (
	"errors"
	"fmt"
	"time"

	"detour/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// Spec is one run.
type Spec struct {
	Rate     float64       // route elements a second; 0 is as fast as they are taken
	Duration time.Duration // of the measured part
	Events   float64       // labelled events a second; 0 is none
	Shards   int
	Replicas int    // 1, or 3 on three servers
	Storage  string // "file" or "memory"
	NATS     string // address of a server to use; "" starts one
	Server   []string
	Profile  bool // say where processor time goes
}

// eventsMax bounds the labelled events of one run: each is an incident, and the
// correlator has room for 4096.
const eventsMax = 3000

func (s Spec) check() error {
	switch {
	case s.Rate < 0 || s.Duration <= 0 || s.Events < 0:
		return errors.New("rate, duration and events must not be negative")
	case s.Events*s.Duration.Seconds() > eventsMax:
		return fmt.Errorf("%.0f labelled events are more than %d", s.Events*s.Duration.Seconds(), eventsMax)
	case s.Storage != "file" && s.Storage != "memory":
		return fmt.Errorf("storage is %q, must be file or memory", s.Storage)
	case s.Replicas != 1 && s.Replicas != 3:
		return fmt.Errorf("number of replicas is %d, must be 1 or 3", s.Replicas)
	case s.Replicas == 3 && s.NATS == "" && len(s.Server) == 0:
		return errors.New("three replicas need a command that runs a server")
	}
	return stream.CheckShards(s.Shards)
}

// place names where the streams are, as in "R1 file".
func (s Spec) place() string { return fmt.Sprintf("R%d %s", s.Replicas, s.Storage) }

// updatesMax is the size of each stream; far above what lags at any time.
const updatesMax = 384 << 20

func (s Spec) settings() stream.Settings {
	limits := stream.Limits{MaxBytes: updatesMax}
	out := stream.Settings{
		Shards: s.Shards, Replicas: s.Replicas, Updates: limits, Evidence: limits, Alerts: limits,
	}
	if s.Storage == "memory" {
		out.Storage = jetstream.MemoryStorage
	}
	return out
}
