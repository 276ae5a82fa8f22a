package named

import (
	"slices"
	"strings"
	"testing"

	"detour/route"
)

func TestDefinitionsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range All() {
		if seen[s.Name] {
			t.Errorf("%s: twice", s.Name)
		}
		seen[s.Name] = true
		if !strings.HasPrefix(s.Name, s.begins.Format("2006-01-02")+" ") {
			t.Errorf("%s: begins on %v", s.Name, s.begins)
		}
		if s.Class == "" || s.Story == "" || len(s.Facts) == 0 || len(s.Made) == 0 || len(s.Views) == 0 || s.Churn.Rate <= 0 {
			t.Errorf("%s: no class, story, facts, constructions, views or traffic", s.Name)
		}
		for _, f := range s.Facts {
			if f.Text == "" || f.Source == "" {
				t.Errorf("%s: fact without text or source: %+v", s.Name, f)
			}
		}
		views := map[Inputs]bool{}
		for i := range s.Views {
			v := &s.Views[i]
			if views[v.Inputs] {
				t.Errorf("%s: two views with %v", s.Name, v.Inputs)
			}
			views[v.Inputs] = true
			if v.Knows == "" || (len(v.Wants) == 0) != (v.Cannot != "") {
				t.Errorf("%s with %v: what is known, and either what must be said or why nothing can", s.Name, v.Inputs)
			}
			for _, w := range append(slices.Clone(v.Wants), v.May...) {
				if len(w.Kinds) == 0 || w.Suspect == 0 && w.Origin == 0 {
					t.Errorf("%s with %v wants nothing in particular: %+v", s.Name, v.Inputs, w)
				}
			}
		}
	}
}

// TestEveryIncidentOnTheListIsTold holds the list against the incidents that the
// evaluation must have.
func TestEveryIncidentOnTheListIsTold(t *testing.T) {
	want := []string{
		"2008-02-24", "2015-06-12", "2015-11-06", "2017-08-25", "2018-04-24", "2018-11-12", "2019-06-06", "2020-04-01",
		"2020-07-17", "2021-04-16", "2021-10-04", "2022-02-03", "2024-01-03", "2024-06-27", "2025-07-14",
	}
	for _, date := range want {
		if !slices.ContainsFunc(All(), func(s Scenario) bool { return strings.HasPrefix(s.Name, date) }) {
			t.Errorf("nothing of %s", date)
		}
	}
}

func TestInputsAndWantsInWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Inputs{}.String(), "nothing"},
		{Inputs{RIB: true, VRPs: true, Watch: true}.String(), "RIB, VRPs, watched"},
		{
			(&Want{Kinds: []string{"leak"}, Suspect: 1, ExportedTo: []route.ASN{2, 3}, LearnedFrom: []route.ASN{4}}).String(),
			"leak by AS1 exported to AS2 or AS3 learned from AS4",
		},
		{
			(&Want{Kinds: []string{"visibility-loss"}, Origin: 5, Tag: "consequential"}).String(),
			"visibility-loss of AS5, consequential",
		},
		{
			(&Want{Kinds: []string{"hijack", "leak"}, Suspect: 6, Prefix: prefixOf("1.1.1.0/24")}).String(),
			"hijack or leak by AS6 on 1.1.1.0/24",
		},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func prefixOf(s string) *route.Prefix {
	p := route.MustPrefix(s)
	return &p
}
