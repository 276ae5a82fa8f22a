package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"detour/internal/natsd"
	"detour/internal/natstest"
)

// cluster is three real servers, run from the files that make-keys wrote.
type cluster struct {
	dir  string
	port int // of the first server; those of routes lie three above
	urls string
}

const testShards = 2

// start writes the files and runs the servers until the end of the test.
func start(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{dir: t.TempDir(), port: natstest.FreePorts(t, 3*localCount)}
	args := []string{"--local", fmt.Sprint(c.port), "--shards", fmt.Sprint(testShards), "--add", "run", c.dir}
	if err := run(args, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	log := slog.New(slog.DiscardHandler)
	if testing.Verbose() {
		log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	for i, n := range localNodes(c.port) {
		wg.Go(func() {
			srv, err := natsd.Start(ctx, natsd.Config{File: filepath.Join(c.dir, "nodes", n.Name, "nats-server.conf"), Log: log})
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(srv.Close)
		})
		c.urls += fmt.Sprintf(",tls://127.0.0.1:%d", c.port+i)
	}
	c.urls = c.urls[1:]
	if wg.Wait(); t.Failed() {
		t.FailNow()
	}
	return c
}

// file is one of a user's files.
func (c *cluster) file(user, name string) string { return filepath.Join(c.dir, "clients", user, name) }

// options are what a client of detour's uses to connect.
func (c *cluster) options(t testing.TB, user string) []nats.Option {
	t.Helper()
	key, err := nats.NkeyOptionFromSeed(c.file(user, "nkey.seed"))
	if err != nil {
		t.Fatal(err)
	}
	return append(c.quiet(user), key, c.certificate(user))
}

func (c *cluster) quiet(user string) []nats.Option {
	return []nats.Option{
		nats.RootCAs(c.file(user, "ca.pem")), nats.CustomInboxPrefix("_INBOX_detour_" + user), nats.Timeout(5 * time.Second),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}
}

func (c *cluster) certificate(user string) nats.Option {
	return nats.ClientCert(c.file(user, "cert.pem"), c.file(user, "key.pem"))
}

// connect connects as a user until the end of the test.
func (c *cluster) connect(t testing.TB, user string) (*nats.Conn, jetstream.JetStream) {
	t.Helper()
	nc, err := nats.Connect(c.urls, c.options(t, user)...)
	if err != nil {
		t.Fatalf("connect as %s: %v", user, err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return nc, js
}

// handshake connects to a port as TLS and returns the first bytes that the
// server sends.
func (c *cluster) handshake(t *testing.T, port int, ca string, certificate ...tls.Certificate) (string, error) {
	t.Helper()
	roots := x509.NewCertPool()
	pem, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatalf("%s holds no certificate", ca)
	}
	conn, err := net.DialTimeout("tcp", at("127.0.0.1", port), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second)) //nolint:errcheck // the test then hangs and fails
	cfg := &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}
	if len(certificate) > 0 { // shown even where the server asks for one of another authority
		cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &certificate[0], nil }
	}
	secure := tls.Client(conn, cfg)
	buf := make([]byte, 4)
	n, err := io.ReadFull(secure, buf)
	return string(buf[:n]), err
}

// violates reports whether the last error that the server told is a denial of
// what was done on a subject.
func violates(t testing.TB, nc *nats.Conn, what, subject string) bool {
	t.Helper()
	if err := nc.FlushTimeout(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	err := nc.LastError()
	return err != nil && strings.Contains(err.Error(), fmt.Sprintf("Permissions Violation for %s to %q", what, subject))
}
