package config

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with a file, or writes it.
func golden(t *testing.T, path string, write func(*bytes.Buffer) error) {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("%s: run go test ./internal/config -update\n%s", path, diff)
	}
}

func TestTheReferenceIsOfTheStruct(t *testing.T) {
	golden(t, "../../docs/reference/configuration.md", func(b *bytes.Buffer) error { return WriteReference(b) })
}

func TestTheTemplateIsOfTheStruct(t *testing.T) {
	golden(t, "testdata/init.yaml", func(b *bytes.Buffer) error { return WriteTemplate(b) })
}

func TestEveryKeyIsDocumented(t *testing.T) {
	eachPath(fields(), func(f *field) {
		if f.doc == "" {
			t.Errorf("%s has no comment", f.path)
		}
	})
}

// Whoever uncomments a line gets what the template says, and all of them
// together are the defaults.
func TestTheTemplateHoldsTheDefaults(t *testing.T) {
	var out bytes.Buffer
	if err := WriteTemplate(&out); err != nil {
		t.Fatal(err)
	}
	want := Default()
	for _, comments := range []string{`$.`, `(?m)^( *)#(\S)`} {
		text := regexp.MustCompile(comments).ReplaceAllString(out.String(), "$1$2")
		c, err := load("f", []byte(text), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(want, c, sameValues); diff != "" {
			t.Error(diff)
		}
		// The members that show the keys.
		want.Ingest.Replay, want.Ingest.RISLive, want.Ingest.BMP = []Replay{{}}, []RISLive{{}}, []BMP{{}}
		want.Ingest.BGP, want.Ingest.Archive = []BGP{{Neighbors: []Neighbor{{}}}}, []Archive{{}}
	}
}

func TestWriteNamesOrigins(t *testing.T) {
	c, err := load("f.yaml", []byte(`name: edge
nats: {url: 'nats://u:secret@a:1,nats://token@b,c'}
ingest:
  replay:
  - collector: 'true'
    files:
    - a
`), []string{"DETOUR_LOG_LEVEL=debug"})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/show.yaml", func(b *bytes.Buffer) error { return c.Write(b) })
	var out strings.Builder
	err = c.Write(&out)
	if text := out.String(); err != nil || strings.Contains(text, "secret") || strings.Contains(text, "token") {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestRedactLeavesOtherTextsAlone(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		"a@b":                      "a@b",
		"nats://a:1,tls://b":       "nats://a:1,tls://b",
		"nats://u:p@a:1":           "nats://xxxxx@a:1",
		"nats://u:p@x@a,u@b,tls:c": "nats://xxxxx@a,xxxxx@b,tls:c",
	} {
		if got := Redact(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
