package main

import (
	"os"
	"strings"
	"testing"
)

func TestKeysAreNotStale(t *testing.T) {
	want, err := generateFrom("..")
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../" + target)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != string(want) {
		t.Errorf("%s is stale: run go generate ./internal/config", target)
	}
}

func TestAKeyWithoutACommentIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no comment":  "package config\ntype A struct {\n\tB int `yaml:\"b\"`\n}\n",
		"two at once": "package config\ntype A struct {\n\t// Both.\n\tB, C int `yaml:\"b\"`\n}\n",
		"no Go":       "package",
	} {
		if _, err := generate([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	const text = "package config\ntype A struct {\n\t// One\n\t// two.\n\tB int `yaml:\"b\"`\n\tc int\n}\n"
	out, err := generate([]byte(text))
	if err != nil || !strings.Contains(string(out), `"A.B": "One two.",`) || strings.Contains(string(out), "A.c") {
		t.Errorf("%v\n%s", err, out)
	}
}
