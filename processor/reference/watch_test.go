package reference

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/route"
)

func readWatchText(t *testing.T, text ...string) *Watch {
	t.Helper()
	w, err := ReadWatch(strings.NewReader(strings.Join(text, "\n")), "watch")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestBGPalertersFileIsReadUnchanged(t *testing.T) {
	w, err := OpenWatch("testdata/prefixes.yml")
	if err != nil {
		t.Fatal(err)
	}
	prefix := route.MustPrefix
	if diff := cmp.Diff([]*WatchedPrefix{
		{Prefix: prefix("192.0.2.0/24"), Origins: []route.ASN{64500}, Group: "noc", Description: "office", Line: 2},
		{
			Prefix: prefix("198.51.100.0/24"), Origins: []route.ASN{64500, 64501},
			Description: "two origins, one as text", IgnoreMoreSpecifics: true, Line: 8,
		},
		{Prefix: prefix("203.0.113.0/24"), Origins: []route.ASN{64502}, Description: "7", Line: 16},
		{Prefix: prefix("2001:db8::/32"), Origins: []route.ASN{64500}, Group: "noc", Description: "IPv6", Line: 29},
		{Prefix: prefix("2001:db8:1::/48"), Description: "host bits", Line: 37},
		{Prefix: prefix("2001:db8:2::/48"), Description: "host bits", Line: 42},
		{Prefix: prefix("2001:db8:3::/48"), Origins: []route.ASN{64503}, Description: "merged", Line: 43},
	}, w.Prefixes()); diff != "" {
		t.Errorf("prefixes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]*WatchedASN{
		{ASN: 64500, Group: "noc", Line: 50},
		{ASN: 64501, Line: 56},
		{ASN: 64502, Line: 59},
	}, w.ASNs()); diff != "" {
		t.Errorf("ASes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"testdata/prefixes.yml: excludeMonitors (line 14): " + whyMonitors,
		"testdata/prefixes.yml: path (lines 20 and 34): " + whyPath,
		"testdata/prefixes.yml: further groups (line 33): " + whyGroups,
		"testdata/prefixes.yml: asn 0 (line 39): " + whyZero,
		`testdata/prefixes.yml: key "valid" (line 41): ` + whyUnknown,
		"testdata/prefixes.yml: host bits (line 37): bits of a prefix beyond its length are cleared",
		"testdata/prefixes.yml: includeMonitors (line 47): " + whyMonitors,
		"testdata/prefixes.yml: upstreams (lines 52 and 57): " + whyNeighbours,
		"testdata/prefixes.yml: downstreams (lines 55 and 58): " + whyNeighbours,
		"testdata/prefixes.yml: options.generate (line 60): " + whyGenerate,
		`testdata/prefixes.yml: key "options.persist" (line 63): ` + whyUnknown,
	}, w.Ignored()); diff != "" {
		t.Errorf("ignored (-want +got):\n%s", diff)
	}
}

func TestPlainList(t *testing.T) {
	want := readWatchText(t, "192.0.2.0/24 AS64500 64501 # the office", "", "# nothing", "2001:db8::/32", "as64500")
	if diff := cmp.Diff([]*WatchedPrefix{
		{
			Prefix: route.MustPrefix("192.0.2.0/24"), Origins: []route.ASN{64500, 64501},
			Description: "the office", Line: 1,
		},
		{Prefix: route.MustPrefix("2001:db8::/32"), Line: 4},
	}, want.Prefixes()); diff != "" {
		t.Errorf("prefixes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]*WatchedASN{{ASN: 64500, Line: 5}}, want.ASNs()); diff != "" {
		t.Errorf("ASes (-want +got):\n%s", diff)
	}
	for name, text := range map[string]string{
		"dashes":          "- 192.0.2.0/24 AS64500 AS64501 # the office\n\n\n- 2001:db8::/32\n- AS64500",
		"carriage return": "192.0.2.0/24 AS64500 AS64501\t# the office\r\n\r\n\r\n2001:db8::/32\r\nAS64500\r\n",
		"byte order mark": bom + "192.0.2.0/24 AS64500 AS64501 # the office\n\n\n2001:db8::/32\nAS64500",
	} {
		got := readWatchText(t, text)
		if diff := cmp.Diff(want.Prefixes(), got.Prefixes()); diff != "" {
			t.Errorf("%s: prefixes (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(want.ASNs(), got.ASNs()); diff != "" {
			t.Errorf("%s: ASes (-want +got):\n%s", name, diff)
		}
	}
	got := readWatchText(t, `["192.0.2.0/24 AS64500", AS64500]`)
	if len(got.Prefixes()) != 1 || len(got.ASNs()) != 1 || len(got.Prefixes()[0].Origins) != 1 {
		t.Errorf("a YAML sequence gives %v and %v", got.Prefixes(), got.ASNs())
	}
}

func TestMatch(t *testing.T) {
	w := readWatchText(t,
		"10.0.0.0/8: {asn: 64500, description: wide, ignoreMorespecifics: false}",
		"10.1.0.0/16: {asn: 64500, description: only itself, ignoreMorespecifics: true}",
		"10.1.2.0/24: {asn: 64500, description: within, ignoreMorespecifics: false}",
		"10.2.0.0/16: {asn: 64500, description: not ours, ignoreMorespecifics: false, ignore: true}",
		"2001:db8::/32: {asn: 64500, description: six, ignoreMorespecifics: false}",
	)
	for asked, want := range map[string]string{
		"10.0.0.0/8":      "wide",
		"10.3.0.0/16":     "wide",
		"10.255.255.1/32": "wide",
		"10.1.0.0/16":     "only itself",
		"10.1.1.0/24":     "",
		"10.1.2.0/24":     "within",
		"10.1.2.128/25":   "within",
		"10.2.0.0/16":     "",
		"10.2.3.0/24":     "",
		"0.0.0.0/0":       "",
		"8.0.0.0/7":       "",
		"11.0.0.0/8":      "",
		"2001:db8:5::/48": "six",
		"a00::/8":         "",
	} {
		got := ""
		if e := w.Match(route.MustPrefix(asked)); e != nil {
			got = e.Description
		}
		if got != want {
			t.Errorf("Match(%s) = %q, want %q", asked, got, want)
		}
	}
	if e := readWatchText(t, "::/0").Match(route.Prefix{}); e != nil {
		t.Errorf("the zero prefix gives %v", e)
	}
}

func TestWatchedASN(t *testing.T) {
	w := readWatchText(t, "AS64501", "AS64500", "AS4200000000")
	for _, a := range []route.ASN{64500, 64501, 4200000000} {
		if e := w.ASN(a); e == nil || e.ASN != a {
			t.Errorf("ASN(%d) = %v", a, e)
		}
	}
	if e := w.ASN(64502); e != nil {
		t.Errorf("AS64502 is not watched, got %v", e)
	}
	if e := w.ASN(0); e != nil {
		t.Errorf("AS 0 is not watched, got %v", e)
	}
}

func TestNilWatchWatchesNothing(t *testing.T) {
	var w *Watch
	if w.Match(route.MustPrefix("10.0.0.0/8")) != nil || w.ASN(64500) != nil || w.Prefixes() != nil ||
		w.ASNs() != nil || w.Ignored() != nil {
		t.Error("a nil watch says something")
	}
}

func TestManyIgnoredThingsMakeOneSentence(t *testing.T) {
	text := strings.Builder{}
	for i := range 9 {
		text.WriteString("10." + string(rune('0'+i)) + ".0.0/16: {asn: 1, path: {}}\n")
	}
	got := readWatchText(t, text.String()).Ignored()
	want := []string{"watch: path (lines 1, 2, 3, 4, 5 and 4 more): " + whyPath}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ignored (-want +got):\n%s", diff)
	}
}
