package explain

import (
	"fmt"
	"slices"
	"strings"

	"detour/processor"
	"detour/route"
)

// telling ranks changes by how much they have to say.
func (c *Change) telling() int {
	switch {
	case c.Incident != "":
		return 4
	case slices.Contains(c.Facts, "origin-change"):
		return 3
	case len(c.Hops) > 0:
		return 2
	case len(c.Facts) > 0 || len(c.New) > 0:
		return 1
	}
	return 0
}

// row is a change, with how often the same one came.
type row struct {
	*Change
	times int
	last  route.Time
}

// rows joins changes of one peer between the same paths of which the same is to
// be said; a route that flaps would fill the page.
func rows(list []Change) (out []*row) {
	byText := map[string]*row{}
	for i := range list {
		c := &list[i]
		if c.Kind == processor.ChangeTable {
			continue
		}
		text := fmt.Sprint(c.Peer, c.Kind, c.Before, c.After, c.New, c.Facts, c.Why, c.Incident)
		if r := byText[text]; r != nil {
			r.times++
			r.last = c.At
			continue
		}
		r := &row{Change: c, times: 1, last: c.At}
		byText[text] = r
		out = append(out, r)
	}
	return out
}

// mostTelling returns the n rows that say most, the later ones of those that
// say as much, in their order.
func mostTelling(list []*row, n int) []*row {
	if n <= 0 || len(list) <= n {
		return list
	}
	ranked := slices.Clone(list)
	slices.Reverse(ranked)
	slices.SortStableFunc(ranked, func(a, b *row) int { return b.telling() - a.telling() })
	chosen := make(map[*row]bool, n)
	for _, r := range ranked[:n] {
		chosen[r] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(r *row) bool { return !chosen[r] })
}

func (r *PrefixReport) writeHistory(p *page, t Text) {
	total := r.Omitted
	for i := range r.History {
		if r.History[i].Kind != processor.ChangeTable {
			total++
		}
	}
	all := rows(r.History)
	list := mostTelling(all, t.Rows)
	head := fmt.Sprintf("Changes (%d", total)
	if len(list) < len(all) {
		head += ", those that say most shown"
	}
	p.section("%s)", head)
	for _, c := range list {
		held, again := "", ""
		if c.Held {
			held = " (held)"
		}
		if c.times > 1 {
			again = fmt.Sprintf(", %s until %s", times(c.times), clock(c.last))
		}
		p.line("  %s  %s  %s%s", clock(c.At), peerText(c.Peer), c.Kind, again)
		p.line("      %s%s → %s", pathText(c.Before, nil), held, pathText(c.After, c.New))
		text := slices.DeleteFunc([]string{strings.Join(c.Facts, ", "), c.Why}, func(s string) bool { return s == "" })
		if c.Incident != "" {
			text = append(text, "into incident "+c.Incident)
		}
		p.say("      ", strings.Join(text, "; "))
	}
}
