package explain

import (
	"fmt"
	"strings"

	"detour/processor/correlate"
	"detour/route"
)

// Rule is what one rule said.
type Rule struct {
	Rule   string  `json:"rule"`
	Holds  bool    `json:"holds"`
	Failed int     `json:"failed"` // tests
	Short  int     `json:"short"`  // of the tests' needs together, in thousandths of a test
	Beside bool    `json:"beside"` // for a case that is not at hand: closed a short time before, or watched
	Checks []Check `json:"tests"`
}

// Check is one test of a rule: Have must be at least Need; with YesNo 1 is yes.
type Check struct {
	What  string `json:"what"`
	Have  int    `json:"have"`
	Need  int    `json:"need"`
	YesNo bool   `json:"yes_no,omitempty"`
	Holds bool   `json:"holds"`
}

func rulesOf(list []correlate.Verdict) []Rule {
	out := make([]Rule, 0, len(list))
	for _, v := range list {
		r := Rule{Rule: v.Rule, Holds: v.Holds, Failed: v.Failed, Short: v.Short(), Beside: v.Beside()}
		for _, t := range v.Tests {
			r.Checks = append(r.Checks, Check{What: t.What, Have: t.Have, Need: t.Need, YesNo: t.YesNo, Holds: t.Holds})
		}
		out = append(out, r)
	}
	return out
}

// closest returns the rule that is short of least, the first of several. Rules
// for a case that is not at hand come last.
func closest(rules []Rule) *Rule {
	var best *Rule
	for i := range rules {
		if r := &rules[i]; best == nil || !r.Beside && (best.Beside || r.Short < best.Short) {
			best = r
		}
	}
	return best
}

// lack says what a failed test would have needed.
func (c *Check) lack() string {
	if c.YesNo {
		return c.What
	}
	return fmt.Sprintf("%s %d, needs %d", c.What, c.Have, c.Need)
}

// margin says how narrowly a test held.
func (c *Check) margin() string {
	if c.YesNo {
		return "yes"
	}
	return fmt.Sprintf("%d, needs %d, %d to spare", c.Have, c.Need, c.Have-c.Need)
}

// without says what would have made the test fail.
func (c *Check) without() string {
	if c.YesNo {
		return "without this: " + c.What
	}
	return fmt.Sprintf("below %d %s (it had %d)", c.Need, c.What, c.Have)
}

// narrowest returns the test that held by the least, in proportion to what it
// needs; those that are yes or no come last.
func (r *Rule) narrowest() *Check {
	var best *Check
	for i := range r.Checks {
		c := &r.Checks[i]
		switch {
		case best == nil, best.YesNo && !c.YesNo:
			best = c
		case c.YesNo:
		case (c.Have-c.Need)*max(best.Need, 1) < (best.Have-best.Need)*max(c.Need, 1):
			best = c
		}
	}
	return best
}

// lacks joins what a rule lacked.
func (r *Rule) lacks() string {
	var list []string
	for i := range r.Checks {
		if !r.Checks[i].Holds {
			list = append(list, r.Checks[i].lack())
		}
	}
	return strings.Join(list, "; ")
}

// Numbers are what the rules for leaks look at, over two half-windows.
type Numbers struct {
	Origins       int        `json:"origins"`
	Contrast      int        `json:"origins_with_contrast"`
	Prefixes      int        `json:"prefixes"`
	Peers         int        `json:"peers"`
	Facts         int        `json:"facts"`
	Flips         int        `json:"flips"`
	Valleys       int        `json:"valleys"`
	Inflated      int        `json:"inflated"`
	MoreSpecifics int        `json:"more_specifics"`
	OTC           int        `json:"only_to_customer"`
	Adjacent      int        `json:"next_to_the_vantage_point"`
	Base          int        `json:"origins_before"` // that it was on the way to before
	Observed      int        `json:"observed"`       // distinct (next AS, origin) that it was seen with before
	Noise         int        `json:"noise"`
	ExportedTo    route.ASN  `json:"exported_to,omitempty"`
	LearnedFrom   route.ASN  `json:"learned_from,omitempty"`
	TopTo         int        `json:"exported_to_percent"`
	TopFrom       int        `json:"learned_from_percent"`
	DistinctFrom  int        `json:"next_hops"`
	Known         bool       `json:"known_well_enough"`
	Mature        bool       `json:"mature"`
	InFile        bool       `json:"in_relationship_file"`
	First         route.Time `json:"first_fact,omitzero"`
}

func numbersOf(in *correlate.Inputs) *Numbers {
	return &Numbers{
		Origins: in.Origins, Contrast: in.Contrast, Prefixes: in.Prefixes, Peers: in.Peers, Facts: in.Facts,
		Flips: in.Flips, Valleys: in.Valleys, Inflated: in.Inflated, MoreSpecifics: in.MoreSpecifics, OTC: in.OTC,
		Adjacent: in.Adjacent, Base: in.Base, Observed: in.Observed, Noise: in.Noise, ExportedTo: in.ExportedTo,
		LearnedFrom: in.LearnedFrom, TopTo: in.TopTo, TopFrom: in.TopFrom, DistinctFrom: in.DistinctFrom,
		Known: in.Known, Mature: in.Mature, InFile: in.InFile, First: in.First,
	}
}

// words says in one sentence what the rules saw.
func (n *Numbers) words() string {
	s := fmt.Sprintf("%s (%d with contrast), %s, %s, %s (%d flips, %d valleys)",
		count(n.Origins, "origin", "origins"), n.Contrast, count(n.Prefixes, "prefix", "prefixes"),
		count(n.Peers, "peer", "peers"), count(n.Facts, "fact", "facts"), n.Flips, n.Valleys)
	if n.ExportedTo != 0 {
		s += fmt.Sprintf("; exported to AS%d on %d %%", n.ExportedTo, n.TopTo)
	}
	if n.LearnedFrom != 0 {
		s += fmt.Sprintf("; learned from AS%d on %d %%, of %s", n.LearnedFrom, n.TopFrom,
			count(n.DistinctFrom, "next hop", "next hops"))
	}
	return s + fmt.Sprintf("; before, it was on the way to %s and seen %d times; noise %d",
		count(n.Base, "origin", "origins"), n.Observed, n.Noise)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
