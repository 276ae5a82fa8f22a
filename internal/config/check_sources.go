package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// sources counts what is read.
func (in *Ingest) sources() int {
	return len(in.Replay) + len(in.RISLive) + len(in.BMP) + len(in.BGP) + len(in.Archive)
}

// liveSources checks the sources that are no recordings, and that their names
// differ: each is an ingester's.
func (k *checker) liveSources() {
	in := &k.c.Ingest
	names := map[string]string{}
	name := func(at, key, name, otherwise string) {
		if name == "" {
			name = otherwise
		}
		at += "." + key
		if len(name) > nameMax {
			k.fail(at, "has %d bytes, must have at most %d", len(name), nameMax)
		}
		if first, twice := names[name]; twice {
			k.fail(at, "is %s, as %s is; give each source a name of its own", shown(name), first)
		}
		names[name] = at
	}
	for i := range in.Replay {
		name(fmt.Sprintf("ingest.replay[%d]", i), "collector", in.Replay[i].Collector, "")
	}
	for i := range in.RISLive {
		at := fmt.Sprintf("ingest.rislive[%d]", i)
		name(at, "name", in.RISLive[i].Name, "rislive")
		k.risLive(at, &in.RISLive[i])
	}
	for i := range in.BMP {
		at := fmt.Sprintf("ingest.bmp[%d]", i)
		name(at, "collector", in.BMP[i].Collector, "bmp")
		k.bmp(at, &in.BMP[i])
	}
	for i := range in.BGP {
		at := fmt.Sprintf("ingest.bgp[%d]", i)
		name(at, "collector", in.BGP[i].Collector, "bgp")
		k.bgp(at, &in.BGP[i])
	}
	for i := range in.Archive {
		at := fmt.Sprintf("ingest.archive[%d]", i)
		name(at, "collector", in.Archive[i].Collector, "")
		k.archive(at, &in.Archive[i])
	}
	if len(in.Archive) > 0 && in.sources() > len(in.Archive)+len(in.Replay) {
		k.fail("ingest.archive", "stands beside live sources; an archive is minutes behind, so the two must not share "+
			"one deployment: give it a NATS server of its own")
	}
}

const (
	stallLeast = time.Second
	stallMost  = 24 * time.Hour
)

func (k *checker) risLive(at string, r *RISLive) {
	if r.URL != "" {
		k.webURL(at+".url", r.URL, "http", "https", "ws", "wss")
	}
	k.prefixes(at+".prefixes", r.Prefixes)
	k.addresses(at+".peers", r.Peers)
	for i, h := range r.Hosts {
		k.need(fmt.Sprintf("%s.hosts[%d]", at, i), h, "write a collector's name, such as rrc00, or take the line out")
	}
	if r.Stall != 0 && (r.Stall < stallLeast || r.Stall > stallMost) {
		k.fail(at+".stall", "is %s, must be from %s to %s", FormatDuration(r.Stall), FormatDuration(stallLeast),
			FormatDuration(stallMost))
	}
	if r.MoreSpecific && len(r.Prefixes) == 0 {
		k.warn(at+".more_specific", "is of no use without prefixes")
	}
	if r.Prime && len(r.Hosts) == 0 {
		k.fail(at+".prime", "is true, and hosts is empty: all collectors together have 400 million routes; name those "+
			"whose tables you want")
	}
	if r.PrimeURL != "" {
		k.webURL(at+".prime_url", r.PrimeURL, "http", "https")
	}
	for i, text := range r.PrimeFiles {
		if collector, file, ok := strings.Cut(text, "="); !ok || collector == "" || file == "" {
			k.fail(fmt.Sprintf("%s.prime_files[%d]", at, i), "is %s, must be COLLECTOR=FILE, such as rrc00=bview.gz",
				shown(text))
		}
	}
}

const connectionsMost = 10_000

func (k *checker) bmp(at string, b *BMP) {
	if b.Listen != "" {
		if _, err := splitAddress(b.Listen); err != nil {
			k.fail(at+".listen", "is %s, %v", shown(b.Listen), err)
		}
	}
	k.prefixes(at+".allow", b.Allow)
	k.between(at+".max_connections", b.MaxConnections, 0, connectionsMost)
	switch {
	case (b.TLSCertFile == "") != (b.TLSKeyFile == ""):
		k.fail(at+".tls_cert_file", "and tls_key_file belong together; name both, or neither")
	case b.TLSClientCAFile != "" && b.TLSCertFile == "":
		k.fail(at+".tls_client_ca_file", "is of no use without tls_cert_file")
	}
	if host, err := splitAddress(b.Listen); err == nil && !loopback(host) && len(b.Allow) == 0 && b.TLSClientCAFile == "" {
		k.warn(at+".listen", "is %s, and whoever reaches it may report routes; name the routers in allow, or ask for "+
			"certificates with tls_client_ca_file", shown(b.Listen))
	}
}

// loopback reports whether a host is this machine alone.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

const (
	asnMost    = 1<<32 - 1
	hopsMost   = 255
	prefixMost = 20_000_000
)

func (k *checker) bgp(at string, b *BGP) {
	k.between(at+".asn", b.ASN, 1, asnMost)
	if id, err := netip.ParseAddr(b.RouterID); err != nil || !id.Is4() || id.IsUnspecified() {
		k.fail(at+".router_id", "is %s, must be written as an IPv4 address, such as 192.0.2.1", shown(b.RouterID))
	}
	if b.Listen != "" {
		if _, err := splitAddress(b.Listen); err != nil {
			k.fail(at+".listen", "is %s, %v", shown(b.Listen), err)
		}
	}
	if len(b.Neighbors) == 0 {
		k.fail(at+".neighbors", "is empty; list the sessions, or take the speaker out")
	}
	seen := map[string]bool{}
	for i := range b.Neighbors {
		n := &b.Neighbors[i]
		at := fmt.Sprintf("%s.neighbors[%d]", at, i)
		k.neighbor(at, n)
		if n.Passive && b.Listen == "" {
			k.fail(at+".passive", "is true, and the speaker listens on no address; write listen beside neighbors")
		}
		if seen[n.Address] {
			k.fail(at+".address", "is %s, which stands in the list before", shown(n.Address))
		}
		seen[n.Address] = true
	}
}

func (k *checker) neighbor(at string, n *Neighbor) {
	if _, err := netip.ParseAddr(n.Address); err != nil {
		k.fail(at+".address", "is %s, must be an address, such as 192.0.2.2", shown(n.Address))
	}
	if _, err := netip.ParseAddr(n.LocalAddress); n.LocalAddress != "" && err != nil {
		k.fail(at+".local_address", "is %s, must be an address", shown(n.LocalAddress))
	}
	k.between(at+".asn", n.ASN, 1, asnMost)
	k.between(at+".port", n.Port, 0, 1<<16-1)
	k.between(at+".max_prefixes", n.MaxPrefixes, 0, prefixMost)
	k.between(at+".multihop", n.Multihop, 0, hopsMost)
	for i, f := range n.Families {
		k.oneOf(fmt.Sprintf("%s.families[%d]", at, i), f, "ipv4", "ipv6")
	}
}

const cacheLeast = 64 << 20 // bytes; a RIB dump

func (k *checker) archive(at string, a *Archive) {
	ofRouteViews := strings.HasPrefix(a.Collector, "route-views") || strings.Contains(a.Collector, ".")
	if !strings.HasPrefix(a.Collector, "rrc") && !ofRouteViews {
		k.fail(at+".collector", "is %s, must be a collector of RIPE RIS, such as rrc00, or of RouteViews, such as "+
			"route-views.sg or amsix.ams", shown(a.Collector))
	}
	if a.URL != "" {
		k.webURL(at+".url", a.URL, "http", "https")
	}
	if u, err := url.Parse(a.URL); err == nil && u.User != nil {
		k.fail(at+".url", "must hold no user and no password: they would stand in logs and in the cache")
	}
	if a.CacheSize != 0 {
		k.size(at+".cache_size", a.CacheSize, cacheLeast)
	}
}

// webURL checks an address. It is not repeated: it may hold a password.
func (k *checker) webURL(path, text string, schemes ...string) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) {
		k.fail(path, "must be an address that begins with %s://", strings.Join(schemes, ":// or "))
	}
}

// prefixes checks prefixes and single addresses.
func (k *checker) prefixes(path string, list []string) {
	for i, text := range list {
		_, err := netip.ParsePrefix(text)
		if _, single := netip.ParseAddr(text); err != nil && single != nil {
			k.fail(fmt.Sprintf("%s[%d]", path, i), "is %s, must be a prefix, such as 192.0.2.0/24", shown(text))
		}
	}
}

func (k *checker) addresses(path string, list []string) {
	for i, text := range list {
		if _, err := netip.ParseAddr(text); err != nil {
			k.fail(fmt.Sprintf("%s[%d]", path, i), "is %s, must be an address", shown(text))
		}
	}
}
