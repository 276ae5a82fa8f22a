package eval

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func results() *Results {
	return &Results{
		Version: resultsVersion, Command: "detour eval", Date: "2026-01-02", Form: "long", Seeds: SeedsAll,
		Parts: []*Part{{
			Name: "leaks", Title: "Leaks", Notes: []string{`a "note"`},
			Rows: []Row{{Key: "all", Seeds: SeedsTuned, Values: []Value{
				{Name: "found", V: 90, Better: More},
				{Name: "delay", V: 3.25, Text: "3.3 / 9", Better: Less},
				{Name: "ns", V: 400, Better: Less, Clock: true},
				{Name: "runs", V: 100},
			}}},
			Cases: []CaseLine{
				{ID: "leaks/s1", Grade: "right", Rule: "flip", Delay: 2.5, Prefixes: 10},
				{ID: "leaks/s2", Grade: "missed"},
				{ID: "benign/s1", Grade: "silent"},
			},
		}, {Name: "empty", Title: "Nothing"}},
		Expectations: []Expectation{{"leaks", "a", "≥ 1", "2", true}, {"leaks", "b", "0", "7", false}},
		LeftOut:      []string{"x: corpus absent"},
	}
}

func TestResultsComeBackFromTheirFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "eval.json")
	want := results()
	if err := want.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := ReadResults(path)
	if err != nil {
		t.Fatal(err)
	}
	opts := cmp.Options{cmpopts.IgnoreUnexported(Part{}), cmpopts.EquateEmpty()}
	if d := cmp.Diff(want, got, opts); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if r, err := ReadResults(filepath.Join(t.TempDir(), "none")); r != nil || err != nil {
		t.Errorf("no file gives %v, %v", r, err)
	}
	want.Version++
	if err := want.Write(path); err != nil {
		t.Fatal(err)
	}
	if r, err := ReadResults(path); r != nil || err != nil {
		t.Errorf("results of another version give %v, %v", r, err)
	}
}

func TestARunIsComparedWithTheOneBefore(t *testing.T) {
	for name, c := range map[string]struct {
		change                 func(r *Results)
		better, worse, neither int
	}{
		"nothing":              {func(*Results) {}, 0, 0, 0},
		"one more found":       {func(r *Results) { r.Parts[0].Rows[0].Values[0].V++ }, 1, 0, 0},
		"longer delay":         {func(r *Results) { r.Parts[0].Rows[0].Values[1].V++ }, 0, 1, 0},
		"only words":           {func(r *Results) { r.Parts[0].Rows[0].Values[1].Text = "x" }, 0, 0, 1},
		"a little slower":      {func(r *Results) { r.Parts[0].Rows[0].Values[2].V *= 1.2 }, 0, 0, 0},
		"much slower":          {func(r *Results) { r.Parts[0].Rows[0].Values[2].V *= 2 }, 0, 0, 1},
		"other runs":           {func(r *Results) { r.Parts[0].Rows[0].Values[3].V = 90 }, 0, 0, 1},
		"a case lost":          {func(r *Results) { r.Parts[0].Cases[0].Grade = "missed" }, 0, 1, 0},
		"a case found":         {func(r *Results) { r.Parts[0].Cases[1].Grade = "adjacent" }, 1, 0, 0},
		"a false alarm":        {func(r *Results) { r.Parts[0].Cases[2].Grade = "false" }, 0, 1, 0},
		"one incident more":    {func(r *Results) { r.Parts[0].Cases[0].Extra = 1 }, 0, 1, 0},
		"another rule":         {func(r *Results) { r.Parts[0].Cases[0].Rule = "struct" }, 0, 0, 0},
		"a case of another id": {func(r *Results) { r.Parts[0].Cases[1] = CaseLine{ID: "x", Grade: "false"} }, 0, 0, 0},
		"rows of another form": {func(r *Results) { r.Form, r.Parts[0].Rows[0].Values[0].V = "short", 1 }, 0, 0, 0},
		"a part that is new":   {func(r *Results) { r.Parts[0].Name = "new" }, 0, 0, 0},
	} {
		r := results()
		c.change(r)
		better, worse, neither := Summary(r.Compare(results()))
		if better != c.better || worse != c.worse || neither != c.neither {
			t.Errorf("%s: %d better, %d worse, %d differ, want %d, %d, %d", name, better, worse, neither, c.better, c.worse,
				c.neither)
		}
	}
}

func TestThePageShowsEverything(t *testing.T) {
	r := results()
	page := string(r.Markdown())
	for _, want := range []string{
		"# Results\n", "`detour eval`", "2026-01-02", "## Leaks", `a "note"`, "| tuned ", "| 3.3 / 9 ", "**fails**",
		"| holds ", "- x: corpus absent",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	if r.Failed() != 1 {
		t.Errorf("%d expectations fail, want 1", r.Failed())
	}
}

func TestShortFormsAskInProportion(t *testing.T) {
	for name, c := range map[string]struct {
		asked, of, got, runs int
		ok                   bool
	}{
		"all of it, enough":   {560, 600, 560, 600, true},
		"all of it, one less": {560, 600, 559, 600, false},
		"a tenth, one less":   {560, 600, 55, 60, true},
		"a tenth, two less":   {560, 600, 54, 60, false},
		"nothing ran":         {560, 600, 0, 0, false},
	} {
		p := &Part{}
		p.atLeast(name, c.asked, c.of, c.got, c.runs)
		if len(p.expect) != 1 || p.expect[0].OK != c.ok {
			t.Errorf("%s: %+v, want %t", name, p.expect, c.ok)
		}
	}
}

func TestOnePartIsMeasuredAnew(t *testing.T) {
	part := func(name, date string, ok bool) (*Part, Expectation) {
		return &Part{Name: name, Date: date}, Expectation{Part: name, Name: "x", OK: ok}
	}
	var old, now Results
	for _, name := range []string{"quiet", "telegram", "load", "gone"} {
		p, e := part(name, "old", false)
		old.Parts, old.Expectations = append(old.Parts, p), append(old.Expectations, e)
	}
	p, e := part("telegram", "new", true)
	now.Parts, now.Expectations, now.LeftOut = []*Part{p}, []Expectation{e}, []string{"load: corpus absent"}
	old.LeftOut = []string{"named: not measured yet"} // said once
	now.Keep(&old)
	var got []string
	for i, p := range now.Parts {
		got = append(got, p.Name+" "+p.Date, fmt.Sprint(now.Expectations[i].Part, now.Expectations[i].OK))
	}
	want := []string{"quiet old", "quietfalse", "telegram new", "telegramtrue"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if !slices.Contains(now.LeftOut, "named: not measured yet") || len(now.LeftOut) != len(Names())-2 {
		t.Errorf("left out: %q", now.LeftOut)
	}
}

// TestRowsOfOneNameAreComparedInTheirOrder compares a scenario that was run with
// two sets of inputs.
func TestRowsOfOneNameAreComparedInTheirOrder(t *testing.T) {
	rows := func(first, second float64) *Results {
		r := results()
		r.Parts = []*Part{{Name: "named", Rows: []Row{
			{Key: "2019", Values: []Value{{Name: "found", V: first, Better: More}}},
			{Key: "2019", Values: []Value{{Name: "found", V: second, Better: More}}},
		}}}
		return r
	}
	want := []Change{{"named", "2019, found", "1", "2", 1}}
	if diff := cmp.Diff(want, rows(2, 5).Compare(rows(1, 5))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
