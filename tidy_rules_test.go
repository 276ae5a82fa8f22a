package detour

import (
	"maps"
	"strings"
	"testing"
)

// tree is a small repository: text by path.
type tree map[string]string

func (tr tree) files(t *testing.T) []*file {
	t.Helper()
	var out []*file
	for path, text := range tr {
		f, err := parse(path, text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

func lines(n int) string { return strings.Repeat("\n", n) }

// src joins the lines of a file.
func src(lines ...string) string { return strings.Join(lines, "\n") + "\n" }

// using is a file of pkg that imports one path.
func using(pkg, imported string) string {
	return src("package "+pkg, "", `import "`+imported+`"`)
}

// doc is a doc.go that imports paths.
func doc(pkg string, imported ...string) string {
	text := src("// Package "+pkg+" is fine.", "package "+pkg)
	for _, path := range imported {
		text += src("", `import "`+path+`"`)
	}
	return text
}

// fine breaks no rule, though it comes near.
var fine = tree{
	"README.md": src("# detour", "", "[docs](docs/README.md#all-of-it), [folder](docs), `[no](link)`", "",
		"```", "# no title", "```"),
	"CHANGELOG.md":           src("# Changelog", "", "- processor/rib: faster", "- **wire**: a field"),
	"docs/README.md":         src("# Index", "", "## All of it!", "", "[one](one.md) [d](adr/0001-first.md)"),
	"docs/one.md":            src("# One"),
	"docs/adr/0001-first.md": src("# First"),
	"deploy/detour.service":  src("WorkingDirectory=/var/lib/detour"),
	"route/doc.go":           doc("route"),
	"route/x.go": src("package route", "", `import "errors"`, "", `var errX = errors.New("x")`, "",
		"var errY error = &T{}", "", "var _ = errX", "", "var table = [2]int{1, 2}", "",
		"func f() int { table := 1; table++; return table }"),
	"route/x_test.go": src("package route", "", "import (", `	"log/slog"`, `	"math/rand/v2"`, ")", "", "func f() {",
		"	synctest.Test(func() { time.Sleep(1) })", "	for !done {", "		time.Sleep(1)", "	}",
		"	time.Sleep(1) // sleep: a slow disk", "}"),
	"wire/doc.go":        doc("wire", "detour/route"),
	"processor/doc.go":   doc("processor", "github.com/RoaringBitmap/roaring/v2"),
	"internal/x/doc.go":  doc("x"),
	"cmd/detour/main.go": src("// Command detour is fine.", "package main", "", "func main() { fmt.Println() }"),
}

// goBroken holds, for every rule on code, trees that break it.
var goBroken = map[string][]tree{
	"a file has at most 500 lines": {{"a/a.go": "package a\n" + lines(500)}},
	"a function has at most 70 lines": {
		{"a/a.go": "package a\n\nfunc f() {\n" + lines(70) + "}\n"},
		{"a/a_test.go": "package a\n\nfunc f() {\n" + lines(120) + "}\n"},
	},
	"a line has at most 120 characters": {{"a/a.go": src("package a", "", "// "+strings.Repeat("ä", 118))}},
	"code is formatted":                 {{"a/a.go": src("package a", "var  x = 1")}},
	"a package says what it is for": {
		{"a/a.go": src("package a")},
		{"a/doc.go": src("package a")},
		{"a/doc.go": src("// A package.", "package a")},
		{"a/a.go": src("// Package a is told in the wrong file.", "package a")},
		{"cmd/x/doc.go": src("// Command x is told in the wrong file.", "package main")},
	},
	"what has a better replacement is not imported": {
		{"a/a.go": using("a", "log")},
		{"a/a.go": using("a", "math/rand")},
		{"a/a_test.go": using("a", "github.com/stretchr/testify/require")},
		{"a/a.go": src("package a", "", `import y "gopkg.in/yaml.v3"`)},
	},
	"packages import downwards": {
		{"route/a.go": using("route", "detour/wire")},
		{"sink/x/a.go": using("x", "detour/ingest/mrt")},
		{"processor/rib/a.go": using("rib", "detour/stream")},
		{"internal/x/a.go": using("x", "detour/route")},
		{"elsewhere/a.go": using("elsewhere", "detour/route")},
	},
	"third-party packages stay where they belong": {
		{"wire/a.go": using("wire", "github.com/nats-io/nats.go/jetstream")},
		{"processor/a.go": using("processor", "github.com/osrg/gobgp/v3/pkg/packet/bgp")},
		{"ingest/a.go": using("ingest", "github.com/RoaringBitmap/roaring/v2")},
		{"route/a.go": using("route", "golang.org/x/sync/errgroup")},
		{"wire/a.go": using("wire", "pgregory.net/rapid")},
	},
	"nothing runs before main": {{"a/a.go": src("package a", "", "func init() {}")}},
	"packages hold no state": {
		{"a/a.go": src("package a", "", "var count int")},
		{
			"a/a.go": src("package a", "", "var cache = map[string]int{}"),
			"a/b.go": src("package a", "", `func f() { cache["x"] = 1 }`),
		},
		{"a/a.go": src("package a", "", "var n = 1", "", "func f() { n++ }")},
		{"a/a.go": src("package a", "", "var n = 1", "", "func f() { g(&n) }")},
		{"a/a.go": src("package a", "", "var cache = make(map[string]int)")},
		{"a/a.go": src("package a", "", "var one = &T{}")},
		{"a/a.go": src("package a", "", "var mu = sync.Mutex{}")},
		{"a/a.go": src("package a", "", "var errLast error")},
	},
	"libraries do not print": {
		{"a/a.go": src("package a", "", `func f() { fmt.Printf("x") }`)},
		{"a/a.go": src("package a", "", "func f() { println() }")},
	},
	"tests do not sleep": {
		{"a/a_test.go": src("package a", "", "func f() { time.Sleep(1) }")},
		{"a/a_test.go": src("package a", "", "func f() {", "	for range 2 {", "		time.Sleep(1)", "	}", "}")},
	},
}

// docBroken does the same for rules on everything else.
var docBroken = map[string][]tree{
	"a page has one title": {
		{"a.md": src("text")},
		{"a.md": src("# One", "", "# Two")},
		{"a.md": src("```", "# x", "```")},
	},
	"links lead somewhere": {
		{"a.md": src("[b](b.md)")},
		{"a.md": src("[b](#nothing)")},
		{"a.md": src("[b](docs/b.md#no)"), "docs/b.md": src("# Yes")},
	},
	"the repository speaks of no machine it was written on": {
		{"a.md": src("see /root/detour")},
		{"Makefile": src("X=/home/somebody/x")},
		{"a.yml": src(`path: "/work/x"`)},
	},
	"documentation is found from its index": {{"docs/README.md": src("# Docs"), "docs/a.md": src("# A")}},
	"a recorded decision has a number": {
		{"docs/adr/first.md": src("# A")},
		{"docs/adr/0002-second.md": src("# A")},
	},
	"an entry of the changelog names its component": {{"CHANGELOG.md": src("# C", "", "- Made things faster")}},
}

func TestEveryRuleFindsWhatItForbids(t *testing.T) {
	broken := maps.Clone(goBroken)
	maps.Copy(broken, docBroken)
	for name, check := range rules {
		if len(broken[name]) == 0 {
			t.Errorf("%s: nothing shows that the rule can fail", name)
		}
		for i, tr := range broken[name] {
			if len(check(tr.files(t))) == 0 {
				t.Errorf("%s: tree %d passes", name, i)
			}
		}
		if problems := check(fine.files(t)); len(problems) > 0 {
			t.Errorf("%s: a fine tree does not pass: %s", name, strings.Join(problems, "; "))
		}
	}
	for name := range broken {
		if rules[name] == nil {
			t.Errorf("%s is no rule", name)
		}
	}
}
