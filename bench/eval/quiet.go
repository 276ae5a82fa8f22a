package eval

import (
	"context"
	"fmt"
	"path"
	"strings"

	"detour/alert"
	"detour/ingest/replay"
	"detour/processor"
	"detour/processor/reference"
	"detour/route"
)

// recordingSpec is ordinary traffic, in which nothing is known to have happened.
type recordingSpec struct {
	file  string
	table string // that goes with it, or ""
}

func quietRecordings() []recordingSpec {
	return []recordingSpec{
		{"mrt/routeviews.updates.20241028.0000.bz2", ""},
		{"mrt/ris.rrc00.updates.20190101.0000.gz", ""},
		{"csv/derived.balancer-20230920.updates.rrc06.mrt.gz", balancerTable},
		{"mrt/routeviews.eqix.updates.20170706.2345.gz", ""},
		{"mrt/routeviews.sg.updates.20170706.2345.gz", ""},
		{"mrt/ris.updates.20170103.0630.mrt", ""},
		{"mrt/ris.updates.20070211.0141.gz", ""},
		{"mrt/routeviews.updates.20011026.1322.mrt", ""},
		{"mrt/routeviews.jinx.updates.20140530.2340.bz2", "mrt/routeviews.jinx.rib.20140530.2200.bz2"},
		{"mrt/routeviews.jinx.updates.20150401.0000.bz2", ""},
		{tableTransfer, ""},
	}
}

// variant is what the engine knows before a recording begins.
type variant struct {
	name   string
	prime  bool // with the recording itself, or the table that goes with it
	mature bool
}

func quietVariants() []variant {
	return []variant{{"cold", false, false}, {"primed", true, false}, {"primed, mature yes", true, true}}
}

// quietRun is one recording in one variant.
type quietRun struct {
	recordingSpec
	variant
	learn route.Time
}

func (q quietRun) id() string {
	learn := "auto"
	if q.learn > 0 {
		learn = fmt.Sprintf("%d s", q.learn/route.Second)
	}
	return fmt.Sprintf("quiet/%s/%s/learn %s", path.Base(q.file), q.name, learn)
}

// quietFigures is what one run gave.
type quietFigures struct {
	announced, withdrawn uint64
	span                 route.Time
	incidents, others    []*Told
	line                 processor.LineStats
}

func quietPart() part {
	return part{name: "quiet", title: "Quiet recordings", run: (*suite).quiet}
}

func (s *suite) quiet(ctx context.Context) (*Part, error) {
	var runs []quietRun
	absent := 0
	for _, rec := range quietRecordings() {
		if !s.has(rec.file) || rec.table != "" && !s.has(rec.table) {
			absent++
			continue
		}
		for _, v := range quietVariants() {
			for _, learn := range learnTimes(s.Short) {
				runs = append(runs, quietRun{rec, v, learn})
			}
		}
	}
	if len(runs) == 0 {
		return nil, leftOut("corpus absent")
	}
	figures, err := each(ctx, len(runs), func(ctx context.Context, i int) (*quietFigures, error) {
		return s.quietRun(ctx, runs[i], nil)
	})
	if err != nil {
		return nil, err
	}
	p := &Part{}
	if absent > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%d recordings are absent.", absent))
	}
	p.quietRows(runs, figures)
	return p, nil
}

// quietRows adds a row per recording, its incidents by learning time and
// variant, and what the whole says of the rate.
func (p *Part) quietRows(runs []quietRun, figures []*quietFigures) {
	var announced uint64
	var hours float64
	total := 0
	each := len(runs) / len(quietVariants()) / recordings(runs)
	perRecording := len(quietVariants()) * each
	for i := 0; i < len(runs); i += perRecording {
		f := figures[i] // cold, learning auto: the traffic is counted once
		if runs[i].file != tableTransfer {
			announced += f.announced
			hours += float64(f.span) / float64(route.Hour)
		}
		row := Row{Key: path.Base(runs[i].file), Values: []Value{
			{Name: "announcements", V: float64(f.announced)},
			{Name: "hours", V: float64(f.span) / float64(route.Hour)},
			{Name: "peers", V: float64(f.line.Correlate.Sessions)},
		}}
		for j := i; j < i+perRecording; j += each {
			n, texts := 0, []string{}
			for k := j; k < j+each; k++ {
				n += len(figures[k].incidents)
				texts = append(texts, fmt.Sprint(len(figures[k].incidents)))
				p.Cases = append(p.Cases, quietCase(runs[k], figures[k]))
			}
			total += n
			row.Values = append(row.Values, Value{
				Name: runs[j].name, V: float64(n), Text: strings.Join(texts, " / "), Better: Less,
			})
		}
		p.Rows = append(p.Rows, row)
	}
	rate := fmt.Sprintf("0; at most %.1f with 95 %% confidence", poissonBound(0)/(float64(announced)/1e6))
	if total > 0 {
		rate = fmt.Sprintf("%.2f", float64(total)/float64(perRecording)/(float64(announced)/1e6))
	}
	p.Notes = append(p.Notes,
		"Incidents with learning auto / 120 s / 300 s (short form: auto). Primed: with the table that goes with the "+
			"recording, else with the recording itself.",
		fmt.Sprintf("%.2f M announcements in %.1f h, the table transfer (et-header) not counted. False incidents per "+
			"million announcements: %s.", float64(announced)/1e6, hours, rate),
		"The rate on the live Internet is not measured.")
	p.must("Quiet recordings and the table transfer: incidents of any kind", "0", fmt.Sprint(total), total == 0)
}

// learnTimes are how long a session only teaches; 0 is auto.
func learnTimes(short bool) []route.Time {
	if short {
		return []route.Time{0}
	}
	return []route.Time{0, 120 * route.Second, 300 * route.Second}
}

// recordings counts the recordings of a list of runs.
func recordings(runs []quietRun) int {
	files := map[string]struct{}{}
	for _, r := range runs {
		files[r.file] = struct{}{}
	}
	return len(files)
}

func quietCase(q quietRun, f *quietFigures) CaseLine {
	c := CaseLine{ID: q.id(), Grade: Silent.String()}
	if n := len(f.incidents); n > 0 {
		c.Grade, c.Extra, c.Rule = False.String(), n-1, f.incidents[0].First.Rule
	}
	return c
}

// quietRun replays one recording; watch may be nil.
func (s *suite) quietRun(ctx context.Context, q quietRun, watch *reference.Watch) (*quietFigures, error) {
	cfg := replay.Config{Files: []string{s.file(q.file)}}
	if q.prime {
		cfg.Prime = cfg.Files
		if q.table != "" {
			cfg.Prime = []string{s.file(q.table)}
		}
	}
	t := newTally(0)
	setup := Setup{Learn: q.learn, Mature: q.mature, Watch: watch}
	l, err := processor.NewLine(setup.config(), func(a *alert.Alert) { t.take(a) })
	if err != nil {
		return nil, err
	}
	c := &counted{out: l}
	src, err := replay.New(cfg, c)
	if err != nil {
		return nil, err
	}
	if err := src.Run(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", q.id(), err)
	}
	f := &quietFigures{announced: c.announced, withdrawn: c.withdrawn, span: c.last - c.first, line: l.Stats()}
	for _, told := range t.all {
		if told.Incident() {
			f.incidents = append(f.incidents, told)
			s.say("%s: false %s of AS%v by %s: %s", q.id(), told.First.Kind, told.First.Suspect, told.First.Rule,
				told.First.Summary)
		} else {
			f.others = append(f.others, told)
		}
	}
	return f, nil
}

// counted is an ingest.Output that counts what is news.
type counted struct {
	out                  *processor.Line
	announced, withdrawn uint64
	first, last          route.Time
}

func (c *counted) Add(ctx context.Context, u *route.Update, s *route.Session) error {
	if u.Kind == route.KindUpdate && u.Flags&route.FlagTableDump == 0 {
		c.announced += uint64(len(u.Announced))
		c.withdrawn += uint64(len(u.Withdrawn))
		if c.first == 0 {
			c.first = u.Engine
		}
		c.last = u.Engine
	}
	return c.out.Add(ctx, u, s)
}

func (c *counted) Tick(ctx context.Context, t route.Time) error { return c.out.Tick(ctx, t) }
func (c *counted) End(ctx context.Context) error                { return c.out.End(ctx) }

// must adds an expectation.
func (p *Part) must(name, asked, reached string, ok bool) {
	p.expect = append(p.expect, Expectation{Name: name, Asked: asked, Reached: reached, OK: ok})
}
