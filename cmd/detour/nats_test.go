package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"detour/internal/config"
	"detour/internal/natstest"
)

// record is a log that a test reads while others write it.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func (r *record) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func TestARoleConnectsWithItsKeyAndHearsItsReplies(t *testing.T) {
	g := startGuarded(t)
	ctx := natstest.Context(t, 20*time.Second)
	var said record
	nc, js, err := connectNATS(ctx, g.config(), config.RoleIngest, "detour ingest edge", said.log())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := js.AccountInfo(ctx); err != nil {
		t.Errorf("no replies: %v", err)
	}
	if nc.Opts.Name != "detour ingest edge" || !strings.HasPrefix(nc.NewInbox(), "_INBOX_detour_ingest.") {
		t.Errorf("name %q, inbox %s", nc.Opts.Name, nc.NewInbox())
	}
	if said.String() != "" {
		t.Errorf("said %s", said.String())
	}
	// Another role's replies are not for it.
	if _, err := nc.SubscribeSync(natsInbox(config.RoleSink) + ".>"); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := nc.LastError(); !errors.Is(err, nats.ErrPermissionViolation) {
		t.Errorf("heard a sink's replies: %v", err)
	}
}

func TestWhatKeepsARoleFromConnectingIsSaid(t *testing.T) {
	g := startGuarded(t)
	g.write(t, "empty", "", 0o600)
	g.write(t, "public", "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4", 0o600)
	for name, c := range map[string]struct {
		spoil func(*config.NATS)
		want  string
	}{
		"no key":               {func(n *config.NATS) { n.NkeySeedFile = "" }, "connect to nats server " + g.url},
		"no such file":         {func(n *config.NATS) { n.NkeySeedFile = g.path("x") }, "nats.nkey_seed_file: stat "},
		"no seed":              {func(n *config.NATS) { n.NkeySeedFile = g.path("empty") }, "empty holds no seed"},
		"a key that is public": {func(n *config.NATS) { n.NkeySeedFile = g.path("public") }, "public holds no seed"},
		"no certificate":       {func(n *config.NATS) { n.CertFile = "" }, "connect to nats server " + g.url},
		"no such certificate":  {func(n *config.NATS) { n.CertFile = g.path("x") }, g.path("x")},
		"another authority":    {func(n *config.NATS) { n.CAFile = g.path("other.pem") }, "certificate"},
		"no authority":         {func(n *config.NATS) { n.CAFile = g.path("empty") }, g.path("empty")},
		"no server":            {func(n *config.NATS) { n.URL = "nats://u:secret@127.0.0.1:1" }, "nats://xxxxx@127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := g.config()
			c.spoil(&cfg)
			var said record
			nc, _, err := connectNATS(t.Context(), cfg, config.RoleIngest, "x", said.log())
			if err == nil {
				nc.Close()
				t.Fatal("connected")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("said %v, want %s", err, c.want)
			}
			if text := err.Error() + said.String(); strings.Contains(text, g.seed) || strings.Contains(text, "secret") {
				t.Errorf("told a secret: %s", text)
			}
		})
	}
}

func TestASeedThatEverybodyCanReadIsWarnedOf(t *testing.T) {
	g := startGuarded(t)
	if err := os.Chmod(g.path("seed"), 0o644); err != nil {
		t.Fatal(err)
	}
	var said record
	nc, _, err := connectNATS(t.Context(), g.config(), config.RoleIngest, "x", said.log())
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()
	text := said.String()
	if !strings.Contains(text, "everybody on this machine can read") || strings.Contains(text, g.seed) {
		t.Errorf("said %s", text)
	}
}

func TestAConnectionComesBackAndKeepsNothingMeanwhile(t *testing.T) {
	g := startGuarded(t)
	var said record
	nc, js, err := connectNATS(t.Context(), g.config(), config.RoleIngest, "x", said.log())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	lost, back := nc.StatusChanged(nats.RECONNECTING), nc.StatusChanged(nats.CONNECTED)
	g.stop()
	ctx := natstest.Context(t, 30*time.Second)
	wait := func(c <-chan nats.Status) {
		t.Helper()
		select {
		case <-c:
		case <-ctx.Done():
			t.Fatalf("still %v\n%s", nc.Status(), said.String())
		}
	}
	wait(lost)
	if err := nc.Publish("detour.x", nil); !errors.Is(err, nats.ErrReconnectBufExceeded) {
		t.Errorf("published to nobody: %v", err)
	}
	g.start(t)
	wait(back)
	if _, err := js.AccountInfo(ctx); err != nil {
		t.Error(err)
	}
	if text := said.String(); !strings.Contains(text, "nats connection lost") {
		t.Errorf("said %s", text)
	}
}

func TestNobodyConnectsAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := connectNATS(ctx, config.NATS{}, config.RoleRun, "x", slog.Default())
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
