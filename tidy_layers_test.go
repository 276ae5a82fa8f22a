package detour

import (
	"fmt"
	"slices"
	"strings"
)

const module = "detour"

// layerOf lists, for each folder at the root, the folders that its packages may
// import beside their own. Whoever is missing here may import nothing.
var layerOf = map[string][]string{
	"route":     {},
	"wire":      {"route"},
	"alert":     {"route"},
	"stream":    {"wire", "alert", "route", "internal"},
	"ingest":    {"stream", "wire", "alert", "route", "internal"},
	"processor": {"stream", "wire", "alert", "route", "internal"},
	"sink":      {"stream", "wire", "alert", "route", "internal"},
	"ui":        {"ingest", "processor", "sink", "stream", "wire", "alert", "route", "internal"},
	"bench":     {"ingest", "processor", "sink", "stream", "wire", "alert", "route", "internal"},
	"cmd":       {"ui", "bench", "ingest", "processor", "sink", "stream", "wire", "alert", "route", "internal"},
	"deploy":    {"internal"},
	"internal":  {},
}

// modelOf lists packages that model others for tests, or draw what others tell,
// and may import what those import.
var modelOf = map[string][]string{
	"internal/oracle":   {"wire", "alert", "route"},
	"internal/scenario": {"stream", "wire", "alert", "route"},
	"internal/pathpic":  {"alert", "route"},
}

// withoutBroker may not reach NATS, not even through another package of ours.
var withoutBroker = []string{
	"route", "wire", "alert", "processor/rib", "processor/detect", "processor/flat", "processor/correlate",
	"processor/reference", "internal/bzip2",
}

// layers checks imports between our own packages outside tests; tests may reach
// further, for oracles and for whole chains.
func layers(tree []*file) (problems []string) {
	for _, f := range goFiles(tree) {
		if f.isTest() {
			continue
		}
		top, _, _ := strings.Cut(f.dir(), "/")
		allowed := append([]string{top}, layerOf[top]...)
		for root, more := range modelOf {
			if within(f.dir(), root) {
				allowed = append(allowed, more...)
			}
		}
		for _, imported := range imports(f) {
			dir, ours := strings.CutPrefix(imported, module+"/")
			switch {
			case !ours:
			case !within(dir, allowed...):
				problems = append(problems, fmt.Sprintf("%s imports %s: %s may import %s", f.path, dir, top, allowed))
			case within(f.dir(), withoutBroker...) && !within(dir, withoutBroker...):
				problems = append(problems, fmt.Sprintf("%s imports %s, which may lead to NATS", f.path, dir))
			}
		}
	}
	return problems
}

// home says where a third-party package may be imported outside tests.
type home struct {
	prefix string
	dirs   []string
}

var homes = []home{
	{"github.com/osrg/gobgp", []string{"ingest", "bench/decode"}},
	{"github.com/RoaringBitmap/roaring", []string{"processor"}},
	{"github.com/nats-io/nats.go", []string{
		"stream", "ingest", "processor", "sink", "bench", "cmd", "internal/natsd", "internal/natstest",
	}},
	{"github.com/nats-io/nats-server", []string{"internal/natsd", "internal/natstest"}},
	{"github.com/nats-io/nkeys", []string{"deploy/nats"}},
	{"github.com/prometheus/client_golang", []string{"internal/obs"}},
	{"github.com/coder/websocket", []string{"ingest/rislive"}},
	{"golang.org/x/sys", []string{"ingest/speaker"}},
	{"golang.org/x/net", []string{"internal/obs"}},
	{"github.com/spf13/cobra", []string{"cmd"}},
	{"gonum.org/v1/plot", []string{"bench/report"}},
	{"github.com/schollz/progressbar", []string{"cmd", "bench"}},
	{"github.com/HdrHistogram/hdrhistogram-go", []string{"cmd", "bench", "internal/latency"}},
	{"github.com/google/pprof", []string{"bench"}},
	{"github.com/klauspost/compress", []string{"ingest", "processor/reference", "processor/checkpoint"}},
	{"github.com/gaissmai/bart", []string{"processor/reference"}},
	{"go.yaml.in/yaml", []string{"processor/reference", "internal/config"}},
	{"google.golang.org/protobuf", []string{"wire", "bench/codec"}},
}

// testOnly packages are imported by tests and by packages made for tests.
var testOnly = []string{
	"testing", "github.com/google/go-cmp", "pgregory.net/rapid", "go.uber.org/goleak", "github.com/rogpeppe/go-internal",
	"github.com/dsnet/compress",
}

var testHelpers = []string{"internal/natstest", "internal/oracle", "internal/scenario"}

func thirdParty(tree []*file) (problems []string) {
	for _, f := range goFiles(tree) {
		if f.isTest() {
			continue
		}
		for _, imported := range imports(f) {
			for _, h := range homes {
				if within(imported, h.prefix) && !within(f.dir(), h.dirs...) {
					problems = append(problems, fmt.Sprintf("%s imports %s, which belongs in %s", f.path, imported, h.dirs))
				}
			}
			if within(imported, testOnly...) && !within(f.dir(), testHelpers...) {
				problems = append(problems, fmt.Sprintf("%s imports %s, which is for tests", f.path, imported))
			}
			first, _, _ := strings.Cut(imported, "/")
			if strings.Contains(first, ".") && within(f.dir(), "route") {
				problems = append(problems, fmt.Sprintf("%s imports %s: route needs the standard library only", f.path, imported))
			}
		}
	}
	return problems
}

// banned import paths, each with what to use instead. Whoever imports a path
// below one is meant too, unless the map names that path with an empty text.
var banned = map[string]string{
	"log":                         "use log/slog",
	"log/slog":                    "",
	"io/ioutil":                   "use io and os",
	"math/rand":                   "use math/rand/v2 with a seed of your own",
	"math/rand/v2":                "",
	"hash/maphash":                "its seed differs from process to process; use a fixed mix",
	"testing/quick":               "use pgregory.net/rapid, which shrinks",
	"github.com/stretchr/testify": "use the standard library and go-cmp",
	"github.com/pkg/errors":       "use errors and fmt.Errorf with %w",
	"gopkg.in/yaml.v2":            "use go.yaml.in/yaml/v3",
	"gopkg.in/yaml.v3":            "it is archived; use go.yaml.in/yaml/v3",
	"github.com/spf13/viper":      "use a typed struct and go.yaml.in/yaml/v3",
	"golang.org/x/exp":            "use the standard library; x/exp promises nothing",
	"github.com/golang/protobuf":  "use google.golang.org/protobuf",
	"github.com/gorilla":          "use net/http",
	"github.com/golang/mock":      "use the real thing: an in-process NATS, a file, a pipe",
	"go.uber.org/mock":            "use the real thing: an in-process NATS, a file, a pipe",
}

func noBannedImports(tree []*file) (problems []string) {
	for _, f := range goFiles(tree) {
		for _, imported := range imports(f) {
			if why := bannedBecause(imported); why != "" {
				problems = append(problems, fmt.Sprintf("%s imports %s: %s", f.path, imported, why))
			}
		}
	}
	return problems
}

func bannedBecause(imported string) string {
	steps := strings.Split(imported, "/")
	for n := len(steps); n > 0; n-- {
		if why, ok := banned[strings.Join(slices.Clone(steps[:n]), "/")]; ok {
			return why
		}
	}
	return ""
}
