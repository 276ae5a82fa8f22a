package topo

import (
	"slices"

	"detour/route"
)

// Entry is a prefix with its origin.
type Entry struct {
	Prefix route.Prefix
	Origin route.ASN
}

// namedPrefixes are prefixes that accounts of known incidents name, with the
// origins they had. Where an account names only a more-specific, the cover here
// is by construction.
var namedPrefixes = []struct {
	origin   route.ASN
	prefixes []string
}{
	{13335, []string{
		"104.16.0.0/12", "1.1.1.0/24", "1.0.0.0/24", "162.158.0.0/15", "173.245.48.0/20", "141.101.64.0/18",
		"2606:4700::/32", "2606:4700:4700::/48",
	}},
	{16509, []string{
		"52.84.32.0/21", "205.251.192.0/23", "205.251.194.0/23", "205.251.196.0/23", "205.251.198.0/23",
	}},
	{20940, []string{"2.17.112.0/20"}},
	{36561, []string{"208.65.152.0/22"}},
	{38099, []string{"121.53.104.0/23"}},
	{7625, []string{"211.249.216.0/21"}},
	{32934, []string{
		"129.134.0.0/16", "129.134.30.0/24", "129.134.31.0/24", "185.89.216.0/22", "185.89.218.0/24", "185.89.219.0/24",
	}},
	{1136, []string{
		"31.149.0.0/17", "31.149.128.0/17", "31.160.0.0/16", "31.161.0.0/16", "37.74.0.0/17", "37.74.128.0/17",
		"46.144.0.0/16", "46.145.0.0/16",
	}},
	{3303, []string{"46.14.128.0/17"}},
	{13414, []string{"104.244.42.0/24"}},
	{21980, []string{
		"200.74.224.0/23", "200.74.226.0/23", "200.74.228.0/23", "200.74.230.0/23", "200.74.232.0/23",
		"200.74.234.0/23", "200.74.236.0/23", "200.74.238.0/23",
	}},
	{45629, []string{"171.5.0.0/17"}},
	{62041, []string{"95.161.64.0/20", "149.154.160.0/22", "149.154.164.0/22", "91.108.4.0/22", "91.108.56.0/22"}},
	{62014, []string{"149.154.168.0/22", "91.108.8.0/22"}},
	{44907, []string{"91.108.20.0/22"}},
}

// Named returns the prefixes of known incidents, sorted. AS13335's 104.16.0.0/12
// is in it as a whole and as 256 /20, one of them 104.20.0.0/20.
func Named() []Entry {
	var out []Entry
	for _, n := range namedPrefixes {
		for _, p := range n.prefixes {
			out = append(out, Entry{route.MustPrefix(p), n.origin})
		}
	}
	first := route.MustPrefix("104.16.0.0/20")
	for i := range uint64(256) {
		p := first
		p.Hi += i << (64 - 20)
		out = append(out, Entry{p, 13335})
	}
	slices.SortFunc(out, byPrefix)
	return out
}

func byPrefix(a, b Entry) int { return a.Prefix.Compare(b.Prefix) }

// bogons are what no prefix of the table lies in (IANA special-purpose address
// registries).
var bogons = []string{
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/3",
}
