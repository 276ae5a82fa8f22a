package stream_test

import (
	"errors"
	"testing"
	"time"

	"detour/internal/natstest"
	"detour/stream"
)

// TestWaitStoredWaitsForTheFirstMessagesOnly: more is sent all the time, so that
// Flush would have to wait for that, too.
func TestWaitStoredWaitsForTheFirstMessagesOnly(t *testing.T) {
	nc, js := natstest.Start(t)
	makeStream(t, js, plain)
	s := stream.NewSender(nc, stream.SenderConfig{Subject: "s"})
	ctx := natstest.Context(t, 10*time.Second)
	for i := range uint64(3) {
		if err := s.Send(ctx, number(i)); err != nil {
			t.Fatal(err)
		}
	}
	sent := s.Sent()
	if sent != 3 || s.Last() != 0 {
		t.Errorf("%d sent, the last stored is %d; want 3 and none", sent, s.Last())
	}
	stop := run(t, s.Run)
	if err := s.WaitStored(ctx, sent); err != nil {
		t.Fatal(err)
	}
	if n := len(stored(t, js)); n != 3 {
		t.Errorf("%d messages are stored", n)
	}
	stop()
	if err := s.WaitStored(ctx, sent); err != nil {
		t.Errorf("of what is stored: %v", err)
	}
	if err := s.WaitStored(ctx, sent+1); !errors.Is(err, stream.ErrSenderStopped) {
		t.Errorf("of what will never be: %v", err)
	}
}
