package correlate

import (
	"detour/alert"
	"detour/route"
	"detour/wire"
)

// Correlator judges evidence ranges. It belongs to one goroutine.
type Correlator struct {
	cfg    Config `snapshot:"-"`
	shards []progress

	ingesters nameTable
	sessions  sessionTable
	firstHops map[uint64]struct{} // session, AS
	paths     *pathTable
	tables    tables `snapshot:"-"` // of the range at hand, and what spares looking it up
	merge     merge
	group     []*item `snapshot:"-"` // records of the update that is judged
	spent     []*run  `snapshot:"-"`

	known   *knowledge
	outside Outside `snapshot:"-"`
	hops    hops    `snapshot:"-"` // scratch of examine
	leaks   leaks
	origins origins
	losses  losses
	watch   watchTable
	holds   []trendHold // by due, since the wait is always the same; at most Hold/trendPause a trend of Limits.Watched
	census  census
	trust   trust

	prefixes    prefixTable
	recent      recent // changes that may turn out to be leaks
	claims      recent // and hijacks
	incidents   incidentTable
	routes      routeTable
	rested      []int       `snapshot:"-"` // scratch of life
	asns        []route.ASN `snapshot:"-"` // scratch
	unannounced []*incident `snapshot:"-"` // scratch of invalid
	gone        []route.ASN `snapshot:"-"` // scratch

	mature     bool       // the routes from before are known
	late       bool       // the evidence begins in the middle, and is only learned
	lateUntil  route.Time // until then; 0 before the first record
	learnUntil route.Time // before this origins are only learned
	nextVRPs   int
	renewed    bool       // outside knowledge was exchanged, and not looked at yet
	reignore   bool       `snapshot:"-"` // whom to ignore is to be found out
	ageDue     route.Time // when silent sessions are to be looked for

	cases  map[route.Prefix]*prefixCase
	timers heap[*prefixCase] // all cases, by when something is due
	idle   []*prefixCase     `snapshot:"-"` // for reuse
	moved  []*prefixCase     `snapshot:"-"` // scratch of loseRoutes
	held   int               // routes of all cases
	firing int               // alerts of prefixes
	tally  []tally           `snapshot:"-"` // scratch of suspect

	now      route.Time // Replay: greatest engine time judged
	stored   route.Time // when the server stored the range at hand; 0 unknown
	went     route.Time // for so long shards have gone on
	wentAt   route.Time // stored when one last did
	waited   route.Time `snapshot:"-"` // the watermark while what waited is judged, live; else 0
	explain  *Explainer `snapshot:"-"` // nil is none
	degraded bool       // a shard refused entries
	gapAt    route.Time // the last gap event
	gapSeen  bool

	silent    int      // ingesters
	missing   []string // words about those, as of
	missingAt route.Time

	stats   Stats
	refused *Refused
	skipped uint64 `snapshot:"-"` // records of the range at hand
	emit    func(*alert.Alert)
}

// New returns a Correlator that has seen nothing.
func New(cfg Config) *Correlator {
	cfg = cfg.withDefaults()
	c := &Correlator{
		cfg:        cfg,
		shards:     make([]progress, cfg.Shards),
		ingesters:  nameTable{names: []string{""}, heard: make([]hearing, 1)},
		sessions:   newSessionTable(),
		firstHops:  make(map[uint64]struct{}),
		paths:      newPathTable(cfg.Limits.Paths),
		cases:      make(map[route.Prefix]*prefixCase),
		refused:    new(Refused),
		outside:    cfg.Outside,
		explain:    cfg.Explain,
		incidents:  newIncidentTable(),
		watch:      watchTable{byPrefix: make(map[route.Prefix]*watched)},
		census:     census{told: make(map[censusKey]told64), prefixes: make(map[route.ASN]int)},
		trust:      trust{shown: make(map[route.Prefix][]shown)},
		losses:     losses{low: make(map[route.Prefix]lowPrefix), origins: make(map[route.ASN]*lowOrigin)},
		mature:     cfg.Maturity == MatureYes,
		learnUntil: lastTime,
		ageDue:     lastTime,
	}
	l := &c.cfg.Limits
	c.leaks.windows, c.leaks.judged = newWindows(l.Windows, &c.refused.Windows), nothingJudged
	c.origins = origins{windows: newWindows(l.Windows, &c.refused.Windows), claimants: make(map[asID]*claimant)}
	c.recent, c.claims = newRecent(l.Recent, &c.refused.Recent), newRecent(l.Recent, &c.refused.Recent)
	c.prefixes = newPrefixTable(l.Prefixes, &c.refused.Prefixes)
	for i := range c.shards {
		c.shards[i].Shard = uint32(i)
	}
	c.known = newKnowledge(&c.cfg, c.refused)
	c.merge.runs.less = c.lessRuns
	c.timers = heap[*prefixCase]{less: lessCases, moved: func(k *prefixCase, place int) { k.place = place }}
	return c
}

// Range takes one evidence range and calls emit for each alert that follows
// from it, in order. r is read during the call only; an alert belongs to emit.
// After an error the Correlator is as it was before: see ErrFuture, ErrStale,
// ErrBad and ErrFull; any other error is final. A range that was taken before is no
// error.
func (c *Correlator) Range(r *wire.Range, emit func(*alert.Alert)) error {
	h := &r.Header
	if err := checkHeader(h, len(c.shards)); err != nil {
		return err
	}
	c.emit = emit
	defer func() { c.emit = nil }()
	s := &c.shards[h.Shard]
	switch s.place(h) {
	case placeFuture:
		c.stats.Future++
		return ErrFuture
	case placeStale:
		c.stats.Stale++
		return ErrStale
	case placeTake:
		if s.jump && h.From > s.To && h.StreamCreated == s.StreamCreated {
			c.stats.Lost += h.From - s.To
			c.gapAt, c.gapSeen = max(s.Engine, c.gapAt), true
		}
		if err := c.take(r, s); err != nil {
			return err
		}
		s.jump = false
	default:
		if h.From == h.To {
			c.stats.Heartbeats++
		} else {
			c.stats.Duplicates++
		}
	}
	if s.known && h.StreamCreated != s.StreamCreated {
		c.stats.Restarts++
	}
	c.advance(s, h)
	w, ended := c.watermark()
	if c.cfg.Mode == Replay {
		c.release(w, ended)
	} else {
		c.catchUp()
	}
	c.fire(w)
	c.known.expire(c.clock())
	return nil
}

// Pass goes on behind a range without its records, which would otherwise be waited
// for: what they told is missing, as after a gap.
func (c *Correlator) Pass(h *wire.RangeHeader) {
	if checkHeader(h, len(c.shards)) != nil {
		return
	}
	s := &c.shards[h.Shard]
	if s.place(h) != placeTake {
		return
	}
	c.advance(s, h)
	c.stats.Passed++
	c.gapAt, c.gapSeen = max(c.gapAt, s.Engine), true
}

// take brings in the records of r that are new to s.
func (c *Correlator) take(r *wire.Range, s *progress) error {
	h := &r.Header
	if c.cfg.Mode == Replay {
		limit := c.cfg.Limits.Pending
		if c.lags(s) {
			limit *= 2
		}
		if c.merge.pending+r.NumRecords() > limit {
			return ErrFull
		}
	}
	mark := h.From
	if s.known && h.StreamCreated == s.StreamCreated {
		mark = max(s.To, h.From) // beyond it only where evidence was lost
	}
	in := c.merge.newRun(h.Shard)
	if h.Degraded && !s.degraded {
		it := item{}
		it.Kind, it.Engine = degradation, s.Engine
		in.items = append(in.items, it)
	}
	c.skipped = 0
	if err := c.translate(r, mark, in); err != nil {
		c.merge.recycle(in)
		return err
	}
	s.degraded = s.degraded || h.Degraded
	c.stats.Ranges++
	c.stats.Skipped += c.skipped
	c.stats.Records += uint64(r.NumRecords()) - c.skipped
	if c.cfg.Mode == Replay {
		c.hold(in)
	} else {
		c.receive(in, h.Engine)
	}
	return nil
}

// Lost says that evidence of an unknown shard was lost for good, so that the next
// range of each shard may lie beyond its mark.
func (c *Correlator) Lost() {
	for i := range c.shards {
		c.shards[i].jump = true
	}
}

// clock returns the engine time by which tables forget: what was judged in
// Replay, so that forgetting does not depend on the cut of ranges, and the
// slowest shard's time when Live.
func (c *Correlator) clock() route.Time {
	if c.cfg.Mode == Replay {
		return c.now
	}
	w, _ := c.watermark()
	return w
}
