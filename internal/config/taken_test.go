package config

import (
	"strings"
	"testing"
)

// TestWhatSourcesTakeIsWhatIsChecked: what is checked well must not end a run.
func TestWhatSourcesTakeIsWhatIsChecked(t *testing.T) {
	const archive = "archive: [{collector: "
	const bgp = "bgp: [{asn: 64500, router_id: 192.0.2.1, neighbors: [{address: 192.0.2.2, asn: 1, "
	for text, want := range map[string]string{
		archive + "amsix.ams}]": "",
		archive + "rrc00}]":     "",
		archive + "amsix}]":     "ingest.archive[0].collector: is \"amsix\"",
		archive + "rrc00, url: 'https://me:s3cret@mirror/'}]": "ingest.archive[0].url: must hold no user",
		bgp + "max_prefixes: 20000000}]}]":                    "",
		bgp + "max_prefixes: 20000001}]}]":                    "max_prefixes",
	} {
		c, err := load("f", []byte("nats: {url: 'nats://n:1'}\ningest: {"+text+"}\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Check(RoleIngest)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) ||
			err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
