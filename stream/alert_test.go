package stream_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"detour/internal/natstest"
	"detour/stream"

	"github.com/nats-io/nats.go"
)

func TestAlertsAreStoredOnceAndKeepTheirPosition(t *testing.T) {
	_, js := natstest.Start(t)
	ensure(t, js, 1)
	ctx := natstest.Context(t, 20*time.Second)
	if pos, err := stream.LastAlertPosition(ctx, js); pos != "" || err != nil {
		t.Errorf("no alert yet: %q, %v", pos, err)
	}
	p := stream.NewAlertPublisher(js)
	subject := stream.AlertSubject("incident", "leak", 396531, "")
	for _, id := range []string{"a/1", "a/1", "a/2", "a/1"} {
		if err := p.Publish(ctx, subject, id, "at "+id, []byte(id)); err != nil {
			t.Fatal(err)
		}
	}
	st, err := js.Stream(ctx, stream.AlertsStream)
	if err != nil || st.CachedInfo().State.Msgs != 2 {
		t.Errorf("%d alerts stored, %v", st.CachedInfo().State.Msgs, err)
	}
	if pos, err := stream.LastAlertPosition(ctx, js); pos != "at a/2" || err != nil {
		t.Errorf("last position %q, %v", pos, err)
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
