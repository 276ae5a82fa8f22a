package obs

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Files for operators, which speak of metrics.
const (
	prometheusDir = "../../deploy/prometheus"
	dashboardPath = "../../deploy/grafana/detour.json"
)

// ruleFile is a rules file of Prometheus, as far as it is checked here.
type ruleFile struct {
	Groups []struct {
		Name  string
		Rules []struct {
			Alert       string
			Expr        string
			Labels      map[string]string
			Annotations map[string]string
		}
	}
}

func readRules(t *testing.T) (f ruleFile) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(prometheusDir, "detour.rules.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// dashboard is one of Grafana, as far as it is checked here.
type dashboard struct {
	SchemaVersion int
	Templating    struct {
		List []struct{ Name, Type, Definition string }
	}
	Panels []panel
}

type panel struct {
	ID          int
	Type, Title string
	Description string
	GridPos     struct{ X, Y, W, H int }
	Datasource  struct{ UID string }
	Targets     []struct {
		Datasource struct{ UID string }
		Expr       string
	}
	FieldConfig struct {
		Defaults struct{ Unit string }
	}
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	data, err := os.ReadFile(dashboardPath)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

var (
	nameInExpr = regexp.MustCompile(`\b(detour_\w+)(\{[^}]*\})?`)
	matcher    = regexp.MustCompile(`(\w+)\s*(=~|!~|!=|=)`)
	histogram  = regexp.MustCompile(`_(bucket|sum|count)$`)
)

// unknown names what an expression asks for and nobody tells: metrics, and
// labels that a metric does not have.
func unknown(expr string) (problems []string) {
	byName := map[string]Family{}
	for _, f := range Families() {
		byName[f.Name] = f
	}
	for _, m := range nameInExpr.FindAllStringSubmatch(expr, -1) {
		name := m[1]
		f, ok := byName[name]
		if !ok {
			f, ok = byName[histogram.ReplaceAllString(name, "")]
			ok = ok && f.Kind == Distribution
		} else {
			ok = f.Kind != Distribution // the bare name has no values
		}
		if !ok {
			problems = append(problems, name+" is not told by detour")
			continue
		}
		for _, l := range matcher.FindAllStringSubmatch(m[2], -1) {
			if !slices.Contains(append([]string{"instance", "job", "le"}, f.Labels...), l[1]) {
				problems = append(problems, name+" has no label "+l[1])
			}
		}
	}
	return problems
}

func TestUnknownMetricsAreFound(t *testing.T) {
	for expr, want := range map[string]int{
		`sum(rate(detour_log_frames_total{ingester=~"a",instance!="b"}[5m])) > detour_nats_connected`: 0,
		`histogram_quantile(0.9, sum by (le) (rate(detour_judge_range_seconds_bucket[5m])))`:          0,
		`detour_log_frames`:                                          1,
		`rate(detour_log_frames_bucket[5m])`:                         1,
		`detour_judge_range_seconds`:                                 1,
		`detour_log_frames_total{shard="1"} or detour_nothing_total`: 2,
	} {
		if got := unknown(expr); len(got) != want {
			t.Errorf("%s: %v", expr, got)
		}
	}
}

func TestRulesAskForWhatThereIsAndSayWhatToDo(t *testing.T) {
	tests, err := os.ReadFile(filepath.Join(prometheusDir, "detour.rules.test.yml"))
	if err != nil {
		t.Fatal(err)
	}
	rules := 0
	for _, g := range readRules(t).Groups {
		for _, r := range g.Rules {
			rules++
			for _, p := range unknown(r.Expr) {
				t.Errorf("%s: %s", r.Alert, p)
			}
			if s := r.Labels["severity"]; s != "critical" && s != "warning" {
				t.Errorf("%s: severity is %q", r.Alert, s)
			}
			for _, a := range []string{"summary", "description", "runbook"} {
				if r.Annotations[a] == "" {
					t.Errorf("%s: no %s", r.Alert, a)
				}
			}
			if !strings.Contains(string(tests), fmt.Sprintf(`alertname="%s", alertstate="firing"`, r.Alert)) {
				t.Errorf("%s: no test makes it fire", r.Alert)
			}
		}
	}
	if rules < 20 {
		t.Errorf("only %d rules were read", rules)
	}
}

func TestDashboardAsksForWhatThereIs(t *testing.T) {
	d := readDashboard(t)
	if d.SchemaVersion < 38 || len(d.Templating.List) == 0 || d.Templating.List[0].Type != "datasource" {
		t.Errorf("schema %d, variables %v", d.SchemaVersion, d.Templating.List)
	}
	for _, v := range d.Templating.List {
		for _, p := range unknown(v.Definition) {
			t.Errorf("variable %s: %s", v.Name, p)
		}
	}
	var rows []string
	ids, cells := map[int]bool{}, map[[2]int]string{}
	for _, p := range d.Panels {
		if ids[p.ID] {
			t.Errorf("%s: another panel has number %d", p.Title, p.ID)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := cells[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%s lies over %q, or beyond the edge", p.Title, other)
				}
				cells[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			rows = append(rows, p.Title)
			continue
		}
		checkPanel(t, &p)
	}
	if !slices.Equal(rows, []string{"Overview", "Shards", "Ingest"}) {
		t.Errorf("rows %v", rows)
	}
}

func checkPanel(t *testing.T, p *panel) {
	t.Helper()
	const chosen = "${datasource}"
	if p.Title == "" || p.Description == "" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
		t.Errorf("panel %d %q lacks a title, a description, a unit or an expression", p.ID, p.Title)
	}
	if p.Datasource.UID != chosen {
		t.Errorf("%s: data source %q", p.Title, p.Datasource.UID)
	}
	for _, target := range p.Targets {
		if target.Datasource.UID != chosen {
			t.Errorf("%s: data source %q", p.Title, target.Datasource.UID)
		}
		for _, problem := range unknown(target.Expr) {
			t.Errorf("%s: %s", p.Title, problem)
		}
	}
}

// promtool runs Prometheus' own checker.
func promtool(t *testing.T, dir string, args ...string) {
	t.Helper()
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool absent: .ci/run installs it")
	}
	cmd := exec.Command(tool, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestPromtoolTakesTheRules(t *testing.T) {
	promtool(t, prometheusDir, "check", "rules", "detour.rules.yml")
	promtool(t, prometheusDir, "check", "config", "prometheus.yml")
}

func TestRulesFireWhenTheyShould(t *testing.T) {
	promtool(t, prometheusDir, "test", "rules", "detour.rules.test.yml")
}

// Expressions of the dashboard are checked as if they were rules.
func TestPromtoolTakesTheDashboard(t *testing.T) {
	type rule struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	type group struct {
		Name  string `yaml:"name"`
		Rules []rule `yaml:"rules"`
	}
	variables := strings.NewReplacer("$__rate_interval", "5m", "$shard", ".*", "$ingester", ".*")
	g := group{Name: "dashboard"}
	for _, p := range readDashboard(t).Panels {
		for i, target := range p.Targets {
			g.Rules = append(g.Rules, rule{fmt.Sprintf("panel:%d_%d", p.ID, i), variables.Replace(target.Expr)})
		}
	}
	data, err := yaml.Marshal(map[string][]group{"groups": {g}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dashboard.yml"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, dir, "check", "rules", "dashboard.yml")
}
