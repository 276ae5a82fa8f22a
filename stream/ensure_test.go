package stream_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/internal/natstest"
	"detour/stream"

	"github.com/nats-io/nats.go/jetstream"
)

func TestEnsureCreatesEveryStreamAndIsIdempotent(t *testing.T) {
	_, js := natstest.Start(t)
	ctx := natstest.Context(t, 20*time.Second)
	settings := stream.Settings{Shards: 3, Updates: stream.Limits{MaxBytes: 64 << 20}}
	var wg sync.WaitGroup
	for range 3 { // processes start together
		wg.Go(func() {
			if err := stream.Ensure(ctx, js, settings); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, want := range settings.Streams() {
		st, err := js.Stream(ctx, want.Name)
		if err != nil {
			t.Fatal(err)
		}
		have := st.CachedInfo().Config
		if have.MaxBytes != want.MaxBytes || have.MaxAge != want.MaxAge || have.Duplicates != want.Duplicates ||
			!have.AllowDirect || have.MaxMsgSize != 1<<20 || have.Subjects[0] != want.Subjects[0] {
			t.Errorf("%s was made with %+v", want.Name, have)
		}
	}
	if n := len(settings.Streams()); n != 5 {
		t.Errorf("%d streams, want 5", n)
	}
}

func TestEnsureRefusesWhatDoesNotFit(t *testing.T) {
	made := stream.Settings{Shards: 4}
	for name, c := range map[string]struct {
		asked stream.Settings
		says  string // empty: accepted
	}{
		"fewer shards":     {stream.Settings{Shards: 3}, "more than 3 shards"},
		"more shards":      {stream.Settings{Shards: 5}, "detour.shards is 4, need 5"},
		"other storage":    {stream.Settings{Shards: 4, Storage: jetstream.MemoryStorage}, "storage is File"},
		"keeps less bytes": {stream.Settings{Shards: 4, Updates: stream.Limits{MaxBytes: 2 << 30}}, "max_bytes"},
		"keeps less time":  {stream.Settings{Shards: 4, Alerts: stream.Limits{MaxAge: 9999 * time.Hour}}, "max_age"},
		"replicas":         {stream.Settings{Shards: 4, Replicas: 3}, "replicas is 1, need 3"},
		"keeps more":       {stream.Settings{Shards: 4, Updates: stream.Limits{MaxBytes: 4 << 20}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, js := natstest.Start(t)
			ctx := natstest.Context(t, 20*time.Second)
			if err := stream.Ensure(ctx, js, made); err != nil {
				t.Fatal(err)
			}
			err := stream.Ensure(ctx, js, c.asked)
			if c.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, stream.ErrIncompatible) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
			if err := stream.Ensure(ctx, js, made); err != nil {
				t.Errorf("the refusal left something behind: %v", err)
			}
		})
	}
}

func TestSettingsThatCannotWorkAreRefusedBeforeAnythingIsMade(t *testing.T) {
	for _, s := range []stream.Settings{
		{Shards: 65}, {Shards: -1}, {Replicas: 9}, {Updates: stream.Limits{MaxBytes: 100}},
	} {
		if s.Check() == nil {
			t.Errorf("%+v passed", s)
		}
	}
	if err := (stream.Settings{}).Check(); err != nil {
		t.Error(err)
	}
}
