package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReloadTakesOverWhatItCanAndNamesTheRest(t *testing.T) {
	for name, c := range map[string]struct {
		old, next        string
		changed, restart []string
	}{
		"nothing":          {"sink: {files: []}", "# nothing", nil, nil},
		"the same in days": {"streams: {alerts: {max_age: 7d}}", "streams: {alerts: {max_age: 168h}}", nil, nil},
		"detection": {
			"", "detect: {vrps: [a], lists: {beacons: b}, learn: 1m}",
			[]string{"detect.vrps", "detect.lists"},
			[]string{"detect.learn"},
		},
		"ignored peers": {"", "detect: {peers: {ignore: [AS64500]}}", []string{"detect.peers.ignore"}, nil},
		"order matters": {"sink: {files: [a, b]}", "sink: {files: [b, a]}", []string{"sink.files"}, nil},
		"both": {
			"log: {level: info}", "log: {level: warn, format: json}", []string{"log.level"}, []string{"log.format"},
		},
		"a password": {"nats: {url: 'nats://u:a@b'}", "nats: {url: 'nats://u:c@b'}", nil, []string{"nats.url"}},
		"a source": {
			"ingest: {replay: [{collector: a}]}", "ingest: {replay: [{collector: a, speed: 1}]}", nil, []string{"ingest.replay"},
		},
		"a source more": {
			"ingest: {replay: [{collector: a}]}", "ingest: {replay: [{collector: a}, {}]}", nil, []string{"ingest.replay"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var cfg [2]*Config
			for i, text := range []string{c.old, c.next} {
				var err error
				if cfg[i], err = load("f", []byte(text), nil); err != nil {
					t.Fatal(err)
				}
			}
			changed, restart := Reloadable(cfg[0], cfg[1])
			if diff := cmp.Diff([][]string{c.changed, c.restart}, [][]string{changed, restart}); diff != "" {
				t.Error(diff)
			}
		})
	}
}
