package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// How long certificates hold. Those of servers and clients are renewed yearly.
const (
	authorityLife = 10 * 366 * 24 * time.Hour
	leafLife      = 397 * 24 * time.Hour
)

// authority signs certificates. There are two, so that no client's certificate
// opens a port that is for servers.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
	pem  []byte // of cert
}

// openAuthority reads the authority of that name in a folder, or makes it.
func openAuthority(dir, name string) (*authority, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of authorities: %w", err)
	}
	certFile, keyFile := filepath.Join(dir, name+".pem"), filepath.Join(dir, name+"-key.pem")
	if _, err := os.Stat(keyFile); errors.Is(err, os.ErrNotExist) {
		template := &x509.Certificate{
			Subject:  pkix.Name{CommonName: "detour " + name},
			NotAfter: time.Now().Add(authorityLife),
			IsCA:     true, BasicConstraintsValid: true, MaxPathLenZero: true,
			KeyUsage: x509.KeyUsageCertSign,
		}
		if err := sign(certFile, keyFile, template, nil); err != nil {
			return nil, fmt.Errorf("make authority %s: %w", name, err)
		}
	}
	a, err := readAuthority(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("read authority %s: %w", name, err)
	}
	return a, nil
}

func readAuthority(certFile, keyFile string) (*authority, error) {
	certPEM, err := os.ReadFile(certFile)
	if err != nil {
		return nil, err
	}
	keyPEM, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	certBlock, _ := pem.Decode(certPEM)
	keyBlock, _ := pem.Decode(keyPEM)
	if certBlock == nil || keyBlock == nil {
		return nil, fmt.Errorf("%s or %s is not PEM", certFile, keyFile)
	}
	cert, err := x509.ParseCertificate(certBlock.Bytes)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(keyBlock.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%s holds a %T, which cannot sign", keyFile, key)
	}
	return &authority{cert, signer, certPEM}, nil
}

// leaf is a certificate to issue.
type leaf struct {
	name           string
	hosts          []string // names or addresses
	server, client bool     // what it is good for
}

func (n node) certificate() leaf { return leaf{name: n.Name, hosts: []string{n.host}} }

// issue makes <prefix>cert.pem and <prefix>key.pem unless they exist, and writes the
// authority's own certificate beside them as <prefix>ca.pem.
func (a *authority) issue(dir, prefix string, l leaf) error {
	file := func(name string) string { return filepath.Join(dir, prefix+name) }
	if err := writeFile(file("ca.pem"), a.pem); err != nil {
		return err
	}
	if _, err := os.Stat(file("cert.pem")); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	template := &x509.Certificate{
		Subject:  pkix.Name{CommonName: l.name},
		NotAfter: time.Now().Add(leafLife),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
	for _, h := range l.hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	if l.server {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	if l.client {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
	}
	if err := sign(file("cert.pem"), file("key.pem"), template, a); err != nil {
		return fmt.Errorf("issue certificate of %s: %w", l.name, err)
	}
	return nil
}

// sign makes a key and a certificate for it, by a or, without one, by itself.
func sign(certFile, keyFile string, template *x509.Certificate, a *authority) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return err
	}
	template.NotBefore = time.Now().Add(-time.Hour) // hosts' clocks differ
	parent, signer := template, crypto.Signer(key)
	if a != nil {
		parent, signer = a.cert, a.key
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	// The key first: a certificate that exists says that both do.
	if err := writeFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})); err != nil {
		return err
	}
	return writeFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
}

// writeFile writes a file that its owner alone may read. It is there whole or not
// at all.
func writeFile(name string, data []byte) error {
	part := name + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(part, data, 0o600); err != nil {
		return err
	}
	return os.Rename(part, name)
}
