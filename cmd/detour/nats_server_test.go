package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"detour/internal/config"
	"detour/internal/natsd"
)

// guarded is a server as a deployment has it: with TLS in both directions, and
// one user, the ingester's, who may hear replies to an ingester only.
type guarded struct {
	dir, url string
	seed     string // of the user
	opts     *server.Options
	srv      *server.Server
}

func startGuarded(t *testing.T) *guarded {
	t.Helper()
	g := &guarded{dir: t.TempDir()}
	ca := newAuthority(t, g.path("ca.pem"))
	ca.issue(t, g.path("server"))
	ca.issue(t, g.path("client"))
	newAuthority(t, g.path("other.pem"))
	user, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	seed, _ := user.Seed()
	public, _ := user.PublicKey()
	g.seed = string(seed)
	g.write(t, "seed", g.seed, 0o600)
	pair, err := tls.LoadX509KeyPair(g.path("server.pem"), g.path("server.key"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	g.opts = &server.Options{
		Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: filepath.Join(g.dir, "store"), NoSigs: true, NoLog: true,
		TLSVerify: true,
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
		},
		Nkeys: []*server.NkeyUser{{Nkey: public, Permissions: &server.Permissions{
			Publish:   &server.SubjectPermission{Allow: []string{"$JS.API.>", "detour.>"}},
			Subscribe: &server.SubjectPermission{Allow: []string{"_INBOX_detour_ingest.>"}},
		}}},
	}
	g.start(t)
	g.opts.Port = g.srv.Addr().(*net.TCPAddr).Port
	g.url = "tls://" + g.srv.Addr().String()
	t.Cleanup(func() { g.stop() })
	return g
}

func (g *guarded) start(t *testing.T) {
	t.Helper()
	srv, err := server.NewServer(g.opts.Clone())
	if err != nil {
		t.Fatal(err)
	}
	g.srv = srv
	srv.Start()
	if !srv.ReadyForConnections(natsd.DefaultReady) {
		t.Fatal("the server is not ready")
	}
}

func (g *guarded) stop() {
	g.srv.Shutdown()
	g.srv.WaitForShutdown()
}

func (g *guarded) path(name string) string { return filepath.Join(g.dir, name) }

func (g *guarded) write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(g.path(name), []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// config is the section nats of whoever may connect.
func (g *guarded) config() config.NATS {
	return config.NATS{
		URL: g.url, NkeySeedFile: g.path("seed"),
		CAFile: g.path("ca.pem"), CertFile: g.path("client.pem"), KeyFile: g.path("client.key"),
	}
}

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, path string) *authority {
	t.Helper()
	a := &authority{key: newKey(t)}
	a.cert = certificate(t, path, &x509.Certificate{
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, a, a.key)
	return a
}

// issue writes a certificate for this machine, and its key.
func (a *authority) issue(t *testing.T, path string) {
	t.Helper()
	key := newKey(t)
	certificate(t, path+".pem", &x509.Certificate{
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, a, key)
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, path+".key", "EC PRIVATE KEY", der)
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// certificate writes one that a signs, or key itself while a has none.
func certificate(
	t *testing.T, path string, c *x509.Certificate, a *authority, key *ecdsa.PrivateKey,
) *x509.Certificate {
	t.Helper()
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	c.Subject = pkix.Name{CommonName: filepath.Base(path)}
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent := a.cert
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, path, "CERTIFICATE", der)
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
