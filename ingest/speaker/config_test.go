package speaker

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"detour/route"
)

func TestConfigSaysWhatIsWrong(t *testing.T) {
	good := func() Config {
		return Config{
			ASN: 64999, RouterID: netip.MustParseAddr("192.0.2.99"), Listen: "127.0.0.1:1790",
			Neighbors: []Neighbor{passive(a, 64501), {Address: netip.MustParseAddr("2001:db8::1"), ASN: 64502}},
		}
	}
	if _, err := New(good(), newTaken()); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(c *Config){
		"asn is missing: give our own":             func(c *Config) { c.ASN = 0 },
		"router_id invalid IP":                     func(c *Config) { c.RouterID = netip.Addr{} },
		"router_id 2001:db8::1":                    func(c *Config) { c.RouterID = netip.MustParseAddr("2001:db8::1") },
		`listen: "localhost:x" is no address:port`: func(c *Config) { c.Listen = "localhost:x" },
		"0 neighbors":                              func(c *Config) { c.Neighbors = nil },
		"neighbor 127.0.0.2: it is there twice":    func(c *Config) { c.Neighbors[1] = c.Neighbors[0] },
		"neighbor invalid IP: address":             func(c *Config) { c.Neighbors[0].Address = netip.Addr{} },
		"neighbor 127.0.0.2: asn is missing":       func(c *Config) { c.Neighbors[0].ASN = 0 },
		"it is passive, but nothing listens":       func(c *Config) { c.Listen = "" },
		"local address ::1 is not of the same": func(c *Config) {
			c.Neighbors[0].LocalAddress = netip.MustParseAddr("::1")
		},
		"family 7 is not carried":    func(c *Config) { c.Neighbors[0].Families = []route.Family{7} },
		"hold time 2s":               func(c *Config) { c.Neighbors[0].HoldTime = 2 * time.Second },
		"hold time 10.5s":            func(c *Config) { c.Neighbors[0].HoldTime = 10500 * time.Millisecond },
		"max_prefixes -1":            func(c *Config) { c.Neighbors[0].MaxPrefixes = -1 },
		"ttl 256":                    func(c *Config) { c.Neighbors[0].TTL = 256 },
		"the password has 81 octets": func(c *Config) { c.Neighbors[0].Password = strings.Repeat("x", 81) },
	} {
		c := good()
		change(&c)
		if _, err := New(c, newTaken()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestListenIsLoopbackAndPort179UnlessToldOtherwise(t *testing.T) {
	for text, want := range map[string]string{
		":1790": "127.0.0.1:1790", "192.0.2.1": "192.0.2.1:179", "192.0.2.1:1790": "192.0.2.1:1790",
		"[2001:db8::1]:1790": "[2001:db8::1]:1790", "2001:db8::1": "[2001:db8::1]:179", "[::]:179": "[::]:179",
		"router": "", "192.0.2.1:x": "", "192.0.2.1:99999": "",
	} {
		got, err := listenAddress(text)
		if want == "" {
			if err == nil {
				t.Errorf("%s is %v", text, got)
			}
			continue
		}
		if err != nil || got.String() != want {
			t.Errorf("%s is %v, %v, want %s", text, got, err, want)
		}
	}
}
