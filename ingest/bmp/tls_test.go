package bmp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"testing"
	"time"

	"detour/ingest/bmp"
	"detour/ingest/live"
)

// certificate makes one that has signed itself.
func certificate(t *testing.T, usage x509.ExtKeyUsage) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{usage}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestRoutersMaySpeakTLS(t *testing.T) {
	station, ofStation := certificate(t, x509.ExtKeyUsageServerAuth)
	router, ofRouter := certificate(t, x509.ExtKeyUsageClientAuth)
	out := &book{}
	l := listen(t, bmp.Config{TLS: &tls.Config{
		Certificates: []tls.Certificate{station}, MinVersion: tls.VersionTLS12,
		ClientCAs: ofRouter, ClientAuth: tls.RequireAndVerifyClientCert,
	}}, out)

	l.send(l.dial(1), hello("r1"))
	l.told(live.EventRefused, "tls: ")
	client := &tls.Config{RootCAs: ofStation, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	_, _ = tls.Client(l.dial(2), client).Write(hello("r2")) // the other side may have closed it meanwhile
	l.told(live.EventRefused, "client didn't provide a certificate")
	if out.count() != 0 {
		t.Error("a route came from a router that showed no certificate")
	}

	client = client.Clone()
	client.Certificates = []tls.Certificate{router}
	known := tls.Client(l.dial(3), client)
	defer func() { _ = known.Close() }()
	l.send(known, hello("r3"))
	l.await("a route over TLS", func() bool { return out.count() == 1 })
}
