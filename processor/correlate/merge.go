package correlate

import (
	"cmp"
	"slices"

	"detour/route"
)

// merge brings the runs of all shards into the one order of DESIGN §4.2.
type merge struct {
	runs    heap[*run]
	free    []*run `snapshot:"-"`
	pending int    // items in runs
	serial  uint64
}

// compareItems orders by engine time, ingester, update number and prefix. Items
// that it calls equal stand in the order of their shard.
func (c *Correlator) compareItems(a, b *item) int {
	if a.Engine != b.Engine {
		return cmp.Compare(a.Engine, b.Engine)
	}
	if a.Ingester != b.Ingester {
		return cmp.Compare(c.ingesters.names[a.Ingester], c.ingesters.names[b.Ingester])
	}
	switch {
	case a.Number != b.Number:
		return cmp.Compare(a.Number, b.Number)
	case a.Prefix.Less(b.Prefix):
		return -1
	case b.Prefix.Less(a.Prefix):
		return 1
	}
	return 0
}

func (c *Correlator) lessRuns(a, b *run) bool {
	if d := c.compareItems(a.head(), b.head()); d != 0 {
		return d < 0
	}
	if a.shard != b.shard {
		return a.shard < b.shard
	}
	return a.serial < b.serial
}

// hold puts a run's items among the pending ones.
func (c *Correlator) hold(r *run) {
	if len(r.items) == 0 {
		c.merge.recycle(r)
		return
	}
	for i := range r.items {
		r.order = append(r.order, uint32(i))
	}
	slices.SortFunc(r.order, func(a, b uint32) int {
		if d := c.compareItems(&r.items[a], &r.items[b]); d != 0 {
			return d
		}
		return cmp.Compare(a, b)
	})
	c.merge.pending += len(r.items)
	c.merge.runs.push(r)
}

// release judges all pending items before engine time w, or all there are.
func (c *Correlator) release(w route.Time, all bool) {
	runs := &c.merge.runs
	c.group = c.group[:0]
	for len(runs.items) > 0 {
		r := runs.items[0]
		it := r.head()
		if !all && it.Engine >= w {
			break
		}
		if len(c.group) > 0 && !sameUpdate(c.group[0], it) {
			c.judge(c.group)
			c.group = c.group[:0]
		}
		c.group = append(c.group, it)
		c.merge.pending--
		if r.at++; r.at < len(r.order) {
			runs.fix(0)
			continue
		}
		runs.remove(0)
		c.spent = append(c.spent, r) // c.group points into it
	}
	if len(c.group) > 0 {
		c.judge(c.group)
		c.group = c.group[:0]
	}
	for _, r := range c.spent {
		c.merge.recycle(r)
	}
	clear(c.spent)
	c.spent = c.spent[:0]
}

// judgeRun judges a run in the order of its arrival, update by update.
func (c *Correlator) judgeRun(r *run) {
	c.group = c.group[:0]
	for i := range r.items {
		it := &r.items[i]
		if len(c.group) > 0 && !sameUpdate(c.group[0], it) {
			c.judge(c.group)
			c.group = c.group[:0]
		}
		c.group = append(c.group, it)
	}
	if len(c.group) > 0 {
		c.judge(c.group)
	}
	c.group = c.group[:0]
	c.merge.recycle(r)
}

func sameUpdate(a, b *item) bool {
	return a.Engine == b.Engine && a.Ingester == b.Ingester && a.Number == b.Number
}
