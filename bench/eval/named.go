package eval

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"detour/internal/scenario/named"
	"detour/processor/reference"
)

// namedPart retells incidents on record, each with the inputs that it states.
func namedPart() part {
	return part{name: "named", title: "Incidents on record, retold over a generated Internet", run: (*suite).named}
}

// namedJob is one scenario with one set of inputs.
type namedJob struct {
	scenario *named.Scenario
	view     *named.View
	first    bool // of its scenario
}

// telling is the view that the short form runs: the first of which something must
// be said.
func telling(s *named.Scenario) int {
	return max(0, slices.IndexFunc(s.Views, func(v named.View) bool { return len(v.Wants) > 0 }))
}

// namedWorld is a world with its relationships as a file gives them.
type namedWorld struct {
	*named.World
	rel *reference.Relationships
}

func (s *suite) named(ctx context.Context) (*Part, error) {
	worlds, err := namedWorlds()
	if err != nil {
		return nil, err
	}
	all := named.All()
	var jobs, floods []namedJob
	for i := range all {
		one := telling(&all[i])
		for k := range all[i].Views {
			j := namedJob{&all[i], &all[i].Views[k], k == 0 || s.Short}
			switch {
			case s.Short && k != one:
			case all[i].Class == named.Flood: // what it holds can be measured only if nobody else runs
				floods = append(floods, j)
			default:
				jobs = append(jobs, j)
			}
		}
	}
	done, err := each(ctx, len(jobs), func(ctx context.Context, i int) (*namedRun, error) {
		return s.namedOne(ctx, jobs[i], worlds[jobs[i].scenario.IPv6])
	})
	if err != nil {
		return nil, err
	}
	for _, j := range floods {
		r, err := s.namedOne(ctx, j, worlds[j.scenario.IPv6])
		if err != nil {
			return nil, err
		}
		done = append(done, r)
	}
	p := &Part{Notes: []string{
		"A generated Internet of 12,000 networks, 40 full feeds and 105,000 IPv4 or 24,000 IPv6 prefixes, in which the " +
			"networks of the incidents have the neighbours that the incident needs, by construction. Times are those of the " +
			"day unless said otherwise. Each run: the table of an hour before, if a RIB is among the inputs, minutes of " +
			"ordinary traffic, the incident, and minutes behind it.",
	}}
	for _, r := range done {
		p.addNamed(r)
	}
	return p, nil
}

func namedWorlds() (map[bool]*namedWorld, error) {
	worlds := map[bool]*namedWorld{}
	for _, v6 := range []bool{false, true} {
		w, err := named.NewWorld(v6)
		if err != nil {
			return nil, err
		}
		rel, err := relationshipsOf(w.Table.Graph())
		if err != nil {
			return nil, err
		}
		worlds[v6] = &namedWorld{w, rel}
	}
	return worlds, nil
}

// namedOne makes and runs one job.
func (s *suite) namedOne(ctx context.Context, j namedJob, w *namedWorld) (*namedRun, error) {
	e, err := j.scenario.Make(w.World)
	if err != nil {
		return nil, err
	}
	r := &namedRun{job: j, event: e}
	if j.scenario.Class == named.Flood {
		r.heap = func() uint64 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
	}
	if r.outcome, err = r.run(ctx, w); err != nil {
		return nil, fmt.Errorf("%s with %v: %w", j.scenario.Name, j.view.Inputs, err)
	}
	r.judge()
	if s.Verbose {
		s.sayNamed(r)
	}
	return r, nil
}

func (s *suite) sayNamed(r *namedRun) {
	s.say("named, %s, %v: %s", r.job.scenario.Name, r.job.view.Inputs, r.reached())
	for _, t := range r.outcome.Told {
		s.say("    %s %s %v AS%v by %s after %.1f s, %d bad prefixes: %s", t.First.Scope, t.First.Kind, t.First.Severity,
			t.First.Suspect, t.First.Rule, seconds(t.First.Opened-r.event.Start), t.BadPrefixes, t.Last.Summary)
	}
}

// asked says in words what a view must say.
func asked(v *named.View) string {
	if len(v.Wants) == 0 {
		return "nothing"
	}
	var words []string
	for i := range v.Wants {
		words = append(words, v.Wants[i].String())
	}
	return strings.Join(words, "; ")
}

// addNamed adds a run's row, its case, what must hold of it, and its story.
func (p *Part) addNamed(r *namedRun) {
	s, v := r.job.scenario, r.job.view
	row := Row{Key: s.Name, Values: []Value{
		{Name: "class", Text: string(s.Class)},
		{Name: "inputs", Text: v.Inputs.String()},
		{Name: "must say", Text: asked(v)},
		{Name: "said", Text: r.reached()},
	}}
	if t := r.hit(); t != nil {
		row.Values = append(row.Values,
			Value{Name: "delay s", V: seconds(t.First.Opened - r.outcome.FirstBad), Better: Less},
			Value{Name: "bad prefixes", V: float64(t.BadPrefixes), Better: Less},
			Value{
				Name: "counted", V: float64(t.Last.Counts.Prefixes), Better: More,
				Text: fmt.Sprintf("%d of %d", t.Last.Counts.Prefixes, r.event.Prefixes),
			},
			Value{Name: "messages", V: float64(t.Messages), Better: Less})
	}
	row.Values = append(row.Values, Value{Name: "incidents", V: float64(r.objects), Better: Less},
		Value{Name: "false", V: float64(len(r.extra)), Better: Less})
	p.Rows = append(p.Rows, row)
	line := CaseLine{ID: "named/" + s.Name + "/" + v.Inputs.String(), Grade: r.grade().String(), Extra: len(r.extra)}
	if t := r.hit(); t != nil {
		line.Rule, line.Delay, line.Prefixes = t.First.Rule, seconds(t.First.Opened-r.outcome.FirstBad), t.BadPrefixes
	}
	p.Cases = append(p.Cases, line)
	name := s.Name + ", " + v.Inputs.String()
	p.must(name, asked(v), r.reached(), r.right())
	if r.heap != nil {
		p.must(name+": memory a never-seen prefix", fmt.Sprintf("≤ %d bytes, no table full", floodBytes), fmt.Sprintf(
			"%d bytes, %d refused", r.grown/max(uint64(r.event.Prefixes), 1), r.outcome.Line.Correlate.Refused.Degraded()),
			r.grown <= floodBytes*uint64(r.event.Prefixes) && r.outcome.Line.Correlate.Refused.Degraded() == 0)
	}
	if r.job.first {
		p.Notes = append(p.Notes, storyOf(s))
	}
}

// floodBytes is what a prefix that floods in may cost, at three of forty peers,
// in shard and correlator.
const floodBytes = 1024

// storyOf tells what a scenario is made of.
func storyOf(s *named.Scenario) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s.** %s Stated:", s.Name, s.Story)
	last := ""
	for i, f := range s.Facts {
		if i > 0 && f.Source != last {
			fmt.Fprintf(&b, " [%s]", last)
		}
		b.WriteString(map[bool]string{true: " ", false: "; "}[i == 0] + f.Text)
		last = f.Source
	}
	fmt.Fprintf(&b, " [%s]. By construction: %s.", last, strings.Join(s.Made, "; "))
	for i := range s.Views {
		v := &s.Views[i]
		fmt.Fprintf(&b, " With %v it can be known %s", v.Inputs, v.Knows)
		if v.Cannot != "" {
			fmt.Fprintf(&b, "; nothing can be said: %s", v.Cannot)
		}
		b.WriteString(".")
	}
	return b.String()
}
