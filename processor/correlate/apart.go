package correlate

import (
	"detour/route"
	"detour/wire"
)

// Shards of a live log run apart when recordings are played as fast as they go, or
// when a backlog is read: each goes as fast as it can. A leak of which one shard
// tells minutes of engine time before another is no leak to anybody. So when one is
// more than Config.Apart ahead, all wait and are judged in the order of Replay, until
// they are together again (docs/adr/0029). A shard that stands still for standstill
// while others go on is not waited for. That time is of the clock of the log's server,
// of which stepMost counts at most from one range to the next: when all stood still,
// none is to blame.
const (
	standstill = 3 * route.Second
	stepMost   = route.Second
)

// Stored says when the server stored the range that comes next, so that a shard
// that stands still is told from one that is merely behind. Without it nobody is
// waited for.
func (c *Correlator) Stored(t route.Time) { c.stored = t }

// advance moves s to the end of the range at hand, and notes when it has gone on.
func (c *Correlator) advance(s *progress, h *wire.RangeHeader) {
	if !s.advance(h) {
		return
	}
	c.went += min(max(0, c.stored-c.wentAt), stepMost)
	c.wentAt, s.moved = c.stored, c.went
}

// spread returns the engine time before which no shard that is waited for can bring
// anything, and whether the fastest, or engine, lies too far beyond it.
func (c *Correlator) spread(engine route.Time) (first route.Time, apart bool) {
	first, last, waits := engine, engine, false
	for i := range c.shards {
		s := &c.shards[i]
		last = max(last, s.Engine)
		if c.went-s.moved > standstill {
			continue
		}
		if !waits || s.Engine < first {
			first, waits = s.Engine, true
		}
	}
	return first, waits && last-first > c.cfg.Apart && c.stored != 0
}

// receive judges a run that came live, or lets it wait for slower shards.
func (c *Correlator) receive(r *run, engine route.Time) {
	_, apart := c.spread(engine)
	switch {
	case !apart && c.merge.pending == 0:
		c.judgeRun(r)
		return
	case c.merge.pending+len(r.items) > c.cfg.Limits.Pending:
		c.stats.Hurried += uint64(c.merge.pending)
		c.judgeWaiting(0, true)
	}
	c.hold(r)
}

// catchUp judges what waited as far as the slower shards have come.
func (c *Correlator) catchUp() {
	if c.merge.pending > 0 {
		first, apart := c.spread(0)
		c.judgeWaiting(first, !apart)
	}
}

func (c *Correlator) judgeWaiting(before route.Time, all bool) {
	c.waited, _ = c.watermark()
	c.release(before, all)
	c.waited = 0
}
