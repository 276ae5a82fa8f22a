package stream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// State is one of detour's streams as it is.
type State struct {
	Name   string
	Exists bool
	// Config is the stream's own, or what is asked for where it does not exist.
	Config          jetstream.StreamConfig
	Messages, Bytes uint64
	Differences     []Difference
	// Behind are the stream's copies that could not take over now, in words.
	Behind []string
}

// Fits reports whether detour can work with the stream, or could once it is made.
func (s *State) Fits() bool {
	for _, d := range s.Differences {
		if !d.More {
			return false
		}
	}
	return true
}

// Inspect looks at every stream that s asks for, and at the one that more shards
// would have. It changes nothing. That streams are missing or differ is no error.
func Inspect(ctx context.Context, js jetstream.JetStream, s Settings) ([]State, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	s = s.withDefaults()
	var states []State
	for _, want := range s.Streams() {
		state := State{Name: want.Name, Config: want}
		if err := state.look(ctx, js); err != nil {
			return nil, err
		}
		if state.Exists {
			state.Differences = differences(state.Config, want)
		}
		states = append(states, state)
	}
	if s.Shards == MaxShards {
		return states, nil
	}
	beyond := State{Name: UpdatesStream(s.Shards)}
	if err := beyond.look(ctx, js); err != nil {
		return nil, err
	}
	if beyond.Exists {
		shards := strconv.Itoa(s.Shards)
		beyond.Differences = []Difference{{What: "number of shards", Have: "more than " + shards, Want: shards}}
		states = append(states, beyond)
	}
	return states, nil
}

// look asks the server for the stream of that name.
func (s *State) look(ctx context.Context, js jetstream.JetStream) error {
	st, err := js.Stream(ctx, s.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for stream %s: %w", s.Name, err)
	}
	info := st.CachedInfo()
	s.Exists, s.Config, s.Messages, s.Bytes = true, info.Config, info.State.Msgs, info.State.Bytes
	s.Behind = behind(info.Cluster)
	return nil
}

// behind lists the copies of a stream that are not up to date. A server of its own
// has none.
func behind(c *jetstream.ClusterInfo) (list []string) {
	if c == nil {
		return nil
	}
	if c.Leader == "" {
		list = append(list, "no leader")
	}
	for _, r := range c.Replicas {
		switch {
		case r.Offline:
			list = append(list, fmt.Sprintf("replica on %s is offline, last seen %v ago", r.Name, r.Active.Round(time.Second)))
		case !r.Current:
			list = append(list, fmt.Sprintf("replica on %s is %d operations behind", r.Name, r.Lag))
		}
	}
	return list
}
