package explain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/ingest/replay"
	"detour/processor"
	"detour/processor/correlate"
	"detour/route"
)

// leaked is a world in which AS300 leaked twelve networks' prefixes, and ceased.
func leaked(t *testing.T, prefix string) *Inquiry {
	t.Helper()
	return leakedBeside(t, prefix, nil)
}

// leakedBeside lets a line live through the same.
func leakedBeside(t *testing.T, prefix string, beside *processor.Line) *Inquiry {
	t.Helper()
	w := newWorld(t, asking(prefix, correlate.Outside{}), 10, 20, 30)
	w.beside = beside
	primed(w)
	noise(w)
	leak(w, 12)
	w.later(route.Minute)
	for i := range 12 {
		for peer := range w.peers {
			w.announce(peer, fmt.Sprintf("10.%d.0.0/16", i), 100, 200, route.ASN(1001+i))
		}
	}
	w.later(2 * route.Minute)
	return w.end()
}

func incidentText(t *testing.T, q *Inquiry, id string) (text, data []byte) {
	t.Helper()
	r, err := q.Incident(id)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	if data, err = json.MarshalIndent(r, "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), append(data, '\n')
}

func TestWhyAnIncidentOpened(t *testing.T) {
	q := leaked(t, "10.2.0.0/16")
	list, in := q.List()
	if len(list) != 1 || list[0].Kind != "leak" || list[0].Suspect != 300 || in != 12 {
		t.Fatalf("alerts: %d in incidents, and %+v", in, list)
	}
	text, data := incidentText(t, q, list[0].ID)
	golden(t, "leak.txt", text)
	golden(t, "leak.json", data)
	prefix, whole := prefixOf(t, q)
	golden(t, "leak-prefix.txt", prefix)
	golden(t, "leak-prefix.json", whole)

	// The alert of a prefix in it leads to it, by the beginning of its id.
	r, err := q.Prefix()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range r.Alerts {
		if a.Incident == "" {
			continue
		}
		whole, err := q.Incident(a.ID[:8])
		if err != nil || whole.ID != list[0].ID || whole.Asked == nil || whole.Asked.ID != a.ID {
			t.Errorf("asked for %s: %+v, %v", a.ID, whole, err)
		}
	}
}

// TestTheTestsOfAnIncidentAreThoseThatDecided holds what is shown against what
// the alert says of itself.
func TestTheTestsOfAnIncidentAreThoseThatDecided(t *testing.T) {
	q := leaked(t, "")
	list, _ := q.List()
	r, err := q.Incident(list[0].ID)
	if err != nil || len(r.Openings) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	o := r.Openings[0]
	if o.Rule != r.Alert.Rule || o.At != r.Alert.Opened || o.Closed != r.Alert.Closed || o.Why != r.Alert.CloseReason {
		t.Errorf("opening %+v of alert %+v", o, r.Alert)
	}
	decided := false
	for _, rule := range o.Rules {
		decided = decided || rule.Rule == o.Rule && rule.Holds
		for _, c := range rule.Checks {
			if !c.YesNo && c.Holds != (c.Have >= c.Need) {
				t.Errorf("%s: %+v", rule.Rule, c)
			}
		}
	}
	if !decided {
		t.Errorf("rule %s is not among those that held: %+v", o.Rule, o.Rules)
	}
	if len(o.First) == 0 || o.First[0].At != r.Alert.FirstEvidence {
		t.Errorf("first evidence %+v, the alert says %v", o.First, r.Alert.FirstEvidence)
	}
}

// TestTheAlertsAreThoseOfADetourThatExplainsNothing holds what an Inquiry judges
// against a line that nobody asks.
func TestTheAlertsAreThoseOfADetourThatExplainsNothing(t *testing.T) {
	var plain []*alert.Alert
	l, err := processor.NewLine(processor.LineConfig{Correlate: correlate.Config{Maturity: correlate.MatureYes}},
		func(a *alert.Alert) { plain = append(plain, a) })
	if err != nil {
		t.Fatal(err)
	}
	q := leakedBeside(t, "10.2.0.0/16", l)
	if err := l.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := newThreads()
	for _, a := range plain {
		want.add(a)
	}
	if len(plain) == 0 || len(want.order) != len(q.alerts.order) {
		t.Fatalf("%d alerts, explained %d", len(want.order), len(q.alerts.order))
	}
	for i, th := range want.order {
		a, errA := json.Marshal(th.all)
		b, errB := json.Marshal(q.alerts.order[i].all)
		if d := cmp.Diff(string(a), string(b)); d != "" || errA != nil || errB != nil {
			t.Errorf("alert %s (-plain +explained):\n%s", th.first.ID, d)
		}
	}
}

func TestAWatchedPrefixOpensByItsOwnRule(t *testing.T) {
	cfg := asking("10.8.0.0/16", correlate.Outside{Watch: watchOf(t, "10.8.0.0/16 AS1009\n")})
	w := newWorld(t, cfg, 10, 20, 30)
	primed(w)
	for peer := range w.peers {
		w.announce(peer, "10.8.0.0/16", 100, 400, 401, 200, 1009)
		w.later(route.Second)
	}
	q := w.end()
	list, _ := q.List()
	if len(list) != 1 || list[0].Rule != "watched-transit" {
		t.Fatalf("alerts: %+v", list)
	}
	text, _ := incidentText(t, q, list[0].ID)
	golden(t, "watched-transit.txt", text)
}

func TestIDsAreFoundByTheirBeginning(t *testing.T) {
	q := leaked(t, "")
	if _, err := q.Incident("zzzz"); !errors.Is(err, ErrUnknownID) {
		t.Errorf("an unknown id: %v", err)
	}
	if _, err := q.Incident(""); err == nil || !strings.Contains(err.Error(), "13 alerts have an id that begins with") {
		t.Errorf("an empty id: %v", err)
	}
	w := newWorld(t, asking("", correlate.Outside{}), 10)
	primed(w)
	if _, err := w.end().Incident("zzzz"); !errors.Is(err, ErrNoAlerts) {
		t.Errorf("no alert at all: %v", err)
	}
}

const corpus = "../../../shared/corpus"

// TestTelegram explains the hijack of 2026-06-16 from its recording.
func TestTelegram(t *testing.T) {
	file := filepath.Join(corpus, "incident/derived.telegram-hijack-20260616.ripestat.mrt.gz")
	if _, err := os.Stat(file); err != nil {
		t.Skipf("corpus absent: %v", err)
	}
	ask := func(prefix string) *Inquiry {
		t.Helper()
		q, err := New(asking(prefix, correlate.Outside{}))
		if err != nil {
			t.Fatal(err)
		}
		s, err := replay.New(replay.Config{Files: []string{file}}, q)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.Run(t.Context()), q.Finish(t.Context(), false)); err != nil {
			t.Fatal(err)
		}
		return q
	}
	q := ask("91.108.56.0/23")
	list, _ := q.List()
	if len(list) != 1 || list[0].Suspect != 18101 {
		t.Fatalf("incidents: %+v", list)
	}
	r, err := q.Incident(list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if answer := strings.Join(r.Answer, " "); !strings.Contains(answer, "by rule "+list[0].Rule) ||
		!strings.Contains(answer, "stuck-at-peers") {
		t.Errorf("the incident: %s", answer)
	}
	hit, err := q.Prefix()
	if err != nil {
		t.Fatal(err)
	}
	if answer := strings.Join(hit.Answer, " "); !strings.Contains(answer, "It is part of incident "+list[0].ID) {
		t.Errorf("a prefix that was hit: %s", answer)
	}
	// Nothing of it is known from before, so that AS18101 became one of its
	// origins: the recording holds routes of it before anything else is known.
	quiet, err := ask("149.154.161.0/24").Prefix()
	if err != nil {
		t.Fatal(err)
	}
	if answer := strings.Join(quiet.Answer, " "); !strings.Contains(answer, "No alert speaks of 149.154.161.0/24") ||
		!strings.Contains(answer, "It is expected from each of AS18101, AS62041") {
		t.Errorf("a prefix that was not told of: %s", answer)
	}
}
