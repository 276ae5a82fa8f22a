package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"detour/internal/natsd"
	"detour/stream"
)

// TestReplayOnAGivenServer uses a server with a port, as operators do, with a
// subscriber of their own on it.
func TestReplayOnAGivenServer(t *testing.T) {
	server, err := natsd.Start(t.Context(), natsd.Config{Dir: t.TempDir(), Port: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	nc, err := nats.Connect(server.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	sub, err := nc.SubscribeSync(stream.AllFlags)
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	p := &pipeline{opts: replayOptions{nats: server.ClientURL(), files: []string{demoRecording}}}
	o := replayOf(t, p)
	sound(t, o, 51253+2253)
	if o.report.Flags.Told == 0 {
		t.Error("the demo's recording gives no flag")
	}
	for range o.report.Flags.Told {
		m, err := sub.NextMsg(10 * time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(m.Subject, "detour.v1.flag.") || !bytes.HasPrefix(m.Data, []byte(`{"version":1,`)) {
			t.Fatalf("flag on %s: %s", m.Subject, m.Data)
		}
	}

	// A second replay must not take the first one's log for its own.
	again := &pipeline{opts: p.opts, out: p.out}
	err = again.replay(context.Background())
	if err == nil || !strings.Contains(err.Error(), "--reset") {
		t.Errorf("replay on used streams: %v", err)
	}
	again = &pipeline{opts: p.opts}
	again.opts.reset, again.opts.shards = true, 3
	if got := replayOf(t, again); !bytes.Equal(got.flags, o.flags) {
		t.Error("the second replay's flags differ")
	}
}

const demoRecording = "../../testdata/demo/updates.20070211.0141.gz"
