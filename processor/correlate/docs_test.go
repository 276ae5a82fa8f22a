package correlate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"detour/processor/rib"
	"detour/route"
)

// rulesPage is the page for operators that this file holds against the code.
var rulesPage = filepath.Join("..", "..", "docs", "detection", "rules.md")

// cells returns the rows of the tables under a heading of the page, without
// their heads.
func cells(t *testing.T, heading string) (rows [][]string) {
	t.Helper()
	page, err := os.ReadFile(rulesPage)
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(page), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("no heading %q", heading)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	for line := range strings.SplitSeq(text, "\n") {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		var row []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			row = append(row, strings.Trim(cell, " `"))
		}
		rows = append(rows, row)
	}
	return rows
}

// value reads "30", "100,000", "80 %" or "15 min".
func value(t *testing.T, text string) int64 {
	t.Helper()
	number, unit, _ := strings.Cut(strings.ReplaceAll(text, ",", ""), " ")
	n, err := strconv.ParseInt(number, 10, 64)
	scale, ok := map[string]route.Time{
		"": 1, "%": 1, "s": route.Second, "min": route.Minute, "h": route.Hour, "d": 24 * route.Hour,
	}[unit]
	if err != nil || !ok {
		t.Fatalf("%q is no value", text)
	}
	return n * int64(scale)
}

// parameters are what the code has.
func parameters() map[string]int64 {
	all := map[string]int64{
		"hijackPeers": hijackPeers, "hijackPrefixes": hijackPrefixes, "hijackVictims": hijackVictims,
		"invalidPeers": invalidPeers, "transferRoutes": transferRoutes,
		"growthPercent": growthPercent, "growthPause": int64(growthPause), "quietAfter": int64(quietAfter),
		"lastingHolds": lastingHolds, "goneShare": goneShare,
		"heldLong": int64(heldLong), "lossDwell": int64(lossDwell), "lossPeers": lossPeers, "lossPercent": lossPercent,
		"leastLost":  leastLost,
		"fullTable4": fullTable4, "fullTable6": fullTable6, "heldPercent": heldPercent,
		"leastLearn": int64(leastLearn), "mostLearn": int64(mostLearn), "guessLearn": int64(guessLearn),
		"busyPause": int64(busyPause), "busyRoutes": busyRoutes, "busyPercent": busyPercent,
		"noiseWeight": noiseWeight,
		"staleAfter":  int64(staleAfter), "busyFeed": busyFeed,
		"repeatRoutes": repeatRoutes, "repeatPercent": repeatPercent,
		"aloneLeast": aloneLeast, "alonePercent": alonePercent, "aloneWait": int64(aloneWait),
		"aloneKept": int64(aloneKept), "aloneJudges": aloneJudges, "trustEvery": int64(trustEvery),
		"trendPeers": trendPeers, "trendWindow": int64(trendWindow), "trendPause": int64(trendPause),
		"movedPercent": movedPercent,
		"rib.Held":     int64(rib.Held), "rib.Hold": int64(rib.Hold),
		"rib.Young": int64(rib.Young), "rib.Age": int64(rib.Age),
	}
	cfg := Config{}.withDefaults()
	rules := reflect.ValueOf(cfg.Rules)
	for i := range rules.NumField() {
		all["Rules."+rules.Type().Field(i).Name] = rules.Field(i).Int()
	}
	c := reflect.ValueOf(cfg)
	for i := range c.NumField() {
		f := c.Type().Field(i)
		if f.Type == reflect.TypeFor[route.Time]() && f.Name != "Learn" { // that is automatic
			all["Config."+f.Name] = c.Field(i).Int()
		}
	}
	return all
}

func TestDocsTellEveryParameter(t *testing.T) {
	told, have := map[string]int64{}, parameters()
	for _, row := range cells(t, "Parameters") {
		told[row[0]] = value(t, row[1])
		if want, ok := have[row[0]]; !ok || want != told[row[0]] {
			t.Errorf("%s is told as %s, the code has %d (%v)", row[0], row[1], want, ok)
		}
	}
	for name := range have {
		if _, ok := told[name]; !ok {
			t.Errorf("%s is not told", name)
		}
	}
}

// thresholds are constants of files that hold rules; none may be new without
// being told.
func TestDocsKnowEveryThresholdInTheFilesOfRules(t *testing.T) {
	have := parameters()
	noThreshold := map[string]bool{ // a unit, flags, a bound, names
		"noiseScale": true, "aboutRoute": true, "maxMoved": true,
		"trendLonger": true, "trendShorter": true, "trendMoved": true, "trendKinds": true,
		"trendMorePrepends": true, "trendFewerPrepends": true, "allTrends": true,
		"aloneMost": true, "fewRoutes": true,
		"markLonger": true, "markShorter": true,
	}
	for _, file := range []string{
		"origin.go", "life.go", "loss.go", "watch.go", "census.go", "session.go", "noise.go", "hijack.go", "invalid.go",
		"trend.go", "trust.go", "trust_fire.go",
	} {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				for _, name := range s.(*ast.ValueSpec).Names {
					if _, ok := have[name.Name]; !ok && !noThreshold[name.Name] {
						t.Errorf("%s: %s is neither told nor exempt", file, name.Name)
					}
				}
			}
		}
	}
}

// asked returns what a rule asks for by number: what, and how much. With so many
// origins before, a ratio comes out as a number of its own.
func asked(r rule) map[string]int {
	const before = 999
	cfg := Config{}.withDefaults()
	in := Inputs{Base: before, Mature: true}
	v := verdict{keep: true}
	r.tests(&in, &cfg.Rules, &v)
	out := map[string]int{}
	for _, test := range v.list {
		if !test.YesNo && test.Need > 1 {
			out[test.What] = test.Need
		}
	}
	return out
}

func TestDocsTellEveryRuleOfLeaksInOrder(t *testing.T) {
	rows := cells(t, "Leaks")
	at := 0
	for i, r := range leakRules {
		if i > 0 && r.name == leakRules[i-1].name {
			continue // by another unit
		}
		if at >= len(rows) || rows[at][0] != r.name {
			t.Fatalf("rule %s is not told at place %d", r.name, at)
		}
		row, has := rows[at], asked(r)
		at++
		for cell, what := range map[int]string{
			2: "origins with contrast", 3: "prefixes", 4: "peers",
		} {
			told := 0
			if regexp.MustCompile(`^[0-9]+$`).MatchString(row[cell]) {
				told = int(value(t, row[cell]))
			}
			if told != has[what] {
				t.Errorf("%s: %s is told as %s, the code asks for %d", r.name, what, row[cell], has[what])
			}
		}
		ratio := map[string]int{"–": 0, "1/2": 500, "1": 1000, "2": 2000, "4": 4000}[row[5]] // of 1000
		if got := has["origins with contrast, against those it was on the way to before"]; got != ratio {
			t.Errorf("%s: the ratio is told as %s, the code asks for %d of 1000", r.name, row[5], got)
		}
	}
	if at != len(rows) {
		t.Errorf("%d rules are told, there are %d", len(rows), at)
	}
}

func TestDocsTellOneToFourOriginsOfAGroup(t *testing.T) {
	cfg := Config{}.withDefaults()
	in := Inputs{Mature: true, Known: true, Facts: 2, Flips: 2, Prefixes: 20, Peers: 3}
	for n := range 7 {
		in.Contrast = n
		var v verdict
		groupRule(&in, &cfg.Rules, &v)
		if holds := v.failed == 0; holds != (n >= 1 && n <= 4) {
			t.Errorf("a group of %d origins: %v", n, holds)
		}
	}
}
