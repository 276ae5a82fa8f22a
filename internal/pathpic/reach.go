package pathpic

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"detour/alert"
	"detour/route"
)

// ErrNoSuspect says that no sample route of the alert runs through a suspect, so there is
// nowhere for routes to meet.
var ErrNoSuspect = errors.New("no sample route shows the suspect")

// Reach draws the sample routes of an alert as they are now, in one picture:
// they come from peers at the left, meet at the suspect, and spread to origins at
// the right. Only samples are drawn; how many there are in all is told beside.
func Reach(a *alert.Alert, o Options) ([]byte, error) {
	if o.Title == "" {
		o.Title = a.Summary
	}
	g := gather(a, &o)
	if len(g.rows) == 0 {
		return nil, ErrNoSuspect
	}
	c := newCanvas(a, &o)
	y := c.heading(o.Title, g.left+1+g.right)
	c.text("small", margin, y+8, fmt.Sprintf("seen by %d of %d peers", a.Counts.Peers, a.Counts.PeersTotal))
	last := float64(margin + (g.left+g.right)*pitch + boxWidth)
	c.text("small end", last, y+8, fmt.Sprintf("%d prefixes of %d networks", a.Counts.Prefixes, a.Counts.Origins))
	g.place(y + 20 + boxHeight)
	for _, e := range g.edges {
		c.join("after", g.nodes[e[0]], g.nodes[e[1]])
	}
	for _, n := range g.nodes {
		c.draw(n)
	}
	c.grow(0, y+20+boxHeight+float64(len(g.rows)-1)*rowHeight+boxHeight/2+margin+12)
	return c.svg(o.Title, o.Note), nil
}

// place of an AS: how many columns right of the suspect it stands.
type spot struct {
	column int
	as     route.ASN
}

// meeting is the sample routes laid over each other.
type meeting struct {
	rows        []alert.Path
	at          []int // place of the suspect on each row
	left, right int   // columns beside the suspect
	spots       map[spot]int
	nodes       []*node
	of          [][]int // rows of each node
	columns     []int   // of each node
	edges       [][2]int
}

func gather(a *alert.Alert, o *Options) *meeting {
	g := &meeting{spots: map[spot]int{}}
	for i := range a.Samples {
		s := &a.Samples[i]
		at := slices.Index(s.After, a.Suspect)
		if a.Suspect == 0 || at < 0 || o.Skip != nil && o.Skip(s) {
			continue
		}
		row := len(g.rows)
		g.rows, g.at = append(g.rows, s.After), append(g.at, at)
		g.left, g.right = max(g.left, at), max(g.right, len(s.After)-1-at)
		g.add(row, s.After, at)
	}
	return g
}

// add enters the hops of a row and the lines between them.
func (g *meeting) add(row int, path alert.Path, at int) {
	last := -1
	for i, as := range path {
		key := spot{i - at, as}
		n, ok := g.spots[key]
		if !ok || as == 0 {
			n = len(g.nodes)
			g.spots[key] = n
			g.nodes, g.of = append(g.nodes, &node{as: as, captAt: captionBelow}), append(g.of, nil)
			g.columns = append(g.columns, i-at)
		}
		if i == 0 {
			g.nodes[n].role = "peer"
		}
		if i == len(path)-1 {
			g.nodes[n].role = "origin"
		}
		g.of[n] = append(g.of[n], row)
		if last >= 0 && !slices.Contains(g.edges, [2]int{last, n}) {
			g.edges = append(g.edges, [2]int{last, n})
		}
		last = n
	}
}

// place gives each node its column, and in it a line near the middle of its
// rows.
func (g *meeting) place(top float64) {
	left, right := g.order(-1), g.order(+1)
	for column := -g.left; column <= g.right; column++ {
		rank := right
		if column < 0 {
			rank = left
		}
		g.placeColumn(column, rank, top)
	}
}

// order ranks the rows so that those which share hops beside the suspect lie
// beside each other: of one side, from the suspect outwards.
func (g *meeting) order(step int) (rank []int) {
	rows := make([]int, len(g.rows))
	for i := range rows {
		rows[i] = i
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		i, j := g.at[a]+step, g.at[b]+step
		for ; i >= 0 && i < len(g.rows[a]) && j >= 0 && j < len(g.rows[b]); i, j = i+step, j+step {
			if n := cmp.Compare(g.rows[a][i], g.rows[b][j]); n != 0 {
				return n
			}
		}
		return 0
	})
	rank = make([]int, len(rows))
	for place, row := range rows {
		rank[row] = place
	}
	return rank
}

// placeColumn places the nodes of a column, each on a line of its own.
func (g *meeting) placeColumn(column int, rank []int, top float64) {
	middle := func(n int) float64 {
		sum := 0
		for _, row := range g.of[n] {
			sum += rank[row]
		}
		return float64(sum) / float64(len(g.of[n]))
	}
	var list []int
	for n := range g.nodes {
		if g.columns[n] == column {
			list = append(list, n)
		}
	}
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(middle(a), middle(b)) })
	floor := -1.0
	for k, n := range list {
		below := float64(len(list) - 1 - k)
		floor = min(max(middle(n), floor+1), float64(len(g.rows)-1)-below)
		g.nodes[n].x = float64(margin + boxWidth/2 + (column+g.left)*pitch)
		g.nodes[n].y = top + floor*rowHeight
	}
}
