package stream_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"detour/internal/natstest"
	"detour/stream"
)

func TestInspectTellsWhatIsMissingAndMakesNothing(t *testing.T) {
	_, js := natstest.Start(t)
	ctx := natstest.Context(t, 20*time.Second)
	for range 2 {
		states, err := stream.Inspect(ctx, js, stream.Settings{Shards: 2})
		if err != nil || len(states) != 4 {
			t.Fatalf("%d streams, %v", len(states), err)
		}
		for _, s := range states {
			if s.Exists || !s.Fits() || s.Config.MaxBytes == 0 {
				t.Errorf("%+v", s)
			}
		}
	}
	if _, err := stream.Inspect(ctx, js, stream.Settings{Shards: 65}); err == nil {
		t.Error("settings that cannot work were looked for")
	}
}

func TestInspectTellsDifferencesInBothDirections(t *testing.T) {
	_, js := natstest.Start(t)
	ctx := natstest.Context(t, 20*time.Second)
	made := stream.Settings{
		Shards:   2,
		Updates:  stream.Limits{MaxAge: time.Hour, MaxBytes: 8 << 20},
		Evidence: stream.Limits{MaxAge: time.Hour, MaxBytes: 8 << 20},
	}
	if err := stream.Ensure(ctx, js, made); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(ctx, stream.UpdatesSubject(1), []byte("frame")); err != nil {
		t.Fatal(err)
	}
	asked := made
	asked.Updates = stream.Limits{MaxAge: 30 * time.Minute, MaxBytes: 4 << 20}
	asked.Evidence = stream.Limits{MaxAge: 2 * time.Hour, MaxBytes: 8 << 20}
	states, err := stream.Inspect(ctx, js, asked)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string][]string{}
	for i := range states {
		s := &states[i]
		for _, d := range s.Differences {
			said[s.Name] = append(said[s.Name], d.String())
		}
		if fits := s.Name != stream.EvidenceStream; !s.Exists || s.Fits() != fits {
			t.Errorf("%s fits: %v", s.Name, s.Fits())
		}
		if s.Name == stream.UpdatesStream(1) && (s.Messages != 1 || s.Bytes == 0) {
			t.Errorf("%s holds %d messages, %d bytes", s.Name, s.Messages, s.Bytes)
		}
	}
	more := []string{
		"max_age is 1h0m0s, more than the 30m0s asked for", "max_bytes is 8388608, more than the 4194304 asked for",
	}
	want := map[string][]string{
		stream.UpdatesStream(0): more, stream.UpdatesStream(1): more,
		stream.EvidenceStream: {"max_age is 1h0m0s, need 2h0m0s"},
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}

func TestInspectSeesTheStreamOfMoreShards(t *testing.T) {
	_, js := natstest.Start(t)
	ctx := natstest.Context(t, 20*time.Second)
	if err := stream.Ensure(ctx, js, stream.Settings{Shards: 3}); err != nil {
		t.Fatal(err)
	}
	states, err := stream.Inspect(ctx, js, stream.Settings{Shards: 2})
	if err != nil || len(states) != 5 {
		t.Fatalf("%d streams, %v", len(states), err)
	}
	last := states[4]
	if last.Name != stream.UpdatesStream(2) || last.Fits() ||
		last.Differences[0].String() != "number of shards is more than 2, need 2" {
		t.Errorf("%+v", last)
	}
}

func TestAStreamWithoutLimitsKeepsMore(t *testing.T) {
	_, js := natstest.Start(t)
	ctx := natstest.Context(t, 20*time.Second)
	settings := stream.Settings{Shards: 1}
	for _, c := range settings.Streams() {
		c.MaxBytes, c.MaxAge, c.MaxMsgs, c.Duplicates = -1, 0, -1, time.Hour
		if c.Name == stream.AlertsStream {
			c.MaxMsgs, c.NoAck, c.Storage = 5, true, jetstream.MemoryStorage
		}
		if _, err := js.CreateStream(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	states, err := stream.Inspect(ctx, js, settings)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, true, false} {
		if states[i].Fits() != want || len(states[i].Differences) < 3 {
			t.Errorf("%s: %v", states[i].Name, states[i].Differences)
		}
	}
	if err := stream.Ensure(ctx, js, settings); err == nil {
		t.Error("accepted a stream that never acks")
	}
}
