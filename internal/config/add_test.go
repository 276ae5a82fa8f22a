package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSourcesCanBeGivenAsTexts(t *testing.T) {
	c, err := load("f", []byte("ingest: {bmp: [{collector: first}]}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	err = c.AddSources([]string{
		"rislive", "rislive=https://ris.example/v1/stream/?format=json,name=two,hosts=rrc00+rrc01,stall=90s",
		"bmp=127.0.0.1:1790", "archive=rrc00,prime=true", "replay=a.gz+b.gz,speed=2",
		"bgp=192.0.2.2,asn=64496,router_id=192.0.2.1,neighbor_asn=64500,neighbor_add_path=true",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Ingest{
		SpillBytes: Default().Ingest.SpillBytes,
		RISLive: []RISLive{{}, {
			Name: "two", URL: "https://ris.example/v1/stream/?format=json", Hosts: []string{"rrc00", "rrc01"},
			Stall: 90 * time.Second,
		}},
		BMP:     []BMP{{Collector: "first"}, {Listen: "127.0.0.1:1790"}},
		Archive: []Archive{{Collector: "rrc00", Prime: true}},
		Replay:  []Replay{{Collector: "replay", Files: []string{"a.gz", "b.gz"}, Speed: 2}},
		BGP: []BGP{{
			ASN: 64496, RouterID: "192.0.2.1",
			Neighbors: []Neighbor{{Address: "192.0.2.2", ASN: 64500, AddPath: true}},
		}},
	}
	if diff := cmp.Diff(want, c.Ingest, sameValues); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := c.Origin("ingest.bmp[1].listen"); got != "--source:3" {
		t.Errorf("comes from %s", got)
	}
}

func TestTextsThatAreNoSourceAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"ris":                 `--source ris: is no source; write KIND[=VALUE]`,
		"bmp=x:1,allow":       `holds "allow", which is no KEY=VALUE`,
		"rislive,host=rrc00":  "--source:1: ingest.rislive[0].host",
		"archive=rrc00,asn=1": "--source:1: ingest.archive[0].asn",
		"bmp,max_connections": "no KEY=VALUE",
	} {
		c, err := load("f", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddSources([]string{text}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: said %v\nwant %s", text, err, want)
		}
	}
}
