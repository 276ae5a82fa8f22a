package stream_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"detour/internal/natstest"
	"detour/stream"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func TestAlertsAreStoredOnceAndKeepTheirPosition(t *testing.T) {
	_, js := natstest.Start(t)
	ensure(t, js, 1)
	ctx := natstest.Context(t, 20*time.Second)
	if _, err := stream.ReadAlerts(ctx, js, 0, func(*stream.Message) error { return errors.New("an alert") }); err != nil {
		t.Errorf("no alert yet: %v", err)
	}
	p := stream.NewAlertPublisher(js)
	subject := stream.AlertSubject("incident", "leak", 396531, "")
	for _, id := range []string{"a/1", "a/1", "a/2", "a/1"} {
		if err := p.Publish(ctx, subject, id, "at "+id, []byte(id)); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	last, err := stream.ReadAlerts(ctx, js, 0, func(m *stream.Message) error {
		got = append(got, string(m.Data)+" "+m.Header.Get(stream.PositionHeader))
		return nil
	})
	if err != nil || last != 2 || !slices.Equal(got, []string{"a/1 at a/1", "a/2 at a/2"}) {
		t.Errorf("stored up to %d: %q, %v", last, got, err)
	}
}

// TestASleeperStoresNothingTwice: behind the duplicate window the server takes
// an old id for a new one; the last sequence does not match.
func TestASleeperStoresNothingTwice(t *testing.T) {
	_, js := natstest.Start(t)
	ensure(t, js, 1)
	ctx := natstest.Context(t, 20*time.Second)
	shortDedup(ctx, t, js)
	p := stream.NewAlertPublisher(js)
	subject := stream.AlertSubject("incident", "leak", 1, "")
	store := func(last uint64, id string) (uint64, error) {
		return p.PublishAfter(ctx, last, subject, id, "", []byte(id))
	}
	for last, id := range []string{"a.1", "a.2", "a.3"} {
		seq, err := store(uint64(last), id)
		if err != nil || seq != uint64(last)+1 {
			t.Fatalf("%s at %d: %v", id, seq, err)
		}
		// A clustered stream knows the id, a single server looks at the sequence first.
		seq, err = store(uint64(last), id)
		if !errors.Is(err, stream.ErrAlertsMoved) && (err != nil || seq != uint64(last)+1) {
			t.Fatalf("%s once more at %d: %v", id, seq, err)
		}
	}
	for {
		_, err := store(0, "a.1")
		if errors.Is(err, stream.ErrAlertsMoved) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond) // sleep: the window is still open
	}
	if last, err := stream.ReadAlerts(ctx, js, 3, nil); last != 3 || err != nil {
		t.Errorf("stored up to %d, %v", last, err)
	}
	if _, err := store(3, "a.4"); err != nil {
		t.Error(err)
	}
}

// shortDedup makes the server forget ids at once.
func shortDedup(ctx context.Context, t *testing.T, js jetstream.JetStream) {
	t.Helper()
	st, err := js.Stream(ctx, stream.AlertsStream)
	if err != nil {
		t.Fatal(err)
	}
	cfg := st.CachedInfo().Config
	cfg.Duplicates = 100 * time.Millisecond
	if _, err := js.UpdateStream(ctx, cfg); err != nil {
		t.Fatal(err)
	}
}

func TestAlertPositionsHaveAnOrder(t *testing.T) {
	list := []stream.AlertPosition{{}, {5, 9, 9}, {6, 1, 0}, {6, 1, 1}, {6, 2, 0}, {6, 1 << 63, 0}}
	for i, p := range list {
		if got, err := stream.ParseAlertPosition(p.String()); got != p || err != nil {
			t.Errorf("%v reads as %v, %v", p, got, err)
		}
		for j, q := range list {
			if p.Before(q) != (i < j) {
				t.Errorf("%v before %v: %t", p, q, p.Before(q))
			}
		}
	}
	for _, bad := range []string{"", "1", "1/2", "1/2/x", "1/2/3/4", "a/2/3", "1/-2/3", "1/2/4294967296"} {
		if _, err := stream.ParseAlertPosition(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestAnAlertIsTriedUntilItIsStoredOrHopeless(t *testing.T) {
	srv := natstest.StartServer(t)
	_, js := srv.Connect(t)
	ctx := natstest.Context(t, 20*time.Second)
	p := stream.NewAlertPublisher(js)
	subject := stream.AlertSubject("prefix", "hijack", 1, "")
	if err := p.Publish(ctx, subject, "a/1", "", make([]byte, 2<<20)); !errors.Is(err, nats.ErrMaxPayload) {
		t.Errorf("too large: %v", err)
	}
	soon, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := p.Publish(soon, subject, "a/1", "", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no stream: %v", err)
	}
	done := make(chan error)
	go func() { done <- p.Publish(ctx, subject, "a/1", "", []byte("x")) }()
	srv.Bounce(t, 10*time.Millisecond)
	ensure(t, js, 1)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestFlagsCarryWhereTheyComeFrom(t *testing.T) {
	nc, _ := natstest.Start(t)
	sub, err := nc.SubscribeSync(stream.AllFlags)
	if err != nil {
		t.Fatal(err)
	}
	p := stream.NewFlagPublisher(nc)
	subject := stream.FlagSubject("unexpected-transit", 13335)
	for index := range uint32(2) {
		if err := p.Publish(subject, 3, 18446744073709551615, index, 0, []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"3/18446744073709551615/0", "3/18446744073709551615/1"} {
		m, err := sub.NextMsgWithContext(natstest.Context(t, 10*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Header.Get(stream.PositionHeader); got != want || m.Subject != subject || string(m.Data) != "{}" {
			t.Errorf("%s on %s: %s", got, m.Subject, m.Data)
		}
	}
}
