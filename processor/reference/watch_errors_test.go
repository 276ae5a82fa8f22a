package reference

import (
	"fmt"
	"strings"
	"testing"
)

func TestWatchFileErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "# only a comment\n", "nothing to watch"},
		{"empty YAML", "---\n", "a mapping from prefixes, or a list of prefixes and ASes, is expected"},
		{"length", "AS64500\n10.0.0.0/33\n", "line 2: prefix 10.0.0.0/33: length beyond 32"},
		{"length of IPv6", "2001:db8::/129\n", "line 1: prefix 2001:db8::/129: length beyond 128"},
		{"IPv4", "::ffff:192.0.2.0/120\n", "prefix ::ffff:192.0.2.0/120 is IPv4 in IPv6 notation: write 192.0.2.0/24"},
		{"length of YAML", "10.0.0.0/8: {}\n10.0.0.0/33: {}", "line 2: prefix 10.0.0.0/33: length beyond 32"},
		{"no length", "192.0.2.1\n", "line 1: 192.0.2.1 has no length: write 192.0.2.1/32 for one address"},
		{"no length of IPv6", "AS64500\n2001:db8::1\n", "line 2: 2001:db8::1 has no length: write 2001:db8::1/128"},
		{"bad address", "10.0.0/8\n", `line 1: "10.0.0/8" is no prefix`},
		{"bare number", "AS1\n64500\n", `line 2: 64500: write AS64500 to watch an AS`},
		{"AS 0", "AS0\n", "line 1: AS 0 names no network"},
		{"AS too large", "AS4294967296\n", `AS number "AS4294967296" is beyond 4294967295`},
		{"two ASes a line", "AS64500 AS64501\n", `line 1: "AS64501" after AS64500: one AS a line`},
		{"word", "AS64500\nhello world\n", `line 2: "hello" is neither a prefix nor an AS`},
		{"bad origin", "10.0.0.0/8 AS-SET\n", `line 1: origin of 10.0.0.0/8: "AS-SET" is no AS number`},
		{"key in a plain list", "AS64500\n10.0.0.0/8:\n", "line 2: \"10.0.0.0/8:\" is a YAML key in a plain list"},
		{"prefix twice", "10.0.0.0/8\n\n10.0.0.0/8\n", "line 3: prefix 10.0.0.0/8 stands in line 1 already"},
		{"AS twice", "AS64500\nAS64500\n", "line 2: AS64500 stands in line 1 already"},
		{"unknown key", "10.0.0.0/8: {}\nmonitors: []\n", `line 2: key "monitors" is neither a prefix nor "options"`},
		{"options twice", "options: {}\noptions: {}\n", "line 2: options a second time"},
		{"bad YAML", "10.0.0.0/8: {\n", "not valid YAML: line"},
		{"two documents", "10.0.0.0/8: {}\n---\n10.0.0.0/9: {}\n", "a second YAML document"},
		{"no mapping", "10.0.0.0/8: [1]\n", "line 1: prefix 10.0.0.0/8: a mapping of at most 64 keys is expected"},
		{"bad asn", "10.0.0.0/8:\n  asn: [1, x]\n", `line 2: prefix 10.0.0.0/8, asn: "x" is no AS number`},
		{"nested asn", "10.0.0.0/8:\n  asn: [[1]]\n", "asn: an AS number or a list of them is expected"},
		{"no boolean", "10.0.0.0/8:\n  ignore: false,\n", "line 2: prefix 10.0.0.0/8, ignore: write true or false"},
		{"case of a key", "10.0.0.0/8:\n  ignoreMoreSpecifics: true\n", "write ignoreMorespecifics"},
		{"key twice", "10.0.0.0/8:\n  asn: 1\n  asn: 2\n", `line 3: prefix 10.0.0.0/8: key "asn" a second time`},
		{"description", "10.0.0.0/8:\n  description: [a]\n", "description: text is expected"},
		{"long description", "10.0.0.0/8:\n  description: " + strings.Repeat("x", maxText+1), "more than 1024 bytes"},
		{"watched AS", "options:\n  monitorASns:\n    x: {}\n", `line 3: options.monitorASns: "x" is no AS number`},
		{"watched ASes", "options:\n  monitorASns: [1]\n", "line 2: options, monitorASns: a mapping from AS numbers"},
		{"neighbour", "options:\n  monitorASns:\n    1:\n      upstreams: y\n", `line 4: AS1, upstreams: "y" is no`},
		{"key is a list", "? [a]\n: b\n", "a key that is no text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, err := ReadWatch(strings.NewReader(c.text), "w.yml")
			if err == nil {
				t.Fatalf("read, with prefixes %v", w.Prefixes())
			}
			if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "read watch file w.yml: ") {
				t.Errorf("error %q, want it to hold %q", err, c.want)
			}
		})
	}
}

func TestWatchFileErrorsAreToldTogetherAndBounded(t *testing.T) {
	_, err := ReadWatch(strings.NewReader("10.0.0.0/33\nAS64500\nAS0\n"), "w")
	want := "read watch file w: 2 problems:\n  line 1: prefix 10.0.0.0/33: length beyond 32\n" +
		"  line 3: AS 0 names no network (RFC 7607)"
	if err == nil || err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	_, err = ReadWatch(strings.NewReader(strings.Repeat("AS0\n", 1000)), "w")
	if err == nil || !strings.Contains(err.Error(), "1000 problems:") ||
		!strings.HasSuffix(err.Error(), fmt.Sprintf("\n  and %d more", 1000-problemsShown)) {
		t.Errorf("error %q", err)
	}
}

func TestWatchFileBounds(t *testing.T) {
	aliases := strings.Builder{}
	aliases.WriteString("10.0.0.0/24:\n  asn: &all [" + strings.Repeat("1,", 2000) + "1]\n")
	for i := range 600 {
		fmt.Fprintf(&aliases, "10.%d.%d.0/24:\n  asn: *all\n", 1+i/250, i%250)
	}
	prefixes := strings.Builder{}
	for i := range maxWatched + 1 {
		fmt.Fprintf(&prefixes, "%d.%d.%d.0/24\n", 1+i>>16, i>>8&255, i&255)
	}
	for _, c := range []struct{ name, text, want string }{
		{"bytes", strings.Repeat("# a comment without end\n", maxWatchBytes/24+1), "more than 16 MiB"},
		{"prefixes", prefixes.String(), "more than 100000 prefixes"},
		{"AS numbers", aliases.String(), "more than 1048576 AS numbers in all"},
		{"line", "AS1\n" + strings.Repeat("x", maxLine+1), "line 2 has more than"},
	} {
		if _, err := ReadWatch(strings.NewReader(c.text), "w"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want it to hold %q", c.name, err, c.want)
		}
	}
}
