package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"strings"

	"detour/ingest"
	"detour/ingest/archive"
	"detour/ingest/bmp"
	"detour/ingest/live"
	"detour/ingest/node"
	"detour/ingest/replay"
	"detour/ingest/rislive"
	"detour/ingest/speaker"
	"detour/internal/config"
	"detour/route"
)

// sourcesOf lists the sources that the configuration names.
func sourcesOf(in *config.Ingest, log *slog.Logger) (list []node.SourceConfig, err error) {
	for i := range in.Replay {
		r := &in.Replay[i]
		list = append(list, node.Replay(replay.Config{
			Collector: r.Collector, Prime: r.Prime, Files: r.Files, Speed: r.Speed, Begin: r.Begin,
		}))
	}
	for i := range in.RISLive {
		list = append(list, risLiveSource(&in.RISLive[i], log))
	}
	for i := range in.BMP {
		s, err := bmpSource(&in.BMP[i], log)
		if err != nil {
			return nil, fmt.Errorf("ingest.bmp[%d]: %w", i, err)
		}
		list = append(list, s)
	}
	for i := range in.BGP {
		s, err := bgpSource(&in.BGP[i], log)
		if err != nil {
			return nil, fmt.Errorf("ingest.bgp[%d]: %w", i, err)
		}
		list = append(list, s)
	}
	for i := range in.Archive {
		list = append(list, archiveSource(&in.Archive[i], log))
	}
	return list, nil
}

func risLiveSource(r *config.RISLive, log *slog.Logger) node.SourceConfig {
	name := cmp.Or(r.Name, "rislive")
	cfg := rislive.Config{
		URL: r.URL, Client: r.Client, Hosts: r.Hosts, Prefixes: prefixesOf(r.Prefixes), MoreSpecific: r.MoreSpecific,
		WithoutRaw: r.JSONOnly, Stall: r.Stall, Desk: live.Config{Log: log.With("source", name)},
	}
	for _, text := range r.Peers {
		cfg.Peers = append(cfg.Peers, netip.MustParseAddr(text)) // the configuration was checked
	}
	open := func(out ingest.Output) (node.Primable, error) {
		for _, text := range r.PrimeFiles { // that one is missing shows now, not when it is its turn
			_, file, _ := strings.Cut(text, "=")
			if _, err := os.Stat(file); err != nil {
				return nil, fmt.Errorf("prime with a table (prime_files): %w", err)
			}
		}
		return rislive.New(cfg, out)
	}
	return node.SourceConfig{Name: name, New: node.Primed(open, risHistories(r, log)...)}
}

// risHistories lists what was before RIS Live is listened to.
func risHistories(r *config.RISLive, log *slog.Logger) (list []node.History) {
	for _, text := range r.PrimeFiles {
		collector, file, _ := strings.Cut(text, "=")
		list = append(list, node.History{Name: file, New: func(out ingest.Output) (node.Source, error) {
			return replay.New(replay.Config{Collector: collector, Prime: []string{file}}, out)
		}})
	}
	if !r.Prime {
		return list
	}
	for _, host := range r.Hosts {
		list = append(list, node.History{Name: host, New: func(out ingest.Output) (node.Source, error) {
			return archive.New(archive.Config{
				Collector: host, Access: archive.Access{BaseURL: r.PrimeURL, Log: log}, PrimeOnly: true,
			}, out)
		}})
	}
	return list
}

func bmpSource(b *config.BMP, log *slog.Logger) (node.SourceConfig, error) {
	name := cmp.Or(b.Collector, "bmp")
	cfg := bmp.Config{
		Collector: b.Collector, Listen: b.Listen, Allow: prefixesOf(b.Allow), MaxConnections: b.MaxConnections,
		Live: live.Config{Log: log.With("source", name)},
	}
	var err error
	if cfg.TLS, err = serverTLS(b.TLSCertFile, b.TLSKeyFile, b.TLSClientCAFile); err != nil {
		return node.SourceConfig{}, err
	}
	open := func(out ingest.Output) (node.Source, error) { return bmp.New(cfg, out) }
	return node.SourceConfig{Name: name, New: open}, nil
}

func bgpSource(b *config.BGP, log *slog.Logger) (node.SourceConfig, error) {
	name := cmp.Or(b.Collector, "bgp")
	cfg := speaker.Config{
		Collector: name, ASN: route.ASN(b.ASN), RouterID: netip.MustParseAddr(b.RouterID), Listen: b.Listen,
		Log: log.With("source", name),
	}
	for i := range b.Neighbors {
		n, err := neighborOf(&b.Neighbors[i])
		if err != nil {
			return node.SourceConfig{}, fmt.Errorf("neighbors[%d]: %w", i, err)
		}
		cfg.Neighbors = append(cfg.Neighbors, n)
	}
	open := func(out ingest.Output) (node.Source, error) { return speaker.New(cfg, out) }
	return node.SourceConfig{Name: name, New: open}, nil
}

func neighborOf(n *config.Neighbor) (s speaker.Neighbor, err error) {
	s = speaker.Neighbor{
		Address: netip.MustParseAddr(n.Address), ASN: route.ASN(n.ASN), Passive: n.Passive, Port: uint16(n.Port),
		AddPath: n.AddPath, MaxPrefixes: n.MaxPrefixes, TTL: n.Multihop,
	}
	if n.LocalAddress != "" {
		s.LocalAddress = netip.MustParseAddr(n.LocalAddress)
	}
	for _, f := range n.Families {
		s.Families = append(s.Families, map[string]route.Family{"ipv4": route.IPv4, "ipv6": route.IPv6}[f])
	}
	if n.PasswordFile != "" {
		text, err := os.ReadFile(n.PasswordFile)
		if err != nil {
			return s, fmt.Errorf("read the session's password: %w", err)
		}
		s.Password = strings.TrimRight(string(text), "\r\n")
	}
	return s, nil
}

func archiveSource(a *config.Archive, log *slog.Logger) node.SourceConfig {
	cfg := archive.Config{
		Collector: a.Collector, Prime: a.Prime,
		Access: archive.Access{BaseURL: a.URL, Cache: a.Cache, CacheSize: int64(a.CacheSize), Log: log},
	}
	return node.SourceConfig{
		Name: a.Collector, Waits: true,
		New: func(out ingest.Output) (node.Source, error) { return archive.New(cfg, out) },
	}
}

// prefixesOf reads prefixes and single addresses that were checked.
func prefixesOf(texts []string) (list []netip.Prefix) {
	for _, text := range texts {
		if p, err := netip.ParsePrefix(text); err == nil {
			list = append(list, p)
			continue
		}
		a := netip.MustParseAddr(text)
		list = append(list, netip.PrefixFrom(a, a.BitLen()))
	}
	return list
}

// serverTLS returns what a listener needs; nil without a certificate.
func serverTLS(certFile, keyFile, clientCAFile string) (*tls.Config, error) {
	if certFile == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("load the listener's certificate: %w", err)
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	if clientCAFile == "" {
		return cfg, nil
	}
	text, err := os.ReadFile(clientCAFile)
	if err != nil {
		return nil, fmt.Errorf("load the routers' authorities: %w", err)
	}
	cfg.ClientCAs, cfg.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	if !cfg.ClientCAs.AppendCertsFromPEM(text) {
		return nil, errors.New("load the routers' authorities: " + clientCAFile + " holds no certificate (PEM)")
	}
	return cfg, nil
}
