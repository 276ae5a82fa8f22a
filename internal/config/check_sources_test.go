package config

import (
	"strings"
	"testing"
)

const soundSources = `
nats: {url: 'nats://n:4222'}
sink: {terminal: true}
ingest:
  rislive:
  - {client: noc@example.net, hosts: [rrc00], prefixes: [192.0.2.0/24, '2001:db8::/32'], peers: [192.0.2.1], stall: 90s}
  - {name: two, url: 'wss://ris-live.example/v1/ws/'}
  bmp:
  - {listen: '127.0.0.1:11019'}
  - {collector: edge, listen: '[::]:11019', allow: [192.0.2.0/24, '2001:db8::1'], max_connections: 10}
  bgp:
  - asn: 4200000000
    router_id: 192.0.2.1
    listen: '192.0.2.1:179'
    neighbors:
    - {address: 192.0.2.2, asn: 64500, passive: true, families: [ipv4, ipv6]}
    - {address: '2001:db8::2', asn: 64500, port: 1179, add_path: true, max_prefixes: 2000000, multihop: 3}
`

func TestSoundSourcesAreFine(t *testing.T) {
	for _, text := range []string{
		soundSources,
		"nats: {url: 'nats://n:1'}\ningest: {archive: [{collector: rrc00}, {collector: route-views.sg, cache_size: 1GiB}]}\n",
	} {
		c, err := load("f", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		if warnings, err := c.Check(RoleIngest); err != nil || len(warnings) > 0 {
			t.Errorf("%v, %v", warnings, err)
		}
	}
}

func TestSourcesThatCannotWorkAreRefused(t *testing.T) {
	const router = "asn: 1, router_id: 192.0.2.1"
	for text, want := range map[string]string{
		"rislive: [{url: 'ftp://secret@x'}]":         "ingest.rislive[0].url: must be an address that begins with http://",
		"rislive: [{prefixes: [192.0.2.0/33]}]":      `ingest.rislive[0].prefixes[0]: is "192.0.2.0/33", must be a prefix`,
		"rislive: [{peers: [AS1]}]":                  `ingest.rislive[0].peers[0]: is "AS1", must be an address`,
		"rislive: [{hosts: ['']}]":                   "ingest.rislive[0].hosts[0]: is empty; write a collector's name",
		"rislive: [{prime: true}]":                   "ingest.rislive[0].prime: is true, and hosts is empty",
		"rislive: [{prime_files: [bview.gz]}]":       `ingest.rislive[0].prime_files[0]: is "bview.gz", must be COLLECT`,
		"rislive: [{stall: 1ms}]":                    "ingest.rislive[0].stall: is 1ms, must be from 1s to 24h",
		"rislive: [{}, {}]":                          `ingest.rislive[1].name: is "rislive", as ingest.rislive[0].name is`,
		"bmp: [{collector: x}, {collector: x}]":      `ingest.bmp[1].collector: is "x", as ingest.bmp[0].collector is`,
		"bmp: [{listen: 11019}]":                     `ingest.bmp[0].listen: is "11019", must be an address with a port`,
		"bmp: [{allow: [me]}]":                       `ingest.bmp[0].allow[0]: is "me", must be a prefix`,
		"bmp: [{max_connections: -1}]":               "ingest.bmp[0].max_connections: is -1, must be from 0 to 10000",
		"bmp: [{tls_cert_file: a}]":                  "ingest.bmp[0].tls_cert_file: and tls_key_file belong together",
		"bmp: [{tls_client_ca_file: a}]":             "ingest.bmp[0].tls_client_ca_file: is of no use without",
		"bgp: [{}]":                                  "ingest.bgp[0].asn: is 0, must be from 1 to 4294967295",
		"bgp: [{asn: 1, router_id: '::1'}]":          `ingest.bgp[0].router_id: is "::1", must be written as an IPv4 addr`,
		"bgp: [{" + router + "}]":                    "ingest.bgp[0].neighbors: is empty; list the sessions",
		"bgp: [{neighbors: [{address: r1}]}]":        `ingest.bgp[0].neighbors[0].address: is "r1", must be an address`,
		"bgp: [{neighbors: [{passive: true}]}]":      "ingest.bgp[0].neighbors[0].passive: is true, and the speaker list",
		"bgp: [{neighbors: [{families: [vpn]}]}]":    `ingest.bgp[0].neighbors[0].families[0]: is "vpn", must be ipv4 or`,
		"bgp: [{neighbors: [{}, {}]}]":               `ingest.bgp[0].neighbors[1].address: is "", which stands in the`,
		"archive: [{collector: ripe}]":               `ingest.archive[0].collector: is "ripe", must be a collector of RI`,
		"archive: [{collector: rrc00, url: x}]":      "ingest.archive[0].url: must be an address that begins with http",
		"archive: [{cache_size: 1}]":                 "ingest.archive[0].cache_size: is 1, must be at least 64MiB",
		"{archive: [{collector: rrc00}], bmp: [{}]}": "ingest.archive: stands beside live sources",
	} {
		if !strings.HasPrefix(text, "{") {
			text = "{" + text + "}"
		}
		c, err := load("f", []byte("ingest: "+text), nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if _, err = c.Check(RoleNone); err == nil || !strings.Contains("\n"+err.Error(), "\nf:1: "+want) ||
			strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: said %v\nwant %s", text, err, want)
		}
	}
}

func TestAnOpenListenerIsDoubtful(t *testing.T) {
	c, err := load("f", []byte("ingest: {bmp: [{listen: '0.0.0.0:11019'}]}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	warnings, err := c.Check(RoleNone)
	const want = "whoever reaches it may report routes"
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0].String(), want) {
		t.Errorf("%v, %v", warnings, err)
	}
}
