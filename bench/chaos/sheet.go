package chaos

import (
	"fmt"
	"strings"
	"time"

	"detour/bench/report"
)

// sheet is the table of all runs.
type sheet struct {
	o      *Options
	table  report.Table
	notes  []string
	said   int // of the notes
	failed int
}

func newSheet(o *Options) *sheet {
	return &sheet{o: o, table: report.Table{
		Name: "cases", Title: "What was told in spite of it",
		Columns: []string{"case", "asked", "longest pause", "silence", "usual", "alerts", "lost", "more", "twice", "verdict"},
	}}
}

// wrongMax bounds what is listed of one kind of difference.
const wrongMax = 5

// add judges a run and adds its row.
func (t *sheet) add(s *spec, r *trial) {
	wrong := r.wrong()
	if s.limit > 0 && r.longest > s.limit+s.slack {
		if late := fmt.Sprintf("pause of %v, asked %s", ms(r.longest), s.asked); t.o.Short {
			t.notes = append(t.notes, s.name+": "+late+" (not judged in the short form)")
		} else {
			wrong = append(wrong, late)
		}
	}
	verdict := "holds"
	if len(wrong) > 0 {
		verdict = "**fails**"
		t.failed++
		t.notes = append(t.notes, s.name+": "+strings.Join(wrong, "; "))
	}
	t.row(s, ms(r.longest), ms(r.silence), ms(r.usual), fmt.Sprint(r.messages), fmt.Sprint(len(r.lost)),
		fmt.Sprint(len(r.more)), fmt.Sprint(len(r.doubled)), verdict)
}

// wrong lists what must never be, whatever the machine does meanwhile.
func (r *trial) wrong() []string {
	wrong := append([]string(nil), r.problems...)
	for _, l := range []struct {
		what string
		list []string
	}{
		{"lost", r.lost},
		{"told beyond the undisturbed run", r.more},
		{"twice", r.doubled},
		{"revisions skipped", r.skipped},
	} {
		if n := len(l.list); n > 0 {
			some := strings.Join(l.list[:min(n, wrongMax)], ", ")
			wrong = append(wrong, fmt.Sprintf("%d %s: %s", n, l.what, some))
		}
	}
	if r.unheard > 0 {
		wrong = append(wrong, fmt.Sprintf("%d stored messages never reached a reader", r.unheard))
	}
	return wrong
}

func (t *sheet) row(s *spec, cells ...string) {
	row := append([]string{s.name, s.asked}, cells...)
	for len(row) < len(t.table.Columns)-1 {
		row = append(row, "")
	}
	t.table.Rows = append(t.table.Rows, row)
	t.o.Say(strings.Join(row, " | "))
	for ; t.said < len(t.notes); t.said++ {
		t.o.Say("  " + t.notes[t.said])
	}
}

// fail adds the row of a run that came to no end.
func (t *sheet) fail(s *spec, err error) {
	t.failed++
	t.notes = append(t.notes, s.name+": "+err.Error())
	t.row(s, "", "", "", "", "", "", "", "**fails**")
}

func (t *sheet) skip(s *spec, err error) {
	t.notes = append(t.notes, s.name+": "+err.Error())
	t.row(s, "", "", "", "", "", "", "", "did not run")
}

// median judges all runs of a case together.
func (t *sheet) median(s *spec, d time.Duration) {
	verdict := "holds"
	if d > electMedian {
		verdict = "**fails**"
		t.failed++
	}
	t.row(s, "median "+ms(d), "", "", "", "", "", "", verdict)
}

func ms(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func (t *sheet) section() *report.Section {
	s := &report.Section{
		Name: "chaos", Title: "A cluster of which something dies", Command: "make chaos", Tables: []report.Table{t.table},
		Notes: []string{
			"Three NATS servers (TLS, nkeys, 3 replicas), two ingesters, three processors and a sink, each a process, all on " +
				"this machine; at least 20,000 route elements a second, a leak whose leaker and segment are known, and a " +
				"hijack of a watched prefix every 40 ms. A pause is how long after it was due the alert of a hijack reached " +
				"a reader. Lost and more are incidents and prefix alerts against an undisturbed run.",
		},
	}
	s.Notes = append(s.Notes, t.notes...)
	return s
}
