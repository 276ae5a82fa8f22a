package stream

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Defaults of Settings.
const (
	DefaultShards           = 8
	DefaultUpdatesMaxBytes  = 1 << 30 // per shard
	DefaultEvidenceMaxBytes = 1 << 30
	DefaultAlertsMaxBytes   = 256 << 20

	DefaultUpdatesMaxAge  = 2 * time.Hour
	DefaultEvidenceMaxAge = 24 * time.Hour
	DefaultAlertsMaxAge   = 7 * 24 * time.Hour
)

// MaxMessage bounds what is stored in one message, in bytes.
const MaxMessage = 1 << 20

// alertDedup is how long two live copies of an alert are recognised by the
// server; older ones are recognised by their id and revision. leastDedup is the
// shortest window that a server accepts, for streams that have no ids.
const (
	alertDedup = 15 * time.Minute
	leastDedup = 100 * time.Millisecond
)

// Metadata that a stream carries, so that nobody joins it with another split.
const (
	metaShards   = "detour.shards"
	metaFunction = "detour.shard-function"
	// shardFunction names the function of shard.go.
	shardFunction = "splitmix64-16-28"
)

// Limits says how long a stream keeps a message: until it is older than MaxAge
// or the stream is larger than MaxBytes.
type Limits struct {
	MaxAge   time.Duration
	MaxBytes int64
}

// Settings shape detour's streams. The zero value takes every default.
type Settings struct {
	Shards   int                   // fixed at creation
	Replicas int                   // 1 or 3
	Storage  jetstream.StorageType // file is the zero value

	Updates, Evidence, Alerts Limits
}

// withDefaults fills what was left zero.
func (s Settings) withDefaults() Settings {
	fill := func(l *Limits, age time.Duration, size int64) {
		if l.MaxAge == 0 {
			l.MaxAge = age
		}
		if l.MaxBytes == 0 {
			l.MaxBytes = size
		}
	}
	if s.Shards == 0 {
		s.Shards = DefaultShards
	}
	if s.Replicas == 0 {
		s.Replicas = 1
	}
	fill(&s.Updates, DefaultUpdatesMaxAge, DefaultUpdatesMaxBytes)
	fill(&s.Evidence, DefaultEvidenceMaxAge, DefaultEvidenceMaxBytes)
	fill(&s.Alerts, DefaultAlertsMaxAge, DefaultAlertsMaxBytes)
	return s
}

// Check reports what makes the settings unusable.
func (s Settings) Check() error {
	s = s.withDefaults()
	errs := []error{CheckShards(s.Shards)}
	if s.Replicas < 1 || s.Replicas > 5 {
		errs = append(errs, fmt.Errorf("number of replicas is %d, must be from 1 to 5", s.Replicas))
	}
	for _, l := range []Limits{s.Updates, s.Evidence, s.Alerts} {
		if l.MaxAge < time.Second || l.MaxBytes < 2*MaxMessage {
			errs = append(errs, fmt.Errorf("a stream that keeps %v or %d bytes is too small, needs %v and %d bytes",
				l.MaxAge, l.MaxBytes, time.Second, 2*MaxMessage))
		}
	}
	return errors.Join(errs...)
}

// Streams returns the configuration of every stream.
func (s Settings) Streams() []jetstream.StreamConfig {
	s = s.withDefaults()
	var streams []jetstream.StreamConfig
	for n := range s.Shards {
		streams = append(streams, s.stream(UpdatesStream(n), UpdatesSubject(n), s.Updates, leastDedup))
	}
	return append(streams,
		s.stream(EvidenceStream, AllEvidence, s.Evidence, leastDedup),
		s.stream(AlertsStream, AllAlerts, s.Alerts, alertDedup))
}

func (s Settings) stream(name, subject string, l Limits, dedup time.Duration) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        name,
		Subjects:    []string{subject},
		Retention:   jetstream.LimitsPolicy,
		Discard:     jetstream.DiscardOld,
		Storage:     s.Storage,
		Replicas:    s.Replicas,
		MaxAge:      l.MaxAge,
		MaxBytes:    l.MaxBytes,
		MaxMsgSize:  MaxMessage,
		Duplicates:  min(dedup, l.MaxAge),
		AllowDirect: true,
		DenyDelete:  true, // a message gone from the middle would read as a hole
		Metadata: map[string]string{
			metaShards:   strconv.Itoa(s.Shards),
			metaFunction: shardFunction,
		},
	}
}
