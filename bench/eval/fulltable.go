package eval

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"detour/alert"
	"detour/internal/scenario"
	"detour/internal/scenario/fulltable"
	"detour/internal/scenario/topo"
	"detour/processor/reference"
	"detour/route"
)

// fullSpec is one replica of 2019-06-24 over a generated full table.
type fullSpec struct {
	name    string
	ases    int // networks; 0 is those of the Internet
	peers   int
	ramp    route.Time
	unseen  bool // neither the relationship file nor the leaker's own routes
	prefix4 int
	leak    fulltable.VerizonConfig
	long    bool // only in the long form
	full    bool // what must hold is asked of it
	alone   bool // nothing else runs beside it: what it costs is asked of it
}

func fullSpecs() []fullSpec {
	many := fullSpec{
		name: "200 of 400 peers, 2000 prefixes", peers: 400, prefix4: 80_000, ramp: 60 * route.Second, long: true,
		leak: fulltable.VerizonConfig{Prefixes: 2000, Origins: 400, Peers: 200},
	}
	return append(verizonSpecs(), many)
}

func fullPart() part {
	return part{name: "verizon", title: "2019-06-24 at full size, over a generated table", run: (*suite).full}
}

// Bounds that the replica of full size must keep.
const (
	fullBefore   = 100 // distinct bad prefixes before the opening
	fullPrefixes = 19_500
	fullOrigins  = 2_300
	fullMessages = 60
	fullPerNs    = 400 // a record, in the midst of the leak
)

func (s *suite) full(ctx context.Context) (*Part, error) {
	p := &Part{Notes: []string{
		"Full table, relationships, policy routing and churn are generated; size, ramp and which prefixes are by " +
			"construction. ≥ 20,000 prefixes of 2,400 networks leak for two hours, of 1 M in the table or of 100,000.",
	}}
	var together, alone []fullSpec
	var nets networks
	for _, spec := range fullSpecs() {
		if s.Short && spec.long {
			continue
		}
		if err := nets.make(spec.ases); err != nil {
			return nil, err
		}
		if spec.alone {
			alone = append(alone, spec)
		} else {
			together = append(together, spec)
		}
	}
	runs, err := each(ctx, len(together), func(ctx context.Context, i int) (*fullResult, error) {
		return s.fullRun(ctx, nets[together[i].ases], together[i])
	})
	if err != nil {
		return nil, err
	}
	for _, spec := range alone {
		r, err := s.fullRun(ctx, nets[spec.ases], spec)
		if err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	for _, r := range runs {
		p.fullResult(r)
	}
	return p, nil
}

// fullResult is what one replica came to.
type fullResult struct {
	spec    fullSpec
	facts   fulltable.VerizonFacts
	costs   costs
	weight  weight
	verdict Verdict
}

// fullResult adds a row and what must hold.
func (p *Part) fullResult(r *fullResult) {
	row := fullRow(r.spec, r.facts, &r.costs, &r.verdict)
	row.Values = append(row.Values, r.weight.values(r.spec.alone)...)
	p.Rows = append(p.Rows, row)
	p.Cases = append(p.Cases, fullCase(r.spec, &r.verdict))
	if r.spec.full {
		p.fullMust(r.spec, &r.verdict)
		p.fullCost(r.spec, &r.costs)
	}
}

// fullRun runs one replica.
func (s *suite) fullRun(ctx context.Context, net *network, spec fullSpec) (*fullResult, error) {
	r := &fullResult{spec: spec}
	end := r.weight.begin(s.Now)
	table, err := topo.NewTable(net.graph, topo.TableConfig{
		Peers: spec.peers, Prefixes4: spec.prefix4, Silent: map[bool][]route.ASN{true: {fulltable.Leaker}}[spec.unseen],
	}, 1)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spec.name, err)
	}
	cfg := spec.leak
	cfg.Ramp = spec.ramp
	v, err := fulltable.NewVerizon(table, cfg, 1)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spec.name, err)
	}
	r.facts = v.Facts()
	setup := Setup{Rel: net.rel}
	if spec.unseen {
		setup.Rel = nil
	}
	story := &tableStory{
		name: "2019-06-24", table: table, elements: r.weight.watch(v.Elements), start: r.facts.Start, end: r.facts.Gone,
		leakOver: r.facts.Start + spec.ramp + 30*route.Second, costs: &r.costs,
		churn: fulltable.ChurnConfig{Rate: churnRate, Except: func(a route.ASN) bool {
			return a == fulltable.Leaker || a == fulltable.Source
		}},
	}
	o, err := story.run(ctx, setup)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spec.name, err)
	}
	o.Case.Want = &scenario.Want{
		Kind: string(alert.KindLeak), Scope: string(alert.ScopeIncident), Suspect: fulltable.Leaker,
		ExportedTo: fulltable.Propagator, LearnedFrom: fulltable.Source,
	}
	r.verdict = Judge(o)
	end()
	s.say("verizon, %s: %v, %d further incidents, in %v", spec.name, r.verdict.Grade, r.verdict.Extra,
		r.weight.wall.Round(time.Second))
	if s.Verbose {
		for _, t := range r.verdict.Incidents {
			s.say("    %s AS%v by %s at %v: %s", t.First.Kind, t.First.Suspect, t.First.Rule, t.First.Opened.Std(),
				t.Last.Summary)
		}
	}
	return r, nil
}

func fullCase(spec fullSpec, v *Verdict) CaseLine {
	c := CaseLine{ID: "verizon/" + spec.name, Grade: v.Grade.String(), Rule: v.Rule, Extra: v.Extra}
	if v.Hit != nil {
		c.Delay, c.Prefixes = seconds(v.Delay), v.Hit.BadPrefixes
	}
	return c
}

func fullRow(spec fullSpec, f fulltable.VerizonFacts, c *costs, v *Verdict) Row {
	row := Row{Key: spec.name, Values: []Value{
		{Name: "peers", V: float64(spec.peers)},
		{Name: "that hear", V: float64(f.Peers)},
		{Name: "leaked", Text: fmt.Sprintf("%d of %d", f.Prefixes, f.Origins)},
		{Name: "told", Text: v.Grade.String()},
		{Name: "further incidents", V: float64(v.Extra), Better: Less},
	}}
	if v.Hit != nil {
		a := v.Hit.Last
		row.Values = append(row.Values,
			Value{Name: "segment", Text: segmentOf(v.Hit.First)},
			Value{Name: "rule", Text: v.Rule},
			Value{Name: "delay s", V: seconds(v.Delay), Better: Less},
			Value{Name: "bad prefixes", V: float64(v.Hit.BadPrefixes), Better: Less},
			Value{
				Name: "counted", V: float64(a.Counts.Prefixes), Better: More,
				Text: fmt.Sprintf("%d of %d", a.Counts.Prefixes, a.Counts.Origins),
			},
			Value{Name: "messages", V: float64(v.Messages), Better: Less},
			Value{Name: "closed", Text: closedOf(a, f)})
	}
	row.Values = append(row.Values, c.cost("ns/record quiet", costQuiet), c.cost("in the leak", costLeak))
	return row
}

func segmentOf(a *alert.Alert) string {
	if a.Segment == nil {
		return "–"
	}
	return fmt.Sprintf("%v %v %v", a.Segment.ExportedTo, a.Segment.Leaker, a.Segment.LearnedFrom)
}

func closedOf(a *alert.Alert, f fulltable.VerizonFacts) string {
	if a.Closed == 0 {
		return "no"
	}
	return fmt.Sprintf("%.0f s after the last withdrawal, %s", seconds(a.Closed-f.Gone), a.CloseReason)
}

// fullMust asks what must hold of a replica of full size.
func (p *Part) fullMust(spec fullSpec, v *Verdict) {
	name := "2019-06-24, " + spec.name
	if spec.unseen {
		told := v.Grade.String()
		if v.Hit != nil {
			told += fmt.Sprintf(", %s by %s", segmentOf(v.Hit.Last), v.Rule)
		}
		p.must(name+": still found", "found", told, v.Grade.found())
		return
	}
	if v.Hit == nil {
		p.must(name+": found", "one incident, 701 396531 33154", v.Grade.String(), false)
		return
	}
	first, last := v.Hit.First, v.Hit.Last
	p.must(name+": one incident, the triplet named", "1, 701 396531 33154",
		fmt.Sprintf("%d, %s", len(v.Incidents), segmentOf(last)),
		len(v.Incidents) == 1 && segmentOf(last) == "701 396531 33154")
	p.must(name+": opened within so many distinct bad prefixes", fmt.Sprintf("≤ %d", fullBefore),
		fmt.Sprintf("%d, %.1f s", v.Hit.BadPrefixes, seconds(v.Delay)), first.Kind == alert.KindLeak &&
			v.Hit.BadPrefixes <= fullBefore)
	p.must(name+": prefixes and origins counted", fmt.Sprintf("≥ %d, ≥ %d", fullPrefixes, fullOrigins),
		fmt.Sprintf("%d, %d", last.Counts.Prefixes, last.Counts.Origins),
		last.Counts.Prefixes >= fullPrefixes && last.Counts.Origins >= fullOrigins)
	p.must(name+": incident messages", fmt.Sprintf("≤ %d", fullMessages), fmt.Sprint(v.Messages),
		v.Messages <= fullMessages)
	p.must(name+": closed after the withdrawal", "resolved", string(last.Status)+" "+string(last.CloseReason),
		last.Status == alert.StatusResolved && last.CloseReason == alert.CloseWithdrawn)
}

// fullCost asks for the cost that the correlator may have at 40 peers.
func (p *Part) fullCost(spec fullSpec, c *costs) {
	if !spec.alone {
		return
	}
	leak, quiet := c.leak(), c.quiet()
	p.must("Correlator in a leak of 20,000 prefixes × 40 peers, a record", fmt.Sprintf("≤ %d ns", fullPerNs),
		fmt.Sprintf("%.0f ns", leak), leak <= fullPerNs)
	p.must("Correlator in that leak against quiet traffic, a record", "≤ 3 times",
		fmt.Sprintf("%.1f times", leak/quiet), leak <= 3*quiet)
}

// relationshipsOf writes a graph as a relationship file and reads it.
func relationshipsOf(g *topo.Graph) (*reference.Relationships, error) {
	var b bytes.Buffer
	if err := g.WriteRelationships(&b); err != nil {
		return nil, err
	}
	return reference.ReadRelationships(&b)
}
