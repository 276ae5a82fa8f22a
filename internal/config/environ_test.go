package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestVariablesWinOverTheFile(t *testing.T) {
	want := Default()
	want.NATS.URL = "nats://b:1"
	want.Process.Checkpoint.Interval = 5 * time.Minute
	want.Detect.VRPs = []string{"x", "y"}
	want.Detect.Lists = map[string]string{"beacons": "b.txt", "tier1s": "t=1.txt"}
	want.Admin.Listen = ""
	want.Sink.Terminal = true
	got, err := load("f", []byte("nats: {url: 'nats://a:1'}\ndetect: {vrps: [old, older, oldest]}"), []string{
		"PATH=/bin", "DETOUR", "DETOUR_NATS_URL=nats://b:1", "DETOUR_PROCESS_CHECKPOINT_INTERVAL=5m",
		"DETOUR_DETECT_VRPS=x, y,", "DETOUR_DETECT_LISTS=beacons=b.txt,tier1s=t=1.txt", "DETOUR_ADMIN_LISTEN=",
		"DETOUR_SINK_TERMINAL=true",
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, sameValues); diff != "" {
		t.Error(diff)
	}
	for path, want := range map[string]string{
		"nats.url": "DETOUR_NATS_URL", "detect.vrps[1]": "DETOUR_DETECT_VRPS", "admin.listen": "DETOUR_ADMIN_LISTEN",
	} {
		if got := got.Origin(path); got != want {
			t.Errorf("%s comes from %s, want %s", path, got, want)
		}
	}
}

func TestVariablesThatAreNoKeysAreRefused(t *testing.T) {
	for variable, want := range map[string]string{
		"DETOUR_NATS_ULR=secret":       "DETOUR_NATS_ULR: no such variable; did you mean DETOUR_NATS_URL?",
		"DETOUR_XYZ=secret":            "DETOUR_XYZ: no such variable; ",
		"DETOUR_=secret":               "DETOUR_: no such variable; ",
		"DETOUR_NATS=secret":           "DETOUR_NATS: no such variable; ",
		"DETOUR_INGEST_REPLAY=secret":  "DETOUR_INGEST_REPLAY: ingest.replay: is a list of sections, which no variable can",
		"DETOUR_INGEST_REPLAY_SPEED=1": "DETOUR_INGEST_REPLAY_SPEED: ingest.replay is a list of sections, which no variable",
		"DETOUR_STREAMS_SHARDS=x":      `DETOUR_STREAMS_SHARDS: streams.shards: is "x", must be a whole number`,
		"DETOUR_DETECT_LISTS=secret":   "DETOUR_DETECT_LISTS: detect.lists: must be KEY=VALUE",
		"DETOUR_NAME=\xff":             "DETOUR_NAME: name: holds control characters or no UTF-8",
		"DETOUR_SINK_FILES=a\nb":       "DETOUR_SINK_FILES: sink.files: holds control characters or no UTF-8",
	} {
		_, err := load("", nil, []string{variable})
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", variable, err)
		}
	}
}

func TestWhatKubernetesSaysOfServicesIsNoMistake(t *testing.T) {
	environ := []string{
		"DETOUR_NATS_SERVICE_HOST=10.0.0.1", "DETOUR_NATS_SERVICE_PORT=4222", "DETOUR_NATS_SERVICE_PORT_CLIENT=4222",
		"DETOUR_NATS_PORT=tcp://10.0.0.1:4222", "DETOUR_NATS_PORT_4222_TCP_ADDR=10.0.0.1", "DETOUR_NATS_URL=nats://n:1",
		"DETOUR_SERVICE_HOST=10.0.0.2", "DETOUR_PORT=tcp://10.0.0.2:80",
	}
	c, err := load("", nil, environ)
	if err != nil || c.NATS.URL != "nats://n:1" {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := load("", nil, []string{"DETOUR_NATS_PORT=4222"}); err == nil {
		t.Error("a variable that no service explains was accepted")
	}
}

func TestNoTwoKeysShareAVariable(t *testing.T) {
	seen := map[string]string{}
	eachPath(fields(), func(f *field) {
		name := envOf(f.path)
		if other, twice := seen[name]; twice {
			t.Errorf("%s and %s are both %s", other, f.path, name)
		}
		seen[name] = f.path
	})
}
