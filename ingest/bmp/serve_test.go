package bmp_test

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/ingest/bmp"
	bt "detour/ingest/bmp/bmptest"
	"detour/ingest/live"
)

var (
	own    = uint32(64500)
	theirs = uint32(4200000001)
	peer   = bt.Peer{Addr: netip.MustParseAddr("10.0.0.1"), ASN: theirs}
	locRIB = bt.Peer{Type: 3, ASN: own}
	path   = []uint32{theirs, 64999}

	openIn, openOut = bt.Open(theirs, bt.FourOctet(theirs)), bt.Open(own, bt.FourOctet(own))
)

func with(p bt.Peer, flags byte) bt.Peer {
	p.Flags = flags
	return p
}

// TestHowAPeersRoutesAreRead covers views, AS width and ADD-PATH.
func TestHowAPeersRoutesAreRead(t *testing.T) {
	route := func(width int, nlri ...[]byte) []byte { return bt.Update(width, path, nlri...) }
	plain, withID := bt.Prefix("192.0.2.0/24"), bt.PathPrefix(7, "192.0.2.0/24")
	const up, read = "pre AS4200000001>AS64500 10.0.0.1 up", "pre AS4200000001>AS64500 10.0.0.1 [4200000001 64999] "
	open := func(asn uint32, mode byte) []byte { return bt.Open(asn, bt.FourOctet(asn), bt.AddPath(1, mode)) }
	for name, c := range map[string]struct {
		stream [][]byte
		want   []string
	}{
		"a peer comes up with its first route": {
			[][]byte{peer.Up(openOut, openIn), peer.Routes(route(4, plain))},
			[]string{up, read + "192.0.2.0/24 (initial)"},
		},
		"the router takes path identifiers and the peer sends them": {
			[][]byte{peer.Up(open(own, 1), open(theirs, 2)), peer.Routes(route(4, withID))},
			[]string{up, read + "192.0.2.0/24#7 (initial)"},
		},
		"both do both": {
			[][]byte{peer.Up(open(own, 3), open(theirs, 3)), peer.Routes(route(4, withID))},
			[]string{up, read + "192.0.2.0/24#7 (initial)"},
		},
		"the router only sends path identifiers": {
			[][]byte{peer.Up(open(own, 2), open(theirs, 3)), peer.Routes(route(4, plain))},
			[]string{up, read + "192.0.2.0/24 (initial)"},
		},
		"the peer only takes path identifiers": {
			[][]byte{peer.Up(open(own, 3), open(theirs, 1)), peer.Routes(route(4, plain))},
			[]string{up, read + "192.0.2.0/24 (initial)"},
		},
		"path identifiers are agreed on for the other family": {
			[][]byte{
				peer.Up(bt.Open(own, bt.AddPath(2, 3)), bt.Open(theirs, bt.AddPath(2, 3))), peer.Routes(route(4, plain)),
			},
			[]string{up, read + "192.0.2.0/24 (initial)"},
		},
		"the A flag says that ASNs have two octets": {
			[][]byte{
				with(peer, 0x20).Up(openOut, bt.Open(theirs)),
				with(peer, 0x20).Routes(bt.Update(2, []uint32{23456, 64999}, plain)),
			},
			[]string{up, "pre AS4200000001>AS64500 10.0.0.1 [23456 64999] 192.0.2.0/24 (initial)"},
		},
		"before and after policy are two vantage points": {
			[][]byte{
				peer.Up(openOut, openIn), peer.Routes(route(4, plain)), with(peer, 0x40).Routes(route(4, plain)),
				peer.Down(4),
			},
			[]string{
				up, read + "192.0.2.0/24 (initial)", strings.Replace(up, "pre", "post", 1),
				strings.Replace(read, "pre", "post", 1) + "192.0.2.0/24 (initial)",
				strings.Replace(up, " up", " down", 1), "post AS4200000001>AS64500 10.0.0.1 down",
			},
		},
		"what the router tells others is left out": {
			[][]byte{
				peer.Up(openOut, openIn), with(peer, 0x10).Routes(route(4, plain)), with(peer, 0x50).Routes(route(4, plain)),
			},
			nil,
		},
		"a Loc-RIB is of the router's own AS": {
			[][]byte{
				locRIB.Up(openOut, openOut, bt.TLV(3, "global")), locRIB.Routes(route(4, plain)),
			},
			[]string{
				"loc AS64500>AS64500 up", "loc AS64500>AS64500 [4200000001 64999] 192.0.2.0/24 (initial)",
				"loc AS64500>AS64500 down",
			},
		},
		"a Loc-RIB has path identifiers in whatever mode, and no flags but its own": {
			[][]byte{with(locRIB, 0x80).Up(open(own, 2), open(own, 2)), with(locRIB, 0xf0).Routes(route(4, withID))},
			[]string{
				"loc AS64500>AS64500 up", "loc AS64500>AS64500 [4200000001 64999] 192.0.2.0/24#7 (initial)",
				"loc AS64500>AS64500 down",
			},
		},
		"TLVs behind the update are passed over": {
			[][]byte{
				peer.Up(openOut, openIn), peer.Routes(append(route(4, plain), 0, 2, 0, 4, 0, 0, 0, 1)),
			},
			[]string{up, read + "192.0.2.0/24 (initial)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := serve(t, bmp.RouterConfig{}, append([][]byte{bt.Hello("r1")}, c.stream...)...)
			if strings.HasPrefix(name, "a Loc-RIB") || strings.HasPrefix(name, "before and") || c.want == nil {
				// their ends are part of what is wanted
			} else {
				c.want = append(c.want, strings.Replace(up, " up", " down", 1))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestLivesOfSessions covers Peer Up, Peer Down and the end of the stream.
func TestLivesOfSessions(t *testing.T) {
	routes := peer.Routes(bt.Update(4, path, bt.Prefix("192.0.2.0/24")))
	postRoutes := with(peer, 0x40).Routes(bt.Update(4, path, bt.Prefix("192.0.2.0/24")))
	up := peer.Up(openOut, openIn)
	for name, c := range map[string]struct {
		stream [][]byte
		want   string // kinds in short
	}{
		"the table ends with End-of-RIB": {
			[][]byte{up, routes, peer.Routes(bt.EndOfRIB()), routes}, "up first complete news down",
		},
		"a Peer Down": {
			[][]byte{up, routes, peer.Down(2, 0, 24), up, routes}, "up first down up first down",
		},
		"a Peer Up without a Peer Down": {
			[][]byte{up, routes, up, routes}, "up first up first down",
		},
		"routes without a Peer Up": {[][]byte{routes, routes}, "news news down"},
		"path identifiers without a Peer Up": {
			[][]byte{routes, peer.Routes(bt.Update(4, path, bt.PathPrefix(0, "192.0.2.0/24"))), routes, up, routes},
			"news down up first down",
		},
		"a Peer Up after routes": {
			[][]byte{routes, up, routes}, "news down up first down",
		},
		"routes after a Peer Down": {
			[][]byte{up, routes, peer.Down(4), routes}, "up first down",
		},
		"a Peer Up that cannot be read": {
			[][]byte{up, routes, peer.Up(openOut[:30], openIn), routes}, "up first down",
		},
		"a Peer Down of nobody":    {[][]byte{peer.Down(4)}, ""},
		"a Peer Up without routes": {[][]byte{up, peer.Down(4)}, ""},
		"post-policy is not monitored any more": {
			[][]byte{up, routes, postRoutes, with(peer, 0x40).Down(5), routes}, "up first up first down first down",
		},
		"a second Peer Up for post-policy": {
			[][]byte{up, routes, with(peer, 0x40).Up(openOut, openIn), postRoutes}, "up first up first down down",
		},
		"a Peer Up for both policies": {
			[][]byte{up, routes, postRoutes, up}, "up first up first up up down down",
		},
		"each policy has its Peer Up, one again": {
			[][]byte{with(peer, 0x40).Up(openOut, openIn), postRoutes, up, routes, up}, "up first up first up down down",
		},
		"another AS": {
			[][]byte{up, routes, peer.Up(bt.Open(64501), openIn), routes}, "up first down up first down",
		},
		"a Termination": {
			[][]byte{up, routes, bt.Message(bt.Termination, bt.TLV(1, "\x00\x02")), routes}, "up first down",
		},
		"mirroring, statistics, unknown types": {
			[][]byte{
				bt.Message(bt.Mirroring, peer.Header(), []byte{0, 0, 0, 0}),
				bt.Message(bt.Statistics, peer.Header(), make([]byte, 4)), bt.Message(100, []byte("x")),
			}, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			lines, _ := serve(t, bmp.RouterConfig{Collector: "c"}, append([][]byte{bt.Hello("r1")}, c.stream...)...)
			var got []string
			for _, line := range lines {
				word := line[strings.LastIndexByte(line, ' ')+1:]
				switch word {
				case "(initial)":
					word = "first"
				case "192.0.2.0/24":
					word = "news"
				}
				got = append(got, word)
			}
			if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhyASessionEndedIsTold(t *testing.T) {
	up, routes := peer.Up(openOut, openIn), peer.Routes(bt.Update(4, path, bt.Prefix("192.0.2.0/24")))
	for want, down := range map[string][]byte{
		"the router closed it: cease, administrative shutdown (code 6/2)": peer.Down(1, bt.Cease(2)...),
		"the router closed it without a notification: FSM event 24":       peer.Down(2, 0, 24),
		"the peer closed it: hold timer expired (code 4/0)":               peer.Down(3, bt.BGP(3, []byte{4, 0})...),
		"the peer closed it: a notification that cannot be read":          peer.Down(3, 1, 2),
		"the peer closed it without a notification":                       peer.Down(4),
		"the router monitors it no more":                                  peer.Down(5),
		`the router closed its Loc-RIB of table "vrf-a"`:                  peer.Down(6, bt.TLV(3, "vrf-a\x1b")...),
		"reason 99, which is not known":                                   peer.Down(99),
		"the router does not say why":                                     bt.Message(bt.PeerDown, peer.Header()),
		"BMP connection lost: the router closed it":                       nil,
		"BMP connection lost: the router ended it: out of resources (x)": bt.Message(bt.Termination,
			bt.TLV(1, "\x00\x02"), bt.TLV(0, "x")),
		"octet # of the stream: the end of the stream, after 3 octets of a message": {3, 0, 0},
		"octet # of the stream: version 1 where version 3":                          {1, 0, 0, 0, 9, 0, 0, 0, 0},
		"octet # of the stream: 0x16, as TLS begins":                                {0x16, 3, 1, 0, 9, 0, 0, 0, 0},
		"octet # of the stream: a message length of 5":                              {3, 0, 0, 0, 5, 0},
		"octet # of the stream: a message length of 2147483648":                     {3, 0x80, 0, 0, 0, 0},
		"octet # of the stream: a route-monitoring message of 2 octets":             bt.Message(0, []byte{0, 0}),
	} {
		_, st := serve(t, bmp.RouterConfig{}, bt.Hello("r1"), up, routes, down)
		got := details(st, live.EventDown)
		want = strings.Replace(want, "#", strconv.Itoa(len(bt.Hello("r1"))+len(up)+len(routes)), 1)
		if len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("%q\nwant %q", got, want)
		}
	}
}

func TestPeersAreKeptApartUpToALimit(t *testing.T) {
	var stream [][]byte
	for _, p := range []bt.Peer{
		{Addr: netip.MustParseAddr("10.0.0.1"), ASN: theirs},
		{Addr: netip.MustParseAddr("2001:db8::1"), ASN: theirs},
		{Type: 1, Distinguisher: 1, Addr: netip.MustParseAddr("10.0.0.1"), ASN: theirs},
		{Type: 1, Distinguisher: 2, Addr: netip.MustParseAddr("10.0.0.1"), ASN: theirs},
		locRIB,
	} {
		stream = append(stream, p.Up(openOut, openIn), p.Routes(bt.Update(4, path, bt.Prefix("192.0.2.0/24"))))
	}
	for _, limit := range []int{3, 5} {
		var m bmp.Meter
		cfg := bmp.RouterConfig{Router: netip.MustParseAddr("10.9.9.9"), Limits: bmp.Limits{MaxPeers: limit}, Meter: &m}
		_, st := serve(t, cfg, append([][]byte{bt.Hello("r1")}, stream...)...)
		refused := 5 - limit
		if st.Sessions != limit || int(st.Skipped["too-many-peers"]) != 2*refused || int(st.Refused) != min(1, refused) {
			t.Errorf("limit %d: %d sessions, skipped %v, refused %d", limit, st.Sessions, st.Skipped, st.Refused)
		}
		if n := m.Counts().Messages[bmp.TypePeerUp]; n != 5 {
			t.Errorf("%d Peer Ups are counted, want 5", n)
		}
	}
}

func TestALongMessageIsRead(t *testing.T) {
	long := bt.Message(bt.Mirroring, peer.Header(), make([]byte, 200<<10))
	routes := peer.Routes(bt.Update(4, path, bt.Prefix("192.0.2.0/24")))
	lines, st := serve(t, bmp.RouterConfig{}, bt.Hello("r1"), peer.Up(openOut, openIn), long, routes, long[:100<<10])
	if len(lines) != 3 || st.Skipped["mirroring"] != 1 {
		t.Errorf("%q, skipped %v", lines, st.Skipped)
	}
	at := len(bt.Hello("r1")) + len(peer.Up(openOut, openIn)) + len(long) + len(routes)
	want := fmt.Sprintf("octet %d of the stream: the end of the stream, after 102400 octets of a message", at)
	if got := details(st, live.EventDisconnect); len(got) != 1 || !strings.Contains(got[0], want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestTheCollectorIsConfiguredOrTheRoutersName(t *testing.T) {
	routes := peer.Routes(bt.Update(4, path, bt.Prefix("192.0.2.0/24")))
	for _, c := range []struct {
		configured, want string
		hello            []byte
	}{
		{"", "r1", bt.Hello("r1")},
		{"c", "c", bt.Hello("r1")},
		{"", "bmp", nil},
		{"", "bmp", bt.Hello("")},
		{"", "r1", bt.Hello("r\x1b1\xff\n")},
		{"", strings.Repeat("x", 64), bt.Hello(strings.Repeat("x", 4000))},
	} {
		_, st := serve(t, bmp.RouterConfig{Collector: c.configured}, c.hello, peer.Up(openOut, openIn), routes)
		up := details(st, live.EventUp)
		if len(up) != 1 || !strings.HasPrefix(up[0], c.want+" 10.0.0.1 ") {
			t.Errorf("%q, want collector %q", up, c.want)
		}
	}
}
