package rislive

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/ingest/live"
	"detour/ingest/mrt/mrttest"
	"detour/ingest/rislive/risltest"
	"detour/route"
)

// handed hands in lines and returns what came of them.
func handed(t testing.TB, lines ...[]byte) (*output, live.Stats, []live.SessionStats) {
	t.Helper()
	var o output
	desk := live.NewDesk(&o, live.Config{})
	h := newHandler(desk, true)
	for _, l := range lines {
		if err := h.line(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	return &o, desk.Stats(), desk.Sessions()
}

// The messages that RIS Live once sent.
func TestMessagesOfRISLiveAreRead(t *testing.T) {
	b, err := os.ReadFile(corpus + "/json/ris-live-stream.json")
	if err != nil {
		t.Skipf("corpus absent: %v", err)
	}
	o, stats, peers := handed(t, bytes.Split(bytes.TrimSpace(b), []byte("\n"))...)
	want := []string{"+ 45.161.192.0/23"}
	if d := cmp.Diff(want, o.all); d != "" || len(peers) != 2 {
		t.Errorf("%d peers, told (-want +got):\n%s", len(peers), d)
	}
	skipped := map[string]uint64{"error": 1, "open": 1, "notification": 1, "keepalive": 1, "not-json": 1}
	if d := cmp.Diff(skipped, stats.Skipped); d != "" {
		t.Errorf("skipped (-want +got):\n%s", d)
	}
}

// head begins an UPDATE of a peer; rest follows.
const head = `{"type":"ris_message","data":{"type":"UPDATE","timestamp":1700000000.5,"host":"rrc00.ripe.net",` +
	`"peer":"2001:db8::7","peer_asn":"64500"`

func TestJSONIsReadAsTheMessageItStandsFor(t *testing.T) {
	for _, test := range []struct {
		name, rest string
		want       []string
	}{
		{
			"both next hops, one route", `"path":[64500,64496],"origin":"IGP","announcements":[` +
				`{"next_hop":"2001:db8::1","prefixes":["2001:db8:1::/48"]},` +
				`{"next_hop":"fe80::1","prefixes":["2001:db8:1::/48"]}]`,
			[]string{"+ 2001:db8:1::/48 path [64500 64496] [] origin 0 med 0 flags 600 communities  hop  " +
				"20010db8000000000000000000000001fe800000000000000000000000000001"},
		},
		{
			"next hops joined", `"path":[64500],"announcements":[{"next_hop":"2001:db8::1,fe80::1",` +
				`"prefixes":["2001:0db8:0001:0000:0000:0000:0000:0000/48"]}]`,
			[]string{"+ 2001:db8:1::/48 path [64500] [] origin 0 med 0 flags 400 communities  hop  " +
				"20010db8000000000000000000000001fe800000000000000000000000000001"},
		},
		{
			"an AS_SET, a MED, communities, an aggregator", `"path":[64500,"64501",[64502,64503]],"origin":"incomplete",` +
				`"med":77,"aggregator":"64501:192.0.2.9","community":[[64500,1],[1,2]],` +
				`"announcements":[{"next_hop":"192.0.2.1","prefixes":["10.1.0.0\/16"]}]`,
			[]string{"+ 10.1.0.0/16 path [64500 64501 64502 64503] [{2 2} {1 2}] origin 2 med 77 flags 610 " +
				"communities fbf4000100010002 hop c0000201 "},
		},
		{
			"both families and withdrawals", `"path":[64500],"announcements":[` +
				`{"next_hop":"2001:db8::1","prefixes":["2001:db8:1::/48"]},` +
				`{"next_hop":"192.0.2.1","prefixes":["10.1.0.0/16"]}],` +
				`"withdrawals":["2001:db8:2::/48","10.2.0.0/16"]`,
			[]string{
				"- 10.2.0.0/16", "- 2001:db8:2::/48",
				"+ 10.1.0.0/16 path [64500] [] origin 0 med 0 flags 400 communities  hop c0000201 " +
					"20010db8000000000000000000000001",
				"+ 2001:db8:1::/48 path [64500] [] origin 0 med 0 flags 400 communities  hop c0000201 " +
					"20010db8000000000000000000000001",
			},
		},
		{"withdrawals alone", `"withdrawals":["10.2.0.0/16"]`, []string{"- 10.2.0.0/16"}},
		{
			"IPv4 by way of IPv6 (RFC 8950)",
			`"path":[64500],"announcements":[{"next_hop":"2001:db8::1","prefixes":["10.1.0.0/16"]}]`,
			[]string{"+ 10.1.0.0/16 path [64500] [] origin 0 med 0 flags 400 communities  hop  " +
				"20010db8000000000000000000000001"},
		},
		{
			"communities that are no pairs", `"path":[64500],"community":["no-export"],` +
				`"announcements":[{"next_hop":"192.0.2.1","prefixes":["10.1.0.0/16"]}]`,
			[]string{"+ 10.1.0.0/16 path [64500] [] origin 0 med 0 flags 400 communities  hop c0000201 "},
		},
		{"no path", `"announcements":[{"next_hop":"192.0.2.1","prefixes":["10.1.0.0/16"]}]`, nil},
		{"AS 0", `"path":[64500,0],"announcements":[{"next_hop":"192.0.2.1","prefixes":["10.1.0.0/16"]}]`, nil},
		{"a path of something else", `"path":{"a":1},"announcements":[{"prefixes":["10.1.0.0/16"]}]`, nil},
		{"an empty AS_SET", `"path":[[]],"announcements":[{"next_hop":"192.0.2.1","prefixes":["10.1.0.0/16"]}]`, nil},
		{"no prefix where one should be", `"path":[64500],"announcements":[{"prefixes":[null]}]`, nil},
		{"attributes of nothing", `"path":[64500],"origin":"igp"`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, _, _ := handed(t, []byte(head+`,`+test.rest+`}}`))
			if d := cmp.Diff(test.want, o.by["rrc00 2001:db8::7 64500"]); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// What an element of a list lacks must not be taken from the message before.
func TestNothingIsLeftOfTheMessageBefore(t *testing.T) {
	o, _, _ := handed(t,
		[]byte(head+`,"path":[64500,[1,2]],"community":[[1,2]],"med":5,"announcements":[{"next_hop":"192.0.2.1",`+
			`"prefixes":["10.1.0.0/16","10.2.0.0/16"]}],"withdrawals":["10.3.0.0/16"]}}`),
		[]byte(head+`,"path":[64500],"announcements":[{"prefixes":["10.4.0.0/16"]}],"withdrawals":[null]}}`),
		[]byte(head+`,"path":[64500],"announcements":[{"next_hop":"192.0.2.1"}]}}`),
	)
	want := []string{
		"- 10.3.0.0/16", "+ 10.1.0.0/16", "+ 10.2.0.0/16", "+ 10.4.0.0/16",
	}
	if d := cmp.Diff(want, o.all); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	last := o.by["rrc00 2001:db8::7 64500"]
	if s := last[len(last)-1]; !strings.Contains(s, "path [64500] [] origin 0 med 0 flags 400 communities  hop  ") {
		t.Errorf("the last is %s", s)
	}
}

// JSON speaks where raw cannot be right, raw where it can, and no withdrawal is made
// of what is only not understood.
func TestRawIsUsedWhereItCanBeRight(t *testing.T) {
	const says = `,"path":[64500,1],"announcements":[{"next_hop":"192.0.2.1","prefixes":["10.9.0.0/16"]}]`
	attrs, two, one := mrttest.Attrs(true, 64500, 1), mrttest.Attrs(false, 64500, 1), mrttest.NLRI("10.1.0.0/16")
	other := mrttest.Attrs(true, 64500, 1, 2)
	for _, test := range []struct{ name, raw, want, skipped string }{
		{"sound", hexOf(mrttest.Update(nil, attrs, one)), "+ 10.1.0.0/16", ""},
		{"sound, withdrawals", hexOf(mrttest.Update(one, nil, nil)), "- 10.1.0.0/16", ""},
		{"another path", hexOf(mrttest.Update(nil, other, one)), "+ 10.9.0.0/16", "raw-not-used"},
		{"AS numbers of two octets", hexOf(mrttest.Update(nil, two, one)), "+ 10.9.0.0/16", "raw-not-used"},
		{
			"path identifiers", hexOf(mrttest.Update(nil, attrs, mrttest.NLRIWithID(8, "10.1.2.0/24"))),
			"+ 10.9.0.0/16", "raw-not-used",
		},
		{"a length that cannot be", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF02", "+ 10.9.0.0/16", "raw-not-used"},
		{"another message", hexOf(mrttest.BGP(4, nil)), "+ 10.9.0.0/16", "raw-not-used"},
		{"half an octet", "FFF", "+ 10.9.0.0/16", "raw-missing"},
		{"no hex", "zz", "+ 10.9.0.0/16", "raw-missing"},
		{"empty", "", "+ 10.9.0.0/16", "raw-missing"},
		{"far too long", strings.Repeat("FF", maxMessage+1), "+ 10.9.0.0/16", "raw-missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, stats, _ := handed(t, []byte(head+`,"raw":"`+test.raw+`"`+says+`}}`))
			if d := cmp.Diff([]string{test.want}, o.all); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if test.skipped != "" && stats.Skipped[test.skipped] != 1 {
				t.Errorf("skipped %v, want one %s", stats.Skipped, test.skipped)
			}
		})
	}
}

func TestWhatNeitherRawNorJSONSaysIsToldAsUndecodable(t *testing.T) {
	o, stats, _ := handed(t, []byte(head+`,"raw":"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF02","announcements":7}}`))
	if len(o.all) != 0 || len(stats.Events) != 1 || stats.Events[0].Kind != live.EventUndecodable {
		t.Errorf("told %v; events %v", o.all, stats.Events)
	}
}

func TestAPathIsComparedNumberByNumber(t *testing.T) {
	for text, want := range map[string]bool{
		"[1,22,[333,4]]": true, `["1", "22", "333", "4"]`: true, "[1,22,333]": false, "[1,22,333,4,5]": false,
		"[1,22,333,5]": false, "[1,22,3334]": false, "[1,22,333,18446744073709551620]": false, "": false,
	} {
		if got := value(text).holds([]route.ASN{1, 22, 333, 4}); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

func TestPeerStatesBeginAndEndSessions(t *testing.T) {
	f := risltest.Format{Host: "rrc00", WithRaw: true}
	end := f.Update(noon, peer4, &route.Update{}, mrttest.Update(nil, nil, nil))
	o, stats, peers := handed(t,
		f.State(noon, peer4, "down"), // nothing is known of it
		f.State(noon, peer4, "connected"),
		f.State(noon, peer4, "up"), // of the same
		announce("10.1.0.0/16"),
		end,
		announce("10.2.0.0/16"),
		f.Other(noon, peer4, "NOTIFICATION", mrttest.BGP(3, []byte{6, 2})),
		f.State(noon, peer4, "down"),
		f.State(noon, peer4, "connected"),
		f.State(noon, peer4, "connected"), // without an end: a reset
	)
	want := []string{"event 1", "+ 10.1.0.0/16", "event 3", "+ 10.2.0.0/16", "event 2", "event 1", "event 1"}
	if d := cmp.Diff(want, o.all); d != "" {
		t.Errorf("told (-want +got):\n%s", d)
	}
	if len(peers) != 1 || peers[0].Peer != peer4 || !peers[0].Transferring || stats.Resets != 1 {
		t.Errorf("peers %+v, resets %d", peers, stats.Resets)
	}
}

func TestAnEmptyUpdateInJSONEndsTheTable(t *testing.T) {
	o, _, peers := handed(t, format.State(noon, peer4, "connected"),
		[]byte(`{"type":"ris_message","data":{"type":"UPDATE","timestamp":1700000000.5,"host":"rrc00",`+
			`"peer":"192.0.2.7","peer_asn":64500,"announcements":[],"withdrawals":[]}}`))
	if d := cmp.Diff([]string{"event 1", "event 3"}, o.all); d != "" || peers[0].Transferring {
		t.Errorf("told (-want +got):\n%s", d)
	}
}

func TestAPeerIsTheSameHoweverItIsWritten(t *testing.T) {
	const mapped = `{"type":"ris_message","data":{"type":"UPDATE","host":"rrc00","peer":"::ffff:192.0.2.7","peer_asn":1}}`
	if _, _, peers := handed(t, []byte(mapped)); len(peers) != 1 || !peers[0].Peer.Addr.Is4() {
		t.Errorf("peers %+v", peers)
	}
	_, _, peers := handed(t,
		[]byte(`{"type":"ris_message","data":{"type":"UPDATE","host":"rrc00","peer":"2001:db8:0::7","peer_asn":64500}}`),
		[]byte(`{"type":"ris_message","data":{"type":"UPDATE","host":"rrc00.ripe.net","peer":"2001:DB8::7",`+
			`"peer_asn":"64500"}}`),
	)
	if len(peers) != 1 || peers[0].Peer.Collector != "rrc00" || peers[0].Peer.ASN != 64500 || peers[0].Peer.LocalASN != 0 {
		t.Errorf("peers %+v", peers)
	}
}

func TestTimesAreReadToTheMicrosecond(t *testing.T) {
	for text, want := range map[string]route.Time{
		"1553627987.89":       1553627987890000,
		"1666055098.390":      1666055098390000,
		"1553627987":          1553627987000000,
		"1553627987.000001":   1553627987000001,
		"1553627987.9999999":  1553627987999999, // no more is kept
		"1.553627987e9":       1553627987000000,
		`"1553627987.5"`:      1553627987500000,
		"0":                   0,
		"-1":                  0,
		"1e300":               0,
		"99999999999":         0,
		"99999999999999999.1": 0,
		"null":                0,
		`"soon"`:              0,
		"[1]":                 0,
		"":                    0,
	} {
		if got := value(text).time(); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}
