package rislive

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"detour/ingest/live"
	"detour/ingest/rislive/risltest"
)

func answer(status int, body string, headers ...string) risltest.Script {
	return func(c *risltest.Conn) { c.Answer(status, body, headers...) }
}

func TestARefusalIsToldInWordsAndTriedAgain(t *testing.T) {
	for _, test := range []struct {
		name, url string
		script    risltest.Script
		want      string
	}{
		{"too often", "http", answer(429, "slow down", "Content-Type", "text/plain"), `asked too often, or too many read ` +
			`from this address ("slow down")`},
		{"forbidden", "http", answer(403, ""), "it does not let us read"},
		{"not there", "http", answer(404, "<html>", "Content-Type", "text/html"), "there is no RIS Live at this URL"},
		{"bad filter", "http", answer(400, ""), "a filter may be wrong"},
		{"in trouble", "http", answer(503, ""), "503 Service Unavailable: it is in trouble"},
		{"a web page", "http", answer(200, "<html>", "Content-Type", "text/html"), "sends text/html, not JSON"},
		{"events", "http", answer(200, "data: {}", "Content-Type", "text/event-stream"), "has to ask for format=json"},
		{"redirects for ever", "http", answer(302, "", "Location", "/v1/stream/"), "redirected more than 3 times"},
		{"a redirect to nowhere", "http", answer(301, ""), `301 Moved Permanently to ""`},
		{"no redirect", "http", answer(304, "", "Location", "/x"), `304 Not Modified to "/x"`},
		{"breaks off", "http", func(c *risltest.Conn) { panic(http.ErrAbortHandler) }, "EOF"},
		{"no WebSocket", "ws", answer(200, "{}"), "does not speak WebSocket at this URL"},
		{"too often, WebSocket", "ws", answer(429, ""), "asked too often"},
		{"redirects for ever, WebSocket", "ws", answer(302, "", "Location", "/v1/ws/"), "redirected more than 3 times"},
	} {
		t.Run(test.name, func(t *testing.T) {
			scripts := []risltest.Script{test.script, test.script, test.script, test.script, sent("10.1.0.0/16")}
			r := run(t, Config{URL: test.url}, scripts...)
			r.came(t, "+ 10.1.0.0/16") // none of it is a gap: nothing was known
			r.told(t, live.EventRefused, test.want)
		})
	}
}

func TestARedirectIsFollowedWithItsFilter(t *testing.T) {
	both(t, func(t *testing.T, url string) {
		away := answer(307, "", "Location", "/elsewhere")
		r := run(t, Config{URL: url, Hosts: []string{"rrc00"}}, away, sent("10.1.0.0/16"))
		r.came(t, "+ 10.1.0.0/16")
		if a := r.server.Asked(); a[1].Path != "/elsewhere" || len(a[1].Subscribe) != 1 || r.Stats().Refused != 0 {
			t.Errorf("asked %+v, refused %d", a, r.Stats().Refused)
		}
	})
}

func TestAServerThatAsksToBeLeftAloneIs(t *testing.T) {
	r := run(t, Config{}, answer(429, "", "Retry-After", "1"), sent("10.1.0.0/16"))
	r.came(t, "+ 10.1.0.0/16")
	if a := r.server.Asked(); a[1].At.Sub(a[0].At) < time.Second {
		t.Errorf("asked again after %v, though not for a second", a[1].At.Sub(a[0].At))
	}
}

func TestHowLongAServerWantsToBeLeftAloneIsBounded(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "soon": 0, "-1": 0, "30": 30 * time.Second, "86400": 10 * time.Minute,
		"99999999999999999999": 10 * time.Minute,
	} {
		answer := &http.Response{
			StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {text}}, Body: http.NoBody,
		}
		if r, ok := errors.AsType[*refusal](judge(answer)); !ok || r.after != want {
			t.Errorf("%q: %v, want %v", text, r, want)
		}
	}
}

func TestAServerThatDoesNotAnswerIsGivenUp(t *testing.T) {
	both(t, func(t *testing.T, url string) {
		mute := func(c *risltest.Conn) { <-c.Request.Context().Done() }
		r := run(t, Config{URL: url, Answer: 50 * time.Millisecond}, mute, sent("10.1.0.0/16"))
		r.came(t, "+ 10.1.0.0/16")
		r.told(t, live.EventRefused, "no answer within 50ms")
	})
}

func TestTroubleWithTheWayIsToldInWords(t *testing.T) {
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	l.Close()
	secret, open := untrusted.Listener.Addr().String(), plain.Listener.Addr().String()
	for url, want := range map[string]string{
		"https://" + secret: "certificate of 127.0.0.1 is not to be trusted",
		"wss://" + secret:   "certificate of 127.0.0.1 is not to be trusted",
		"https://" + open:   "does not speak TLS",
		"http://" + nobody:  "nobody listens at " + nobody,
		"ws://" + nobody:    "nobody listens at " + nobody,

		"https://no-such-host.invalid": "no-such-host.invalid",
	} {
		r := runAt(t, Config{URL: url, RetryMin: 50 * time.Millisecond, RetryMost: time.Second}, nil)
		r.told(t, live.EventRefused, want)
		if d := r.Describe(); !strings.Contains(d, "not connected since") && !strings.Contains(d, "connecting") {
			t.Error(d)
		}
	}
}
