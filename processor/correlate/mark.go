package correlate

import (
	"errors"
	"fmt"

	"detour/route"
	"detour/wire"
)

// Errors of Range after which the correlator is as it was before.
var (
	// ErrFuture: a range before this one is missing. It comes again, by resend
	// or from the other replica; then this one must, too.
	ErrFuture = errors.New("evidence range lies beyond the mark")
	// ErrStale: the range is of a stream that a newer one has replaced.
	ErrStale = errors.New("evidence range is of an older stream")
	// ErrFull: Replay holds too many records, because a shard lags. Give it that
	// shard's ranges first, then this range again. For the shard with the
	// smallest Mark.Engine itself it is final.
	ErrFull = errors.New("too many records wait for a slower shard")

	// ErrBad: the range cannot be of a shard of this deployment, whatever comes.
	ErrBad = errors.New("evidence range that no shard makes")

	errShard = fmt.Errorf("%w: it is of no known shard", ErrBad)
	errRange = fmt.Errorf("%w: it ends before it begins", ErrBad)
)

// Mark is how far the evidence of a shard was taken.
type Mark struct {
	Shard         uint32
	StreamCreated route.Time // 0 before the shard's first range
	To            uint64     // next expected sequence of the shard's stream
	Engine        route.Time // every later record has this engine time or a later one
	Ended         bool       // every ingester has ended the log of the shard; another may begin
}

// progress is a shard's Mark at work.
type progress struct {
	Mark
	known    bool
	moved    route.Time // Correlator.went when it last went on
	elements uint64     // route elements that the shard has applied
	degraded bool       // the shard said that it refused entries
	jump     bool       // evidence was lost: the next range may lie beyond the mark
}

// placement is what a range is to a mark.
type placement uint8

const (
	placeNone placement = iota
	placeTake
	placeProgress // nothing new but the engine time
	placeFuture
	placeStale
)

// place decides whether a range is taken (DESIGN §4.4), without changing p.
func (p *progress) place(h *wire.RangeHeader) placement {
	mark := p.To
	switch {
	case !p.known || h.StreamCreated > p.StreamCreated:
		mark = h.From
	case h.StreamCreated < p.StreamCreated:
		return placeStale
	}
	switch {
	case h.From > mark && (!p.jump || h.To <= h.From):
		return placeFuture
	case h.To <= mark:
		return placeProgress
	}
	return placeTake
}

// advance moves p to the end of a range that place let through, and reports whether
// it has gone on.
func (p *progress) advance(h *wire.RangeHeader) (on bool) {
	on = !p.known || h.StreamCreated != p.StreamCreated || h.To > p.To || h.Engine > p.Engine
	p.known = true
	if h.StreamCreated != p.StreamCreated {
		p.StreamCreated, p.To, p.Ended, p.elements = h.StreamCreated, h.From, false, 0
	}
	p.To = max(p.To, h.To)
	p.Engine = max(p.Engine, h.Engine)
	if h.To >= p.To { // a log that has ended may go on
		p.Ended = h.End
	}
	p.elements = max(p.elements, h.Elements)
	return on
}

// Marks returns the mark of each shard.
func (c *Correlator) Marks() []Mark {
	marks := make([]Mark, len(c.shards))
	for i := range c.shards {
		marks[i] = c.shards[i].Mark
	}
	return marks
}

// watermark returns the engine time before which nothing can come any more. At
// the end of all logs, ended is true and the time is the last one of any shard.
func (c *Correlator) watermark() (w route.Time, ended bool) {
	var last route.Time
	first, running := route.Time(0), false
	for i := range c.shards {
		s := &c.shards[i]
		last = max(last, s.Engine)
		switch {
		case !s.known:
			return 0, false
		case s.Ended:
		case !running || s.Engine < first:
			first, running = s.Engine, true
		}
	}
	if running {
		return first, false
	}
	return last, true
}

// lags reports whether s is among the shards that hold the watermark back.
func (c *Correlator) lags(s *progress) bool {
	w, ended := c.watermark()
	return ended || s.Engine <= w
}

func checkHeader(h *wire.RangeHeader, shards int) error {
	switch {
	case h.Shard >= uint32(shards) || h.Shards != uint32(shards):
		return fmt.Errorf("%w: %d of %d, not of %d", errShard, h.Shard, h.Shards, shards)
	case h.To < h.From:
		return fmt.Errorf("%w: [%d, %d)", errRange, h.From, h.To)
	}
	return nil
}
