package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/internal/config"
	"detour/internal/natsd"
	"detour/stream"
)

// streamServer starts a server with a port and returns a function that runs
// "detour stream" against it, with more lines in the configuration.
func streamServer(t *testing.T) func(command, lines string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), natsd.DefaultReady)
	defer cancel()
	srv, err := natsd.Start(ctx, natsd.Config{Dir: t.TempDir(), Port: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	file := filepath.Join(t.TempDir(), "detour.yaml")
	return func(command, lines string) (int, string, string) {
		t.Helper()
		text := "nats: {url: '" + srv.ClientURL() + "'}\nstreams:\n  shards: 2\n" + lines
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return detour("stream", command, "--config", file)
	}
}

// squeezed is a table without what aligns it.
func squeezed(table string) []string {
	return strings.Split(strings.TrimSpace(regexp.MustCompile(` +`).ReplaceAllString(table, " ")), "\n")
}

const head = "STREAM IS REPLICAS MAX AGE MAX BYTES MESSAGES BYTES DIFFERS"

func TestStreamsAreMadeOnceAndCompared(t *testing.T) {
	stream := streamServer(t)
	code, out, errs := stream("check", "")
	want := []string{
		head,
		"DETOUR_UPDATES_0 missing 1 2h 1GiB 0 0 -", "DETOUR_UPDATES_1 missing 1 2h 1GiB 0 0 -",
		"DETOUR_EVIDENCE missing 1 24h 1GiB 0 0 -", "DETOUR_ALERTS missing 1 7d 256MiB 0 0 -",
	}
	if diff := cmp.Diff(want, squeezed(out)); diff != "" || code != exitFailed ||
		errs != "detour: 4 of 4 streams are missing; \"detour stream ensure\" makes them\n" {
		t.Errorf("exit %d: %s%s", code, diff, errs)
	}
	code, out, errs = stream("ensure", "")
	got := strings.Join(squeezed(out), "\n")
	if code != exitOK || errs != "" || strings.Count(got, " made ") != 5 { // streams, and the buckets
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	for _, command := range []string{"ensure", "check"} {
		code, out, errs = stream(command, "")
		if code != exitOK || errs != "" || strings.Count(out, " exists ") != 4 || strings.Count(out, "  -\n") != 4 {
			t.Errorf("exit %d: %s%s", code, out, errs)
		}
	}
}

func TestStreamsThatKeepMoreAreNotedAndThatKeepLessRefused(t *testing.T) {
	stream := streamServer(t)
	if code, _, errs := stream("ensure", ""); code != exitOK {
		t.Fatal(errs)
	}
	code, out, errs := stream("ensure", "  updates: {max_age: 1h}\n")
	if code != exitOK || strings.Count(out, "max_age is 2h0m0s, more than the 1h0m0s asked for") != 2 {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	for _, command := range []string{"check", "ensure"} {
		code, out, errs = stream(command, "  alerts: {max_bytes: 1GiB}\n")
		if code != exitFailed || !strings.Contains(out, "max_bytes is 268435456, need 1073741824") ||
			!strings.Contains(errs, "nothing was changed") {
			t.Errorf("%s: exit %d: %s%s", command, code, out, errs)
		}
	}
	code, out, errs = stream("ensure", "  shards: 1\n")
	if code != exitConfig || !strings.Contains(errs, "streams.shards: stands twice") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	t.Setenv("DETOUR_STREAMS_SHARDS", "3")
	code, out, errs = stream("ensure", "")
	if code != exitFailed || !strings.Contains(out, "detour.shards is 2, need 3") || strings.Contains(out, " made ") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

func TestStreamNeedsAServer(t *testing.T) {
	if code, _, errs := detour("stream", "check"); code != exitFailed ||
		!strings.HasPrefix(errs, `detour: nats.url is empty, and no "detour run" is at work in detour-data/nats`) {
		t.Errorf("exit %d: %s", code, errs)
	}
	t.Setenv("DETOUR_NATS_URL", "nats://127.0.0.1:1")
	if code, _, errs := detour("stream", "check"); code != exitFailed ||
		!strings.HasPrefix(errs, "detour: connect to nats server nats://127.0.0.1:1: ") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// The defaults of the configuration are those of the packages that it is for.
func TestDefaultsAreThoseOfStreams(t *testing.T) {
	if diff := cmp.Diff(stream.Settings{}.Streams(), streamSettings(config.Default().Streams).Streams()); diff != "" {
		t.Error(diff)
	}
}
