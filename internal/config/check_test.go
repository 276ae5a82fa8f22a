package config

import (
	"strings"
	"testing"
)

const sound = `
nats: {url: 'nats://n:4222'}
ingest: {replay: [{collector: a, files: [b], speed: 1}]}
sink: {terminal: true}
`

func TestASoundConfigurationIsFineForEveryRole(t *testing.T) {
	c, err := load("f", []byte(sound), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range append(Roles(), RoleNone) {
		if warnings, err := c.Check(role); err != nil || len(warnings) > 0 {
			t.Errorf("%s: %v, %v", role, warnings, err)
		}
	}
	if warnings, err := Default().Check(RoleNone); err != nil || len(warnings) > 0 {
		t.Errorf("the default: %v, %v", warnings, err)
	}
}

func TestValuesThatCannotWorkAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"name: 'a b'":                                   `f:1: name: is "a b", must have at most 64 letters`,
		"name: " + strings.Repeat("a", 65):              "f:1: name: is",
		"nats: {url: 'nats://n:1,'}":                    "f:1: nats.url: has an empty address; write each server as nats://H",
		"nats: {url: 'nats://u:secret@n'}":              "f:1: nats.url: holds a name or password; take it out",
		"nats: {url: 'secret@n'}":                       "f:1: nats.url: holds a name or password; take it out",
		"nats: {url: 'nats://[secret'}":                 "f:1: nats.url: holds what is no address",
		"nats: {url: 'nats://n:99999'}":                 "f:1: nats.url: holds what is no address",
		"nats: {url: 'http://n:1'}":                     `f:1: nats.url: has the scheme "http"`,
		"nats: {cert_file: a}":                          "f:1: nats.cert_file: has no key; name the key's file in nats.key_f",
		"nats: {key_file: a}":                           "f:1: nats.key_file: has no certificate",
		"streams: {shards: 0}":                          "f:1: streams.shards: is 0, must be from 1 to 64",
		"streams: {shards: 65}":                         "f:1: streams.shards: is 65, must be from 1 to 64",
		"streams: {replicas: 2}":                        "f:1: streams.replicas: is 2, must be 1, 3 or 5",
		"streams: {alerts: {max_age: 1ms}}":             "f:1: streams.alerts.max_age: is 1ms, must be at least 1s",
		"streams: {evidence: {max_bytes: 1}}":           "f:1: streams.evidence.max_bytes: is 1, must be at least 2MiB",
		"streams: {updates: {max_age: 10m}}":            "f:1: streams.updates.max_age: is 10m, must be more than proc",
		"ingest: {spill_bytes: 0}":                      "f:1: ingest.spill_bytes: is 0, must be at least 1MiB",
		"ingest: {spill_bytes: 1TiB}":                   "f:1: ingest.spill_bytes: is 1TiB, must be at most 16GiB",
		"ingest: {replay: [{files: [a]}]}":              "f:1: ingest.replay[0].collector: is empty; write the name",
		"ingest: {replay: [{collector: a}]}":            "f:1: ingest.replay[0].files: is empty; list recordings",
		"ingest: {replay: [{files: [a, a]}]}":           "f:1: ingest.replay[0].files[1]: names the same file as ingest.rep",
		"ingest: {replay: [{speed: -1}]}":               "f:1: ingest.replay[0].speed: is -1, must be 0 or a multiple",
		"process: {replicas: 3}":                        "f:1: process.replicas: is 3, must be from 1 to 2",
		"process: {checkpoint: {elements: 1}}":          "f:1: process.checkpoint.elements: is 1, must be from 1000",
		"process: {checkpoint: {interval: 1ms}}":        "f:1: process.checkpoint.interval: is 1ms, must be from 1s to 24h",
		"detect: {learn: soon}":                         `f:1: detect.learn: is "soon", must be auto or a duration`,
		"detect: {learn: 25h}":                          `f:1: detect.learn: is "25h", must be auto or a duration`,
		"detect: {mature: true}":                        `f:1: detect.mature: is "true", must be auto, yes or no`,
		"detect: {lists: {tier2: a}}":                   "f:1: detect.lists.tier2: no such list; there are beacons, scrubber",
		"detect: {lists: {beacons: ''}}":                "f:1: detect.lists.beacons: is empty; name a file",
		"detect: {peers: {ignore: ['']}}":               "f:1: detect.peers.ignore[0]: is empty; name an ASN",
		"detect: {vrps: ['']}":                          "f:1: detect.vrps[0]: is empty; name a file",
		"sink:\n  files:\n  - a\n  - b\n  - a\n":        "f:5: sink.files[2]: names the same file as sink.files[0]; take one",
		"admin: {listen: 9179}":                         `f:1: admin.listen: is "9179", must be an address with a port`,
		"log: {level: loud}":                            `f:1: log.level: is "loud", must be debug, info, warn or error`,
		"log: {format: xml}":                            `f:1: log.format: is "xml", must be text or json`,
		"log: {format: xml}\nstreams:\n  replicas: 4\n": "f:3: streams.replicas: is 4, must be 1, 3 or 5\nf:1: log.format",
	} {
		c, err := load("f", []byte(text), nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if _, err = c.Check(RoleNone); err == nil || !strings.Contains("\n"+err.Error(), "\n"+want) ||
			strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: said %v\nwant %s", text, err, want)
		}
	}
}

func TestRolesNeedWhatTheyWorkWith(t *testing.T) {
	for name, c := range map[string]struct {
		role        Role
		text        string
		environ     []string
		wrong, warn string
	}{
		"no server to ingest":  {role: RoleIngest, wrong: "default: nats.url: is empty, and the role ingest needs a server"},
		"no server to process": {role: RoleProcess, wrong: "write nats.url or set DETOUR_NATS_URL"},
		"no server to sink":    {role: RoleSink, wrong: "default: nats.url: is empty, and the role sink"},
		"no source":            {role: RoleIngest, text: "ingest: {spill_bytes: 1MiB}", wrong: "f:1: ingest: has no source"},
		"nowhere to tell":      {role: RoleSink, wrong: "default: sink: has nowhere to bring alerts to"},
		"one server, copies": {
			role: RoleRun, environ: []string{"DETOUR_STREAMS_REPLICAS=3"},
			wrong: "DETOUR_STREAMS_REPLICAS: streams.replicas: is 3, and the one server",
		},
		"no folder":        {role: RoleRun, text: "nats: {dir: ''}", wrong: "f:1: nats.dir: is empty; the server of"},
		"run alone":        {role: RoleRun, warn: "default: ingest: has no source"},
		"run and say":      {role: RoleRun, warn: "default: sink: has nowhere"},
		"key for no one":   {role: RoleRun, text: "nats: {ca_file: a}", warn: "default: nats.url: is empty, so"},
		"open to everyone": {text: "admin: {listen: ':9179'}", warn: `f:1: admin.listen: is ":9179", which others may reach`},
		"not by address": {
			environ: []string{"DETOUR_ADMIN_LISTEN=10.0.0.1:1"}, warn: `DETOUR_ADMIN_LISTEN: admin.listen: is "10.0.0.1:1"`,
		},
		"begins in vain": {
			text: "ingest: {replay: [{collector: a, files: [b], begin: 2026-01-01T00:00:00Z}]}",
			warn: "f:1: ingest.replay[0].begin: is of no use with speed 0",
		},
		"small log": {
			role: RoleIngest,
			text: "nats: {url: n}\nstreams: {updates: {max_bytes: 64MiB}}\ningest: {replay: [{collector: a, files: [b]}]}",
			warn: "f:2: streams.updates.max_bytes: is 64MiB; for a source of speed 0 it should be at least 128MiB",
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := load("f", []byte(c.text), c.environ)
			if err != nil {
				t.Fatal(err)
			}
			warnings, err := cfg.Check(c.role)
			if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
				t.Errorf("said %v\nwant %q", err, c.wrong)
			}
			if !strings.Contains(warnings.Error(), c.warn) {
				t.Errorf("warned %v\nwant %q", warnings, c.warn)
			}
		})
	}
}

func TestRolesAreParsed(t *testing.T) {
	for _, r := range append(Roles(), RoleNone) {
		if got, err := ParseRole(string(r)); got != r || err != nil {
			t.Errorf("%q: %q, %v", r, got, err)
		}
	}
	if _, err := ParseRole("boss"); err == nil || !strings.Contains(err.Error(), "ingest, process, sink, run, admin") {
		t.Error(err)
	}
}
