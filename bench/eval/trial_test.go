package eval

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"detour/alert"
	"detour/route"
)

func TestAFieldTrialIsCountedAgainstItsLabels(t *testing.T) {
	var b strings.Builder
	day := 24 * route.Hour
	write := func(id string, scope alert.Scope, kind alert.Kind, severity alert.Severity, at route.Time) {
		data, err := json.Marshal(alert.Alert{ID: id, Scope: scope, Kind: kind, Severity: severity, Updated: at})
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(data, '\n'))
	}
	write("a", alert.ScopeIncident, alert.KindLeak, alert.SeverityCritical, day)
	write("a", alert.ScopeIncident, alert.KindLeak, alert.SeverityCritical, 2*day)
	write("b", alert.ScopeIncident, alert.KindLeak, alert.SeverityWarning, 3*day)
	write("c", alert.ScopeIncident, alert.KindHijack, alert.SeverityWarning, 5*day)
	write("n", alert.ScopeIncident, alert.KindLeak, alert.SeverityInfo, 5*day)
	write("p", alert.ScopePrefix, alert.KindHijack, alert.SeverityWarning, 5*day)
	const judged = "# id\tlabel\na\ttrue\tjd\tasked them\n\nb\tunclear\nb\tfalse\tjd # later\n"
	labels, err := ReadLabels(strings.NewReader(judged))
	if err != nil {
		t.Fatal(err)
	}
	trial, err := ReadTrial(strings.NewReader(b.String()), labels)
	if err != nil {
		t.Fatal(err)
	}
	if trial.Days != 4 || trial.Incidents != 3 || trial.Notes != 1 || trial.PrefixAlerts != 1 || len(trial.Open) != 1 {
		t.Errorf("%+v", trial)
	}
	page := string(trial.Markdown())
	if !strings.Contains(page, "not measured: 1 incidents") || !strings.Contains(page, "- c") ||
		strings.Contains(page, "a day:") {
		t.Errorf("with one that nobody judged:\n%s", page)
	}
	labels["c"] = LabelTrue
	if trial, err = ReadTrial(strings.NewReader(b.String()), labels); err != nil {
		t.Fatal(err)
	}
	page = string(trial.Markdown())
	for _, want := range []string{"False incidents a day: 0.25, at most 1.19", "2 of 3", "| leak   | 1 "} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q:\n%s", want, page)
		}
	}
}

func TestLabelsThatSayNothingAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"a true\n":           "line 1",
		"a\ttrue\nb\tmaybe":  "line 2",
		"a\t\n":              "label is",
		"a\tTRUE\tjd\tasked": "must be one of",
	} {
		if _, err := ReadLabels(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", text, err, want)
		}
	}
	const one = `{"id":"a","scope":"incident"}`
	if _, err := ReadTrial(strings.NewReader(one+"\nx\n"), nil); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("an alert that is none: %v", err)
	}
}

// TestPoissonBoundsAreThoseOfTables holds them against printed ones.
func TestPoissonBoundsAreThoseOfTables(t *testing.T) {
	for n, want := range map[int]float64{0: 2.996, 1: 4.744, 2: 6.296, 5: 10.513, 10: 16.962, 100: 118.079} {
		if got := poissonBound(n); math.Abs(got-want) > 0.01 {
			t.Errorf("%d events: %.3f, want %.3f", n, got, want)
		}
	}
}

func FuzzReadLabels(f *testing.F) {
	f.Add("a\ttrue\tjd\tasked\n#\n\t\n")
	f.Fuzz(func(t *testing.T, text string) {
		labels, err := ReadLabels(strings.NewReader(text))
		if err != nil {
			return
		}
		for id, l := range labels {
			if strings.ContainsAny(id, "\t\n") || l == "" {
				t.Fatalf("%q is labelled %q", id, l)
			}
		}
	})
}

func FuzzReadTrial(f *testing.F) {
	f.Add(`{"id":"a","scope":"incident","kind":"leak","severity":"critical","updated":"2026-01-02T03:04:05Z"}`)
	f.Fuzz(func(t *testing.T, text string) {
		trial, err := ReadTrial(strings.NewReader(text), map[string]Label{"a": LabelFalse})
		if err != nil {
			return
		}
		sum := 0
		for _, n := range trial.Labelled {
			sum += n
		}
		if sum != trial.Incidents || len(trial.Open) != trial.Labelled[""] || len(trial.Markdown()) == 0 {
			t.Fatalf("%+v", trial)
		}
	})
}

func TestWhatIsNoAlertIsRefusedAndUnknownLabelsAreNamed(t *testing.T) {
	_, err := ReadTrial(strings.NewReader(`{"kind":"origin-change"}`), nil)
	if err == nil || !strings.Contains(err.Error(), "no alert") {
		t.Errorf("a flag: %v", err)
	}
	labels := map[string]Label{"a": LabelTrue, "zzzz": LabelFalse}
	trial, err := ReadTrial(strings.NewReader(`{"id":"a","scope":"incident"}`), labels)
	if err != nil || !strings.Contains(string(trial.Markdown()), "Labelled, but among no alerts: zzzz.") {
		t.Errorf("%v, %v", trial, err)
	}
}
