package rislive

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/ingest/live"
	"detour/ingest/mrt/mrttest"
	"detour/ingest/rislive/risltest"
	"detour/route"
)

var (
	format = risltest.Format{Host: "rrc00", WithRaw: true}
	peer4  = route.Peer{Collector: "rrc00", Addr: netip.MustParseAddr("192.0.2.7"), ASN: 64500}
	noon   = 1700000000 * route.Second
)

// announce returns the message of an announcement by peer4.
func announce(prefix string) []byte {
	u := &route.Update{
		Flags: route.FlagHasPath | route.FlagHasOrigin, Path: route.Path{ASNs: []route.ASN{64500, 64496}},
		Announced: []route.NLRI{route.MustPrefix(prefix).NLRI(0)}, MPAnnounced: 1,
	}
	u.NextHop.Len = uint8(copy(u.NextHop.Bytes[:], []byte{192, 0, 2, 1}))
	return format.Update(noon, peer4, u, mrttest.Update(nil, mrttest.Attrs(true, 64500, 64496), mrttest.NLRI(prefix)))
}

// sent is a script that sends one announcement and stays.
func sent(prefix string) risltest.Script { return risltest.Play([][]byte{announce(prefix)}) }

// came waits until everything that was told, gaps as events, is as it is to be.
func (r *running) came(t *testing.T, want ...string) {
	t.Helper()
	r.until(t, strings.Join(want, ", "), func() bool { return len(r.out.got()) >= len(want) })
	if d := cmp.Diff(want, r.out.got()); d != "" {
		t.Errorf("told (-want +got):\n%s", d)
	}
}

var gap = fmt.Sprintf("event %d", route.KindGap)

// both runs a test over the stream and the WebSocket.
func both(t *testing.T, test func(t *testing.T, url string)) {
	for _, url := range []string{"http", "ws"} {
		t.Run(url, func(t *testing.T) { test(t, url) })
	}
}

func TestALostConnectionIsAGapAtItsEndAndWhenItIsBack(t *testing.T) {
	both(t, func(t *testing.T, url string) {
		r := run(t, Config{URL: url}, func(c *risltest.Conn) {
			c.Send(announce("10.1.0.0/16"))
			c.Break()
		}, sent("10.2.0.0/16"))
		r.came(t, "+ 10.1.0.0/16", gap, gap, "+ 10.2.0.0/16")
		r.told(t, live.EventGap, "the connection to RIS Live was lost")
		r.told(t, live.EventGap, "RIS Live is back after")
		if s := r.Stats(); s.Connects != 2 || s.Disconnects != 1 || s.Gaps != 2 || s.Elements != 2 {
			t.Errorf("%+v", s.Counters)
		}
	})
}

// TestAConnectionThatIsNotHadAgainIsAGapAtEachAttempt: or everybody would think, a
// while later, that all is heard.
func TestAConnectionThatIsNotHadAgainIsAGapAtEachAttempt(t *testing.T) {
	both(t, func(t *testing.T, url string) {
		r := run(t, Config{URL: url}, func(c *risltest.Conn) {
			c.Send(announce("10.1.0.0/16"))
			c.Break()
		}, answer(503, ""), answer(503, ""), sent("10.2.0.0/16"))
		r.came(t, "+ 10.1.0.0/16", gap, gap, gap, gap, "+ 10.2.0.0/16")
		r.told(t, live.EventGap, "there is still no connection to RIS Live")
	})
}

func TestWhatIsNoMessageIsCountedAndReadThrough(t *testing.T) {
	foreign := map[string]string{ // a line, and the reason for which it is left out
		`[1,2]`:                   "foreign",
		`17`:                      "foreign",
		`"text"`:                  "foreign",
		`null`:                    "foreign",
		`{}`:                      "foreign",
		`{"hello":{"world":1}}`:   "foreign",
		`{"type":"ris_messages"}`: "unknown-type",
		`{"type":"ris_rrc_list","data":["rrc00"]}`:                                           "control",
		`{"type":"pong","data":null}`:                                                        "control",
		`{"type":"ris_message"}`:                                                             "unknown-message",
		`{"type":"ris_message","data":[1]}`:                                                  "unknown-message",
		`{"type":"ris_message","data":{"type":"TABLE"}}`:                                     "unknown-message",
		`{"type":"ris_message","data":{"type":"UPDATE"`:                                      "not-json",
		`{"type":"ris_message","data":{"type":"UPDATE"}}`:                                    "no-collector",
		`{"type":"ris_message","data":{"type":"UPDATE","host":"rrc00","peer":"x"}}`:          "no-peer",
		`{"type":"ris_message","data":{"type":"UPDATE","host":"a b","peer":"x"}}`:            "no-collector",
		`data: {"type":"ping"}`:                                                              "not-json",
		"\xff\xfe\x00":                                                                       "not-json",
		`{"type":"ris_error","data":{"message":"no such filter"}}`:                           "error",
		`{"type":"ris_error","data":{"message":5e9999999}}`:                                  "error",
		string(format.Other(noon, peer4, "KEEPALIVE", mrttest.BGP(4, nil))):                  "keepalive",
		string(format.Other(noon, peer4, "OPEN", mrttest.BGP(1, make([]byte, 10)))):          "open",
		string(format.Other(noon, peer4, "NOTIFICATION", mrttest.BGP(3, []byte{1, 2})[:19])): "notification",
		`{"type":"ris_message","data":{"type":"NOTIFICATION","raw":"00","notification":[]}}`: "notification",
		string(format.State(noon, peer4, "dancing")):                                         "unknown-state",
		`{"type":"ris_message","data":{"type":"UPDATE","host":"rrc00","peer":"192.0.2.7","peer_asn":64500,` +
			`"announcements":[{"next_hop":"192.0.2.1","prefixes":["10.0.0.0/99"]}]}}`: "undecodable",
		`{"type":"ris_message","data":{"type":"UPDATE","host":"rrc00","peer":"192.0.2.7","peer_asn":64500,` +
			`"announcements":[{"next_hop":"192.0.2.1","prefixes":["10.0.0.0/9"]}]}}`: "undecodable", // no path
	}
	both(t, func(t *testing.T, url string) {
		want := map[string]uint64{"raw-missing": 2}
		var lines [][]byte
		for line, reason := range foreign {
			if url == "ws" && line == "\xff\xfe\x00" {
				continue // the library would not send it
			}
			lines = append(lines, []byte(line), []byte(" "))
			want[reason]++
		}
		if url == "ws" {
			want["control"]++ // the subscription was acknowledged
		}
		r := run(t, Config{URL: url}, risltest.Play(append(lines, announce("10.1.0.0/16"))))
		r.came(t, "+ 10.1.0.0/16")
		if d := cmp.Diff(want, r.Stats().Skipped); d != "" {
			t.Errorf("skipped (-want +got):\n%s", d)
		}
		if s := r.Stats(); s.Connects != 1 {
			t.Errorf("%d connections", s.Connects)
		}
		r.told(t, live.EventRefused, "no such filter")
	})
}

func TestAMessageThatEndsInTheMiddleIsNoMessage(t *testing.T) {
	whole := string(announce("10.1.0.0/16"))
	r := run(t, Config{}, func(c *risltest.Conn) {
		c.Write(whole[:len(whole)/2])
		c.Break()
	}, func(c *risltest.Conn) {
		c.Write(whole[:len(whole)-1])
		c.Close(0, "")
	}, func(c *risltest.Conn) {
		c.Write(whole[:100])
		c.Write(whole[100:] + "\n" + whole[:100])
		c.Write("\n" + whole) // whole, but for the line's end
		c.Close(0, "")
	}, sent("10.2.0.0/16"))
	r.until(t, "the last", func() bool { return r.out.elementsNow() == 3 })
	r.skipped(t, "partial-line", 2)
	r.skipped(t, "not-json", 1)
	r.told(t, live.EventDisconnect, "it broke off")
	r.told(t, live.EventDisconnect, "the server ended it")
}

func (o *output) elementsNow() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.elements
}

func TestAGiganticLineIsPassedOver(t *testing.T) {
	both(t, func(t *testing.T, url string) {
		long := `{"type":"` + strings.Repeat("x", 3*maxLine) + `"}`
		r := run(t, Config{URL: url, ReadAhead: 1 << 16}, func(c *risltest.Conn) {
			c.Send(announce("10.1.0.0/16"), []byte(long), announce("10.2.0.0/16"))
			c.Hang()
		})
		r.came(t, "+ 10.1.0.0/16", "+ 10.2.0.0/16")
		r.skipped(t, "long-line", 1)
	})
}

func TestAMessageOfManyLinesIsOneOnASocket(t *testing.T) {
	r := run(t, Config{URL: "ws"}, func(c *risltest.Conn) {
		c.Write(strings.ReplaceAll(string(announce("10.1.0.0/16")), ",", ",\n\t"))
		c.Hang()
	})
	r.came(t, "+ 10.1.0.0/16")
}

// While we are so slow that nothing is read, the server is not silent.
func TestOurOwnSlownessIsNoSilence(t *testing.T) {
	const lines = 100
	server, err := risltest.Start(risltest.Play(slices.Repeat([][]byte{announce("10.1.0.0/16")}, lines)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	hold := make(chan struct{})
	r := &running{out: &output{hold: hold}, server: server}
	const stall = time.Second
	r.start(t, Config{URL: server.URL, ReadAhead: 4096, Stall: stall})
	r.until(t, "the read-ahead is full", r.full)
	since := time.Now()
	r.until(t, "thrice the silence that ends a connection", func() bool { return time.Since(since) > 3*stall })
	close(hold)
	r.until(t, "all that was sent", func() bool { return len(r.out.got()) >= lines })
	if want := slices.Repeat([]string{"+ 10.1.0.0/16"}, lines); !slices.Equal(r.out.got()[:lines], want) {
		t.Errorf("not all of it came over one connection:\n%s", r.events())
	}
}

// full reports whether the read-ahead was ever full.
func (r *running) full() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status.ahead != nil && !r.status.ahead.LastFull().IsZero()
}

func TestLinesKeepLittleOfALongOne(t *testing.T) {
	l := newLines(strings.NewReader("a\n" + strings.Repeat("x", 5*maxLine) + "\nb\nc"))
	want := []struct {
		line string
		err  error
	}{{"a\n", nil}, {"", errLong}, {"b\n", nil}, {"c", io.EOF}}
	for _, w := range want {
		if line, err := l.next(); string(line) != w.line || err != w.err {
			t.Errorf("%.20q, %v; want %q, %v", line, err, w.line, w.err)
		}
	}
	if cap(l.buf) > 2*maxLine {
		t.Errorf("%d bytes are kept", cap(l.buf))
	}
}

func TestSilenceEndsAConnection(t *testing.T) {
	both(t, func(t *testing.T, url string) {
		r := run(t, Config{URL: url, Stall: 100 * time.Millisecond}, sent("10.1.0.0/16"), sent("10.2.0.0/16"))
		r.until(t, "the second", func() bool { return r.out.elementsNow() >= 2 })
		r.told(t, live.EventStall, "nothing came for 100ms")
		r.told(t, live.EventGap, "nothing came for 100ms")
		if r.Stats().Stalls == 0 {
			t.Error("no stall counted")
		}
	})
}

func TestAFilteredSocketMayBeSilentWhilePingsAreAnswered(t *testing.T) {
	cfg := Config{URL: "ws", Hosts: []string{"rrc00"}, Stall: 2 * time.Second}
	wait := make(chan struct{})
	r := run(t, cfg, func(c *risltest.Conn) {
		c.Send(announce("10.1.0.0/16"))
		<-wait
		c.Send(announce("10.2.0.0/16"))
		c.Hang()
	})
	r.came(t, "+ 10.1.0.0/16")
	r.until(t, "three pings, half a stall apart", func() bool { return r.server.Pings() == 3 })
	close(wait)
	r.came(t, "+ 10.1.0.0/16", "+ 10.2.0.0/16")
}

func TestASocketThatAnswersNoPingIsGivenUp(t *testing.T) {
	r := run(t, Config{URL: "ws", Path: "64500", Stall: 400 * time.Millisecond}, func(c *risltest.Conn) {
		c.BeginDeaf()
		c.Send(announce("10.1.0.0/16"))
		c.Hang()
	}, sent("10.2.0.0/16"))
	r.came(t, "+ 10.1.0.0/16", gap, gap, "+ 10.2.0.0/16")
	r.told(t, live.EventStall, "no answer to a ping within 200ms")
}

func TestBeingClosedForSlownessIsSaid(t *testing.T) {
	both(t, func(t *testing.T, url string) {
		r := run(t, Config{URL: url}, func(c *risltest.Conn) {
			c.Send(announce("10.1.0.0/16"), risltest.Error("client is too slow, closing"))
			c.Close(1008, "too slow")
		}, func(c *risltest.Conn) {
			c.Send(announce("10.2.0.0/16"))
			c.Hang()
		})
		r.came(t, "+ 10.1.0.0/16", gap, gap, "+ 10.2.0.0/16")
		r.told(t, live.EventGap, "we were too slow for it, though nothing waited here")
		r.told(t, live.EventDisconnect, `before, it said "client is too slow, closing"`)
		if url == "ws" {
			r.told(t, live.EventGap, `closed it with code 1008 and said "too slow"`)
		}
	})
}

func TestAnEndAfterOurReadAheadWasFullIsBlamedOnUs(t *testing.T) {
	both(t, func(t *testing.T, url string) {
		const n = 200
		server, err := risltest.Start(func(c *risltest.Conn) {
			for range n {
				c.Send(announce("10.1.0.0/16"))
			}
			c.Close(1000, "")
		}, risltest.Play(nil))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		cfg := Config{URL: map[string]string{"http": server.URL, "ws": server.Socket}[url], ReadAhead: 4096}
		hold := make(chan struct{})
		r := &running{out: &output{hold: hold}, server: server}
		r.start(t, cfg)
		r.until(t, "the read-ahead is full", r.full)
		close(hold)
		r.told(t, live.EventGap, "we were too slow for it: 0 MiB that had been read ahead")
		if got := r.out.elementsNow(); got != n {
			t.Errorf("%d of %d elements came", got, n)
		}
	})
}

func TestAnOutputThatTakesNothingMoreEndsTheSource(t *testing.T) {
	server, err := risltest.Start(sent("10.1.0.0/16"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	full := errors.New("full")
	s, err := New(Config{URL: server.URL}, &output{fail: full})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); !errors.Is(err, full) {
		t.Errorf("ended with %v", err)
	}
}
