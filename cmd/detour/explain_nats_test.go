package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"detour/internal/natsd"
	"detour/stream"
)

// explained runs "detour explain" in this process.
func explained(t *testing.T, args ...string) (stdout string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(append([]string{"explain"}, args...), bytes.NewReader(nil), &out, &errs)
	if code != exitOK {
		return errs.String(), code
	}
	return out.String(), code
}

// TestExplainOnALog replays recordings into a server and holds what is explained
// from its log against what is explained from the recordings, and that nothing
// on the server changes by that.
func TestExplainOnALog(t *testing.T) {
	defer goleak.VerifyNone(t)
	file := recording(t, "incident/derived.telegram-hijack-20260616.ripestat.mrt.gz")
	server, err := natsd.Start(t.Context(), natsd.Config{Dir: t.TempDir(), Port: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	url := server.ClientURL()

	if text, code := explained(t, "149.154.161.0/24", "--nats", url); code != exitFailed || !strings.Contains(text,
		"no detour streams") {
		t.Errorf("without streams: %d, %s", code, text)
	}
	p := &pipeline{opts: replayOptions{nats: url, shards: 4, files: []string{file}}}
	p.opts.judging.mature = "yes"
	replayOf(t, p)
	before := contents(t, url)

	for name, args := range map[string][]string{
		"a prefix":        {"149.154.161.0/24", "--mature", "yes"},
		"another":         {"91.108.56.0/23", "--mature", "yes"},
		"at a moment":     {"91.108.56.0/23", "--mature", "yes", "--at", "2026-06-16T16:00:00Z"},
		"the list":        {"incident", "--mature", "yes"},
		"the incident":    {"incident", firstID(t, url), "--mature", "yes"},
		"a prefix's part": {"91.108.56.0/23", "--mature", "yes", "--rows", "0"},
	} {
		want, code := explained(t, append(args[:len(args):len(args)], file)...)
		if code != exitOK {
			t.Errorf("%s: recordings: %d, %s", name, code, want)
		}
		got, code := explained(t, append(args[:len(args):len(args)], "--nats", url)...)
		if code != exitOK {
			t.Errorf("%s: log: %d, %s", name, code, got)
		}
		if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); d != "" {
			t.Errorf("%s (-recordings +log):\n%s", name, d)
		}
	}
	asConfigured(t, url)
	if d := cmp.Diff(before, contents(t, url)); d != "" {
		t.Errorf("explaining changed the server (-before +after):\n%s", d)
	}
	withoutBeginning(t, url)
}

// asConfigured holds that the configuration of a deployment says what the flags say,
// and that a flag counts more.
func asConfigured(t *testing.T, url string) {
	t.Helper()
	want, code := explained(t, "91.108.56.0/23", "--nats", url, "--mature", "yes")
	if code != exitOK {
		t.Fatalf("%d, %s", code, want)
	}
	for name, args := range map[string][]string{"mature: \"yes\"": nil, "mature: \"no\"": {"--mature", "yes"}} {
		file := filepath.Join(t.TempDir(), "detour.yaml")
		if err := os.WriteFile(file, []byte("nats: {url: "+url+"}\ndetect: {"+name+"}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		got, code := explained(t, append(args, "91.108.56.0/23", "--config", file)...)
		if d := cmp.Diff(want, got); code != exitOK || d != "" {
			t.Errorf("%s: %d (-flags +configured):\n%s", name, code, d)
		}
	}
}

// withoutBeginning takes the first half of the log away, as age does, and holds
// that what is left is explained and the loss said.
func withoutBeginning(t *testing.T, url string) {
	t.Helper()
	id := firstID(t, url)
	js, done := connectTo(t, url)
	defer done()
	for n := range 4 {
		st, err := js.Stream(t.Context(), stream.UpdatesStream(n))
		if err != nil {
			t.Fatal(err)
		}
		half := st.CachedInfo().State.LastSeq / 2
		if n == 3 {
			half = st.CachedInfo().State.LastSeq // a shard with nothing left
		}
		if err := st.Purge(t.Context(), jetstream.WithPurgeSequence(half+1)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := js.Publish(t.Context(), stream.AlertSubject("incident", "leak", 1, ""), []byte("{")); err != nil {
		t.Fatal(err)
	}
	text, code := explained(t, "incident", id, "--nats", url, "--at", "2001-01-01T00:00:00Z")
	if code != exitFailed || !strings.Contains(text, "is before anything was seen: what was read begins at 2026-06-16") {
		t.Errorf("a moment before the log: %d, %s", code, text)
	}
	text, code = explained(t, "incident", id, "--nats", url, "--mature", "yes")
	if !strings.Contains(text, "1 stored alert could not be read") {
		t.Errorf("nobody speaks of the alert that is none: %s", text)
	}
	if code != exitOK || !strings.Contains(text, "The log begins at 2026-06-16") {
		t.Errorf("an incident from before the log: %d, %s", code, text)
	}
	if !strings.Contains(text, "Messages (5)") {
		t.Errorf("the stored messages are not told: %s", text)
	}
	text, code = explained(t, "91.108.56.0/23", "--nats", url, "--mature", "yes")
	if code != exitOK || !strings.Contains(text, "The log begins at") || !strings.Contains(text,
		"It is part of incident") {
		t.Errorf("a prefix whose log begins late: %d, %s", code, text)
	}
}

// contents is what a server holds: the state of each stream, and durable
// consumers.
func contents(t *testing.T, url string) map[string]string {
	t.Helper()
	js, done := connectTo(t, url)
	defer done()
	out := map[string]string{}
	for info := range js.ListStreams(context.Background()).Info() {
		state := info.State
		state.Consumers = 0 // short-lived ones go by themselves
		out[info.Config.Name] = strings.ReplaceAll(cmp.Diff(jetstream.StreamState{}, state), "\u00a0", " ")
		st, err := js.Stream(context.Background(), info.Config.Name)
		if err != nil {
			t.Fatal(err)
		}
		for c := range st.ListConsumers(context.Background()).Info() {
			if c.Config.Durable != "" {
				out[info.Config.Name] += " " + c.Config.Durable
			}
		}
	}
	return out
}

func connectTo(t *testing.T, url string) (jetstream.JetStream, func()) {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js, nc.Close
}

// firstID returns the id of the first incident that a server has stored, cut to
// its beginning.
func firstID(t *testing.T, url string) string {
	t.Helper()
	js, done := connectTo(t, url)
	defer done()
	st, err := js.Stream(t.Context(), stream.AlertsStream)
	if err != nil {
		t.Fatal(err)
	}
	m, err := st.GetMsg(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(m.Data), `"id":"`)
	return rest[:6]
}
