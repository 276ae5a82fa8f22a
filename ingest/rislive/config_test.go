package rislive

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/ingest/rislive/risltest"
)

func TestAConfigThatCannotWorkIsRefused(t *testing.T) {
	for want, cfg := range map[string]Config{
		`has to begin with https:// (stream) or wss:// (WebSocket)`: {URL: "ftp://example.org"},
		"the host is missing":        {URL: "https:///v1/stream/"},
		"url of RIS Live":            {URL: "https://exa mple:%"},
		"stall is -1ns":              {Stall: -1},
		"answer is -1ns":             {Answer: -1},
		"retry is -1ns":              {RetryMin: -1},
		"read-ahead is -1":           {ReadAhead: -1},
		"client has 200 characters":  {Client: strings.Repeat("x", 200)},
		"one of the prefixes":        {Prefixes: []netip.Prefix{{}}},
		"asks for 2 combinations":    {URL: "https://x", Hosts: []string{"rrc00", "rrc01"}},
		"at most 4096 are sent":      {URL: "wss://x", Hosts: make([]string, 70), Types: make([]string, 70)},
		"the WebSocket, wss://ris-l": {URL: DefaultURL, Peers: make([]netip.Addr, 2)},
	} {
		if _, err := New(cfg, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", cfg, err, want)
		}
	}
}

func TestTheAddressIsThatOfRISLive(t *testing.T) {
	for _, test := range []struct {
		cfg  Config
		want string
	}{
		{Config{}, "https://ris-live.ripe.net/v1/stream/?client=detour&format=json"},
		{Config{Client: "as64500 noc"}, "https://ris-live.ripe.net/v1/stream/?client=as64500+noc&format=json"},
		{Config{Hosts: []string{"rrc00"}}, "https://ris-live.ripe.net/v1/stream/?client=detour&format=json"},
		{Config{Hosts: []string{"rrc00", "rrc01"}}, "wss://ris-live.ripe.net/v1/ws/?client=detour"},
		{Config{URL: "wss://ris-live.ripe.net"}, "wss://ris-live.ripe.net/v1/ws/?client=detour"},
		{Config{URL: "http://127.0.0.1:8080/"}, "http://127.0.0.1:8080/v1/stream/?client=detour&format=json"},
		{Config{URL: "http://h/x?client=me&format=sse"}, "http://h/x?client=me&format=json"},
		{Config{URL: "ws://h/x?client=me", Client: "you"}, "ws://h/x?client=you"},
	} {
		s, err := New(test.cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.url.String(); got != test.want {
			t.Errorf("%+v: %s, want %s", test.cfg, got, test.want)
		}
	}
}

func TestFiltersAreAskedForAsRISLiveHasThem(t *testing.T) {
	prefixes := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	for _, test := range []struct {
		name string
		cfg  Config
		want []string
	}{
		{"all", Config{}, nil},
		{"all without raw", Config{WithoutRaw: true}, []string{`{"socketOptions":{"includeRaw":false}}`}},
		{"all kinds", Config{
			Hosts: []string{"rrc00"}, Types: []string{"UPDATE"}, Path: "^64500", Prefixes: prefixes, MoreSpecific: true,
			Peers: []netip.Addr{netip.MustParseAddr("192.0.2.7")},
		}, []string{`{"host":"rrc00","type":"UPDATE","peer":"192.0.2.7","path":"^64500",` +
			`"prefix":["192.0.2.0/24","2001:db8::/32"],"moreSpecific":true,"lessSpecific":false,` +
			`"socketOptions":{"includeRaw":true}}`}},
		{"one prefix", Config{Prefixes: prefixes[:1], LessSpecific: true}, []string{`{"prefix":"192.0.2.0/24",` +
			`"moreSpecific":false,"lessSpecific":true,"socketOptions":{"includeRaw":true}}`}},
		{"all by WebSocket", Config{URL: "ws"}, []string{`{"socketOptions":{"includeRaw":true,"acknowledge":true}}`}},
		{"many by WebSocket", Config{URL: "ws", Hosts: []string{"rrc00", "rrc01"}, Prefixes: prefixes}, []string{
			`{"host":"rrc00","prefix":"192.0.2.0/24","moreSpecific":false,"lessSpecific":false,` +
				`"socketOptions":{"includeRaw":true,"acknowledge":true}}`,
			`{"host":"rrc00","prefix":"2001:db8::/32","moreSpecific":false,"lessSpecific":false,` +
				`"socketOptions":{"includeRaw":true,"acknowledge":true}}`,
			`{"host":"rrc01","prefix":"192.0.2.0/24","moreSpecific":false,"lessSpecific":false,` +
				`"socketOptions":{"includeRaw":true,"acknowledge":true}}`,
			`{"host":"rrc01","prefix":"2001:db8::/32","moreSpecific":false,"lessSpecific":false,` +
				`"socketOptions":{"includeRaw":true,"acknowledge":true}}`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.cfg.Client = "as64500"
			r := run(t, test.cfg, risltest.Play([][]byte{announce("10.1.0.0/16")}))
			r.until(t, "subscriptions", func() bool {
				a := r.server.Asked()
				return len(a) == 1 && len(a[0].Subscribe) == len(test.want)
			})
			a := r.server.Asked()[0]
			if d := cmp.Diff(test.want, a.Subscribe); d != "" || a.Client != "as64500" {
				t.Errorf("client %q asked (-want +got):\n%s", a.Client, d)
			}
		})
	}
}
