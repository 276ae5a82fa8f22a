package natsd_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"detour/internal/natsd"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStoredMessagesSurviveARestart(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	srv, err := natsd.Start(ctx, natsd.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	if url := srv.ClientURL(); url != "" {
		t.Errorf("a port is open without being asked for: %s", url)
	}
	nc, err := srv.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(ctx, "s", []byte("before")); err != nil {
		t.Fatal(err)
	}
	if err := srv.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	// A client may not have noticed yet that its connection is gone; what it asks
	// on that one is lost.
	for nc.Stats().Reconnects == 0 || !nc.IsConnected() {
		if ctx.Err() != nil {
			t.Fatal("no reconnect after a restart")
		}
		time.Sleep(time.Millisecond)
	}
	st, err := js.Stream(ctx, "S")
	if err != nil {
		t.Fatal(err)
	}
	msg, err := st.GetMsg(ctx, 1)
	if err != nil || string(msg.Data) != "before" {
		t.Fatalf("after restart: %v, %v", msg, err)
	}
}

func TestOpensAPortOnLoopbackWhenAsked(t *testing.T) {
	srv, err := natsd.Start(t.Context(), natsd.Config{Dir: t.TempDir(), Port: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	nc, err := nats.Connect(srv.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()
}

func TestStoppedServerRefusesConnections(t *testing.T) {
	srv, err := natsd.Start(t.Context(), natsd.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	srv.Close()
	if _, err := srv.InProcessConn(); !errors.Is(err, natsd.ErrStopped) {
		t.Errorf("got %v, want ErrStopped", err)
	}
	if _, err := natsd.Start(t.Context(), natsd.Config{}); err == nil {
		t.Error("a server without a folder started")
	}
}
