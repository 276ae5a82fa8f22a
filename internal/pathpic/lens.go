package pathpic

import (
	"fmt"

	"detour/alert"
)

const defaultMost = 3

// BeforeAfter draws sample routes of an alert, each between its peer (left) and
// its origin (right): what both paths share on one line, the way before above
// it and dashed, the way after below it and red.
func BeforeAfter(a *alert.Alert, o Options) []byte {
	if o.Most == 0 {
		o.Most = defaultMost
	}
	if o.Title == "" {
		o.Title = a.Summary
	}
	var list []lens
	columns := 0
	for i := range a.Samples {
		s := &a.Samples[i]
		if len(list) == o.Most || o.Skip != nil && o.Skip(s) {
			continue
		}
		l := lensOf(s)
		list = append(list, l)
		columns = max(columns, l.columns())
	}
	c := newCanvas(a, &o)
	y := c.heading(o.Title, columns)
	for i := range list {
		c.printf(`<path class="rule" d="M%d %.0fh%d"/>`+"\n", margin, y-8, max(columns*pitch-pitch+boxWidth, 312))
		y = list[i].draw(c, y)
	}
	c.grow(0, y)
	return c.svg(o.Title, o.Note)
}

// lens is one sample: what its two paths share on both sides, and what lies
// between in each of them.
type lens struct {
	sample        *alert.Sample
	left, right   alert.Path
	before, after alert.Path
}

func lensOf(s *alert.Sample) lens {
	l := lens{sample: s, before: s.Before, after: s.After}
	n := 0
	for n < len(s.Before) && n < len(s.After) && s.Before[n] == s.After[n] {
		n++
	}
	l.left, l.before, l.after = s.After[:n], s.Before[n:], s.After[n:]
	n = 0
	for n < len(l.before) && n < len(l.after) && l.before[len(l.before)-1-n] == l.after[len(l.after)-1-n] {
		n++
	}
	l.right = l.after[len(l.after)-n:]
	l.before, l.after = l.before[:len(l.before)-n], l.after[:len(l.after)-n]
	return l
}

// between is how many columns lie between what both paths share.
func (l *lens) between() int { return max(len(l.before), len(l.after)) }

func (l *lens) columns() int { return len(l.left) + l.between() + len(l.right) }

// draw draws the sample below y and returns where it ends.
func (l *lens) draw(c *canvas, y float64) float64 {
	s := l.sample
	c.text("small", margin, y+10, heading(s))
	top := y + 22 + boxHeight/2 + 14
	mid := top
	if len(l.before) > 0 {
		mid += rowHeight
	}
	low := mid
	if len(l.after) > 0 {
		low += rowHeight
	}
	first := float64(margin + boxWidth/2)
	row := func(path alert.Path, from, y float64) []*node {
		list := make([]*node, len(path))
		for i, as := range path {
			list[i] = &node{as: as, x: from + float64(i*pitch), y: y, captAt: captionBelow}
		}
		return list
	}
	left := row(l.left, first, mid)
	right := row(l.right, first+float64((len(l.left)+l.between())*pitch), mid)
	before, after := l.spread(l.before, first, top), l.spread(l.after, first, low)
	for _, n := range before {
		n.gone, n.captAt = true, captionAbove
	}
	chain(c, "line", left)
	chain(c, "line", right)
	way(c, "before", left, before, right, len(s.Before) > 0)
	way(c, "after", left, after, right, len(s.After) > 0)
	markEnds(left, before, right)
	markEnds(left, after, right)
	for _, list := range [][]*node{left, before, after, right} {
		for _, n := range list {
			c.draw(n)
		}
	}
	return low + boxHeight/2 + margin + 12
}

// spread places the hops between what both paths share: evenly, and an end of a
// path at the right.
func (l *lens) spread(path alert.Path, first, y float64) []*node {
	list := make([]*node, len(path))
	for i, as := range path {
		at := (float64(i)+0.5)*float64(l.between())/float64(len(path)) - 0.5
		if len(l.right) == 0 {
			at = float64(i+1)*float64(l.between())/float64(len(path)) - 1
		}
		if len(l.left) == 0 && len(path) > 1 {
			at = float64(i) * float64(l.between()-1) / float64(len(path)-1)
		}
		list[i] = &node{as: as, x: first + (float64(len(l.left))+at)*pitch, y: y, captAt: captionBelow}
	}
	return list
}

func chain(c *canvas, class string, list []*node) {
	for i := 1; i < len(list); i++ {
		c.join(class, list[i-1], list[i])
	}
}

// way joins what is its own of a path to what both share.
func way(c *canvas, class string, left, own, right []*node, is bool) {
	if !is {
		return
	}
	var list []*node
	if n := len(left); n > 0 {
		list = append(list, left[n-1])
	}
	list = append(list, own...)
	if len(right) > 0 {
		list = append(list, right[0])
	}
	chain(c, class, list)
}

// markEnds says which node of a path is the peer and which the origin.
func markEnds(parts ...[]*node) {
	var list []*node
	for _, p := range parts {
		list = append(list, p...)
	}
	if n := len(list); n > 0 {
		list[n-1].role, list[0].role = "origin", "peer"
		if n == 1 {
			list[0].role = "peer and origin"
		}
	}
}

// heading says what route a sample shows.
func heading(s *alert.Sample) string {
	at := "AS" + s.Peer.ASN.String()
	if s.Peer.ASN == 0 {
		at = "a peer"
	}
	text := fmt.Sprintf("%v at %s: ", s.Prefix, at)
	switch {
	case len(s.Before) == 0:
		return text + fmt.Sprintf("no route before, %s after", count(s.After))
	case len(s.After) == 0:
		return text + fmt.Sprintf("%s before, no route after", count(s.Before))
	}
	return text + fmt.Sprintf("%s before (dashed), %d after", count(s.Before), len(s.After))
}

func count(p alert.Path) string {
	if len(p) == 1 {
		return "1 network"
	}
	return fmt.Sprintf("%d networks", len(p))
}
