package main

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// strangers try to connect as what they are not.
func strangers(t *testing.T, c *cluster) {
	other := t.TempDir() // made in the same way, by somebody else
	if err := run([]string{"--local", "1024", other}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	seed, err := nats.NkeyOptionFromSeed(c.file("ingest", "nkey.seed"))
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := nats.NkeyOptionFromSeed(filepath.Join(other, "clients", "ingest", "nkey.seed"))
	if err != nil {
		t.Fatal(err)
	}
	stranger := filepath.Join(other, "clients", "ingest")
	for name, tc := range map[string]struct {
		opts []nats.Option
		want string // part of the error, of which timing decides for TLS; "" connects
	}{
		"certificate and nkey":  {[]nats.Option{c.certificate("ingest"), seed}, ""},
		"no certificate":        {[]nats.Option{seed}, "tls"},
		"a foreign certificate": {[]nats.Option{seed, foreignCert(stranger)}, "tls"},
		"no nkey":               {[]nats.Option{c.certificate("ingest")}, "Authorization Violation"},
		"an unknown nkey":       {[]nats.Option{c.certificate("ingest"), foreign}, "Authorization Violation"},
		"another's nkey":        {[]nats.Option{c.certificate("ingest"), borrowed(t, c)}, "Authorization Violation"},
		"a password":            {[]nats.Option{c.certificate("ingest"), nats.UserInfo("a", "b")}, "Authorization Violation"},
	} {
		t.Run(name, func(t *testing.T) {
			nc, err := nats.Connect(c.urls, append(c.quiet("ingest"), tc.opts...)...)
			if err == nil {
				nc.Close()
			}
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
	t.Run("plain text", func(t *testing.T) { plaintext(t, c) })
	t.Run("the port of routes", func(t *testing.T) { routes(t, c) })
}

func foreignCert(dir string) nats.Option {
	return nats.ClientCert(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
}

// borrowed names a known nkey and signs with another.
func borrowed(t *testing.T, c *cluster) nats.Option {
	t.Helper()
	public, err := openSeed(c.file("ingest", "nkey.seed"))
	if err != nil {
		t.Fatal(err)
	}
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	return nats.Nkey(public, pair.Sign)
}

// plaintext answers the server's greeting without TLS.
func plaintext(t *testing.T, c *cluster) {
	conn, err := net.DialTimeout("tcp", at("127.0.0.1", c.port), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(15 * time.Second)) //nolint:errcheck // the test then hangs and fails
	in := bufio.NewReader(conn)
	if greeting, err := in.ReadString('\n'); err != nil || !strings.Contains(greeting, `"tls_required":true`) {
		t.Fatalf("greeting %q, %v", greeting, err)
	}
	fmt.Fprint(conn, "CONNECT {\"verbose\":true}\r\nPING\r\n")
	answer, err := io.ReadAll(in)
	if strings.Contains(string(answer), "OK") || strings.Contains(string(answer), "PONG") {
		t.Errorf("answer %q, %v", answer, err)
	}
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		t.Error("the server kept the connection")
	}
}

// routes shows that only servers get in where servers meet.
func routes(t *testing.T, c *cluster) {
	port := c.port + localCount
	node := filepath.Join(c.dir, "nodes", "n1")
	admin := filepath.Join(c.dir, "clients", "admin")
	ca := filepath.Join(node, "route-ca.pem")
	load := func(dir, prefix string) tls.Certificate {
		cert, err := tls.LoadX509KeyPair(filepath.Join(dir, prefix+"cert.pem"), filepath.Join(dir, prefix+"key.pem"))
		if err != nil {
			t.Fatal(err)
		}
		return cert
	}
	for name, tc := range map[string]struct {
		shown []tls.Certificate
		want  string // part of the error; "" gets in
	}{
		"a server":                     {[]tls.Certificate{load(node, "route-")}, ""},
		"no certificate":               {nil, "certificate required"},
		"a client":                     {[]tls.Certificate{load(admin, "")}, "unknown certificate authority"},
		"a server, as clients know it": {[]tls.Certificate{load(node, "")}, "unknown certificate authority"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.handshake(t, port, ca, tc.shown...)
			refused := err != nil && got == "" && strings.Contains(err.Error(), tc.want)
			if tc.want == "" && got != "INFO" || tc.want != "" && !refused {
				t.Errorf("got %q, %v; want error %q", got, err, tc.want)
			}
		})
	}
}
