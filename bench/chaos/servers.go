package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"detour/internal/pause"
	"detour/processor/checkpoint"
	"detour/stream"
)

// Servers of a cluster, by the plan of deploy/nats: clients' ports first.
const (
	serverCount = 3
	shards      = 8
)

// servers are the NATS servers of a cluster.
type servers struct {
	dir  string // of deploy/nats's make-keys
	port int
	list [serverCount]*process
}

// newServers writes keys and configurations; nothing runs yet.
func newServers(ctx context.Context, o *Options, dir string) (*servers, error) {
	port, err := ports(3 * serverCount)
	if err != nil {
		return nil, err
	}
	s := &servers{dir: filepath.Join(dir, "nats"), port: port}
	args := []string{"--local", fmt.Sprint(port), "--shards", fmt.Sprint(shards), "--max-file", "32", s.dir}
	if out, err := exec.CommandContext(ctx, o.MakeKeys, args...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("make keys: %w: %s", err, out)
	}
	for i := range s.list {
		name := s.name(i)
		conf := filepath.Join(s.dir, "nodes", name, "nats-server.conf")
		if err := unadvertised(conf); err != nil {
			return nil, err
		}
		s.list[i] = newProcess(dir, name, o.Server, "-c", conf)
	}
	return s, nil
}

// unadvertised keeps a server from telling clients of the others: one that is to
// be cut off reaches them by proxies only, which they do not know of.
func unadvertised(conf string) error {
	data, err := os.ReadFile(conf)
	if err != nil {
		return err
	}
	data = bytes.Replace(data, []byte("cluster {\n"), []byte("cluster {\n  no_advertise: true\n"), 1)
	return os.WriteFile(conf, data, 0o600)
}

func (s *servers) name(i int) string { return fmt.Sprintf("n%d", i+1) }

// store is where a server keeps its streams.
func (s *servers) store(i int) string { return filepath.Join(s.dir, "store", s.name(i)) }

func (s *servers) start() error {
	for _, p := range s.list {
		if err := p.start(); err != nil {
			return err
		}
	}
	return nil
}

func (s *servers) stop() {
	for _, p := range s.list {
		p.stop()
	}
}

// url names all servers; those of ports, where there are any, in their place.
func (s *servers) url(by ...int) string {
	if len(by) == 0 {
		for i := range serverCount {
			by = append(by, s.port+i)
		}
	}
	var list []string
	for _, port := range by {
		list = append(list, "tls://"+local(port))
	}
	return strings.Join(list, ",")
}

// file is one of a user's files.
func (s *servers) file(user, name string) string { return filepath.Join(s.dir, "clients", user, name) }

// connect connects as a user, as soon as a server answers.
func (s *servers) connect(user string) (*nats.Conn, error) {
	key, err := nats.NkeyOptionFromSeed(s.file(user, "nkey.seed"))
	if err != nil {
		return nil, fmt.Errorf("read nkey: %w", err)
	}
	nc, err := nats.Connect(s.url(), key, nats.RootCAs(s.file(user, "ca.pem")),
		nats.ClientCert(s.file(user, "cert.pem"), s.file(user, "key.pem")),
		nats.CustomInboxPrefix("_INBOX_detour_"+user), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true),
		nats.ReconnectWait(50*time.Millisecond), nats.ReconnectJitter(10*time.Millisecond, 10*time.Millisecond),
		nats.PingInterval(time.Second), nats.MaxPingsOutstanding(2), nats.Timeout(time.Second),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		return nil, fmt.Errorf("connect as %s: %w", user, err)
	}
	return nc, nil
}

// A cluster takes some seconds to choose its leaders.
const (
	readyWait = 40 * time.Second
	tryWait   = 5 * time.Second
	tryPause  = 200 * time.Millisecond
)

// ensure makes the streams as soon as the servers can.
func (s *servers) ensure(ctx context.Context, js jetstream.JetStream) error {
	store, err := checkpoint.New(checkpoint.Config{Member: "admin", Replicas: serverCount},
		checkpoint.Deps{JS: js, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return insist(ctx, func(ctx context.Context) error {
		return errors.Join(stream.Ensure(ctx, js, stream.Settings{Shards: shards, Replicas: serverCount}), store.Ensure(ctx))
	})
}

// insist tries until it goes or readyWait is over.
func insist(ctx context.Context, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	for {
		once, done := context.WithTimeout(ctx, tryWait)
		err := try(once)
		done()
		if err == nil || errors.Is(err, stream.ErrIncompatible) {
			return err
		}
		if pause.For(ctx, tryPause) != nil {
			return fmt.Errorf("not within %v: %w", readyWait, err)
		}
	}
}
