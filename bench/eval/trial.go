package eval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"detour/alert"
	"detour/route"
)

// Label is what a person found out about an incident.
type Label string

// Labels.
const (
	LabelTrue         Label = "true"
	LabelWrongSuspect Label = "wrong-suspect"
	LabelFalse        Label = "false"
	LabelUnclear      Label = "unclear"
)

func labelKinds() []Label { return []Label{LabelTrue, LabelWrongSuspect, LabelFalse, LabelUnclear} }

// ReadLabels reads a file of labels: id, label, who, why, separated by tabs.
// The later of two labels of an incident counts.
func ReadLabels(r io.Reader) (map[string]Label, error) {
	labels := map[string]Label{}
	sc := bufio.NewScanner(r)
	for line := 1; sc.Scan(); line++ {
		text, _, _ := strings.Cut(sc.Text(), "#")
		if strings.TrimSpace(text) == "" {
			continue
		}
		fields := strings.Split(text, "\t")
		if len(fields) < 2 {
			return nil, fmt.Errorf("read labels, line %d: no label; fields are separated by tabs", line)
		}
		id, label := strings.TrimSpace(fields[0]), Label(strings.TrimSpace(fields[1]))
		if !slices.Contains(labelKinds(), label) {
			return nil, fmt.Errorf("read labels, line %d: label is %q, must be one of %q", line, label, labelKinds())
		}
		labels[id] = label
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("read labels: %w", err)
	}
	return labels, nil
}

// Trial is what a field trial came to.
type Trial struct {
	Days         float64
	ByKind       map[alert.Kind]map[Label]int // "" is not judged yet
	Incidents    int
	Notes        int // incidents of severity info
	PrefixAlerts int
	Labelled     map[Label]int
	Open         []string // ids that nobody has judged
	Unknown      []string // labelled ids of which there is no alert
}

// maxAlertLine bounds one alert.
const maxAlertLine = 4 << 20

// ReadTrial counts alerts, one JSON object a line, against their labels.
func ReadTrial(r io.Reader, labels map[string]Label) (*Trial, error) {
	t := &Trial{ByKind: map[alert.Kind]map[Label]int{}, Labelled: map[Label]int{}}
	seen := map[string]bool{}
	var first, last route.Time
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, maxAlertLine)
	for line := 1; sc.Scan(); line++ {
		if len(bytes.TrimSpace(sc.Bytes())) == 0 {
			continue
		}
		var a alert.Alert
		if err := json.Unmarshal(sc.Bytes(), &a); err != nil {
			return nil, fmt.Errorf("read alerts, line %d: %w", line, err)
		}
		if a.ID == "" || a.Scope == "" {
			return nil, fmt.Errorf("read alerts, line %d: no alert: it has no id or no scope; is it a file of flags?", line)
		}
		if first == 0 || a.Updated < first {
			first = a.Updated
		}
		last = max(last, a.Updated)
		if !seen[a.ID] {
			seen[a.ID] = true
			t.add(&a, labels[a.ID])
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	for _, id := range slices.Sorted(maps.Keys(labels)) {
		if !seen[id] {
			t.Unknown = append(t.Unknown, id)
		}
	}
	t.Days = float64(last-first) / float64(24*route.Hour)
	return t, nil
}

func (t *Trial) add(a *alert.Alert, label Label) {
	switch {
	case a.Scope != alert.ScopeIncident:
		t.PrefixAlerts++
		return
	case a.Severity == alert.SeverityInfo:
		t.Notes++
		return
	}
	t.Incidents++
	if t.ByKind[a.Kind] == nil {
		t.ByKind[a.Kind] = map[Label]int{}
	}
	t.ByKind[a.Kind][label]++
	t.Labelled[label]++
	if label == "" {
		t.Open = append(t.Open, a.ID)
	}
}

// Markdown returns the report.
func (t *Trial) Markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Field trial\n\n")
	fmt.Fprintf(&b, "%.2f days from the first alert to the last, %d incidents, %d notes, %d prefix alerts.\n\n",
		t.Days, t.Incidents, t.Notes, t.PrefixAlerts)
	if len(t.Unknown) > 0 {
		fmt.Fprintf(&b, "Labelled, but among no alerts: %s.\n\n", strings.Join(t.Unknown, ", "))
	}
	rows := [][]string{{"kind"}}
	for _, l := range labelKinds() {
		rows[0] = append(rows[0], string(l))
	}
	rows[0] = append(rows[0], "not judged")
	for _, kind := range slices.Sorted(maps.Keys(t.ByKind)) {
		row := []string{string(kind)}
		for _, l := range append(labelKinds(), "") {
			row = append(row, fmt.Sprint(t.ByKind[kind][l]))
		}
		rows = append(rows, row)
	}
	writeRows(&b, rows)
	b.WriteString("\n")
	if len(t.Open) > 0 || t.Incidents == 0 && t.Days == 0 {
		fmt.Fprintf(&b, "The rate of false incidents is not measured: %d incidents are not judged.\n", len(t.Open))
		for _, id := range t.Open {
			fmt.Fprintf(&b, "- %s\n", id)
		}
		return b.Bytes()
	}
	judged := t.Incidents - t.Labelled[LabelUnclear]
	wrong := t.Labelled[LabelFalse]
	fmt.Fprintf(&b, "False incidents a day: %.2f, at most %.2f with 95 %% confidence. "+
		"True among those judged: %d of %d.\n", float64(wrong)/t.Days, poissonBound(wrong)/t.Days,
		t.Labelled[LabelTrue], judged)
	return b.Bytes()
}
