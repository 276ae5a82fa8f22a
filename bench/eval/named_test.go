package eval

import (
	"strings"
	"testing"

	"detour/alert"
	"detour/internal/scenario/named"
	"detour/route"
)

// TestANamedScenarioRuns runs one that is quick, with all that it states.
func TestANamedScenarioRuns(t *testing.T) {
	worlds, err := namedWorlds()
	if err != nil {
		t.Fatal(err)
	}
	s := &suite{}
	all := named.All()
	for i := range all {
		if all[i].Name != "2026-01-22 Cloudflare Miami" {
			continue
		}
		r, err := s.namedOne(t.Context(), namedJob{&all[i], &all[i].Views[0], true}, worlds[true])
		if err != nil {
			t.Fatal(err)
		}
		p := &Part{}
		p.addNamed(r)
		if !r.right() || r.grade() != Right || len(p.expect) != 1 || !p.expect[0].OK {
			t.Errorf("%s: %s", all[i].Name, r.reached())
		}
		if !strings.Contains(p.Notes[0], "By construction: ") || !strings.Contains(p.Notes[0], srcOf(&all[i])) {
			t.Errorf("the story does not say what is made up, or by whom it is told: %s", p.Notes[0])
		}
		return
	}
	t.Fatal("there is no such scenario")
}

func srcOf(s *named.Scenario) string { return s.Facts[0].Source }

func TestNamedVerdicts(t *testing.T) {
	one, part := route.MustPrefix("192.0.2.0/24"), route.MustPrefix("192.0.2.128/25")
	leak := func(change func(*alert.Alert)) *Told {
		a := &alert.Alert{
			Scope: alert.ScopeIncident, Kind: alert.KindLeak, Severity: alert.SeverityCritical, Suspect: 5,
			Status: alert.StatusResolved, Opened: 20 * route.Second,
			Segment: &alert.Segment{ExportedTo: 1, Leaker: 5, LearnedFrom: 9}, Counts: alert.Counts{Prefixes: 95},
		}
		change(a)
		return &Told{First: a, Last: a, Messages: 1}
	}
	same := func(*alert.Alert) {}
	want := named.Want{
		Kinds: []string{"leak"}, Scope: "incident", Suspect: 5, ExportedTo: []route.ASN{1, 2}, Share: 90,
		Within: 30 * route.Second,
	}
	cannot := named.View{Cannot: "it is invisible"}
	loud := named.View{Wants: []named.Want{want}, Most: 1}
	watched := named.View{Wants: []named.Want{{Kinds: []string{"unexpected-transit"}, Suspect: 5, Prefix: &one}}}
	prefix := func(p route.Prefix) *Told {
		return leak(func(a *alert.Alert) { a.Scope, a.Kind, a.Prefix = alert.ScopePrefix, alert.KindUnexpectedTransit, p })
	}
	few := leak(func(a *alert.Alert) { a.Counts.Prefixes = 80 })
	far := leak(func(a *alert.Alert) { a.Segment.ExportedTo = 3 })
	late := leak(func(a *alert.Alert) { a.Opened = route.Minute })
	open := leak(func(a *alert.Alert) { a.Status = alert.StatusFiring })
	other := leak(func(a *alert.Alert) { a.Suspect = 6 })
	note := leak(func(a *alert.Alert) { a.Severity = alert.SeverityInfo })
	for name, c := range map[string]struct {
		view  named.View
		told  []*Told
		right bool
		grade Grade
		says  string
	}{
		"what must be said is":     {loud, []*Told{leak(same)}, true, Right, "leak 1 5 9"},
		"nothing is":               {loud, nil, false, Missed, "missed: leak by AS5"},
		"another is named":         {loud, []*Told{other}, false, Missed, "without cause"},
		"another neighbour is":     {loud, []*Told{far}, false, Adjacent, "not whom it was exported to"},
		"it counts too few":        {loud, []*Told{few}, false, Adjacent, "80 of 100 prefixes"},
		"it comes late":            {loud, []*Told{late}, false, Adjacent, "after 50 s"},
		"it does not end":          {loud, []*Told{open}, false, Adjacent, "still firing"},
		"something else too":       {loud, []*Told{leak(same), other}, false, Adjacent, "without cause: leak"},
		"twice":                    {loud, []*Told{leak(same), leak(same)}, false, Adjacent, "2 incidents"},
		"a note beside":            {loud, []*Told{leak(same), note}, true, Right, "leak 1 5 9"},
		"nothing can be said":      {cannot, nil, true, Silent, "missed (as stated: it is invisible)"},
		"nothing can, but is":      {cannot, []*Told{leak(same)}, false, False, "without cause: leak 1 5 9"},
		"a watched prefix":         {watched, []*Told{prefix(one)}, true, Right, "on 192.0.2.0/24"},
		"a part of it":             {watched, []*Told{prefix(part)}, true, Right, "on 192.0.2.128/25"},
		"another prefix":           {watched, []*Told{prefix(route.MustPrefix("198.51.100.0/24"))}, false, Missed, "without"},
		"an incident in its stead": {watched, []*Told{leak(same)}, false, Missed, "without cause"},
	} {
		r := &namedRun{
			job: namedJob{view: &c.view}, event: &named.Event{Prefixes: 100},
			outcome: &Outcome{FirstBad: 10 * route.Second, Told: c.told},
		}
		r.judge()
		if r.right() != c.right || r.grade() != c.grade || !strings.Contains(r.reached(), c.says) {
			t.Errorf("%s: right %v, %v, %q", name, r.right(), r.grade(), r.reached())
		}
	}
}
