package explain

import (
	"context"
	"errors"

	"detour/alert"
	"detour/processor"
	"detour/processor/correlate"
	"detour/route"
)

// Config says what is asked, and with which knowledge evidence is judged.
type Config struct {
	Prefix route.Prefix // the zero Prefix asks for incidents alone
	Shards int          // of the log; 1 for recordings
	// Until stops at this moment; 0 goes to the end.
	Until     route.Time
	Correlate correlate.Config
	Watched   func(route.Prefix, route.ASN) bool // see processor.Config
	Source    Source
}

// Source says where the updates came from, for the report.
type Source struct {
	Files []string `json:"files,omitempty"`
	Prime []string `json:"rib,omitempty"`
	NATS  string   `json:"nats,omitempty"`
}

// ErrReached ends the feeding of an Inquiry whose moment has come. It is no
// fault: Finish comes next.
var ErrReached = errors.New("the moment asked for is reached")

// Inquiry is a private detour that notes what it thinks. It takes what
// stream.Publisher takes (Add, Tick, End), or a log's frames; Finish is called
// when all is in, then reports can be had. It belongs to one goroutine.
type Inquiry struct {
	cfg     Config
	line    *processor.Line
	notes   *correlate.Explainer
	history history
	alerts  *threads // as judged here
	stored  *threads // as a deployment has stored them; nil without one
	first   route.Time
	cut     bool // the log has lost its beginning, by age
	ended   bool

	unreadable int // alerts that a deployment has stored
}

// New returns an Inquiry that has seen nothing.
func New(cfg Config) (*Inquiry, error) {
	q := &Inquiry{
		cfg: cfg, notes: correlate.NewExplainer(cfg.Prefix), alerts: newThreads(),
		history: history{peers: make(map[route.Peer]*peerHistory), origins: make(map[route.ASN]OriginFirst)},
	}
	rules := cfg.Correlate
	rules.Explain, rules.Mode = q.notes, correlate.Replay
	line := processor.LineConfig{
		Shards: max(cfg.Shards, 1), Correlate: rules, Watched: cfg.Watched,
		RangeFrames: rangeFrames,
	}
	var err error
	q.line, err = processor.NewLine(line, func(a *alert.Alert) { q.alerts.add(a) })
	if err != nil {
		return nil, err
	}
	if cfg.Prefix.Family != 0 {
		q.line.Trace(cfg.Prefix, q.history.add)
	}
	if cfg.Until != 0 {
		q.line.Until(cfg.Until)
	}
	return q, nil
}

// rangeFrames cuts evidence less often than a live shard does: here nobody waits.
const rangeFrames = 16

// Add takes an update as stream.Publisher does, ErrReached when its time has
// passed Config.Until.
func (q *Inquiry) Add(ctx context.Context, u *route.Update, s *route.Session) error {
	q.begin(u.Engine)
	if q.cfg.Until != 0 && u.Engine > q.cfg.Until {
		return ErrReached
	}
	return q.line.Add(ctx, u, s)
}

// begin notes when the log begins.
func (q *Inquiry) begin(at route.Time) {
	if q.first == 0 {
		q.first = at
	}
}

// Tick lets engine time go on.
func (q *Inquiry) Tick(ctx context.Context, engine route.Time) error {
	q.begin(engine)
	if q.cfg.Until != 0 && engine > q.cfg.Until {
		return ErrReached
	}
	return q.line.Tick(ctx, engine)
}

// End does nothing: Finish ends the log.
func (q *Inquiry) End(context.Context) error { return nil }

// Frame takes one frame of a deployment's log.
func (q *Inquiry) Frame(
	ctx context.Context, shard int, sequence, missing uint64, stored route.Time, data []byte,
) error {
	return q.line.Frame(ctx, shard, sequence, missing, stored, data)
}

// EndShard says that a shard's log has ended.
func (q *Inquiry) EndShard(shard int) error { return q.line.EndShard(shard) }

// Finish judges what was held back. A log whose shards were ended needs no more;
// of recordings it is the end, at Config.Until where that was reached.
func (q *Inquiry) Finish(ctx context.Context, reached bool) error {
	if q.ended || q.cfg.Source.NATS != "" {
		return nil
	}
	q.ended = true
	for range 2 { // the first tick sends what was added, the second lets time go on
		if !reached {
			break
		}
		if err := q.line.Tick(ctx, q.cfg.Until); err != nil {
			return err
		}
	}
	return q.line.End(ctx)
}

// Empty reports whether nothing at all was seen.
func (q *Inquiry) Empty() bool {
	return q.line.Stats().Shards.Updates+q.line.Stats().Shards.Elements == 0
}

// First returns the engine time of the first update that was added, 0 for none.
func (q *Inquiry) First() route.Time { return q.first }

// Now returns the engine time up to which all is judged.
func (q *Inquiry) Now() route.Time { return q.line.Stats().Correlate.Watermark }

// Unreadable returns how many of a deployment's stored alerts could not be read.
func (q *Inquiry) Unreadable() int { return q.unreadable }

// lostWords says what of a deployment could not be read.
func (q *Inquiry) lostWords() (say []string) {
	if q.unreadable > 0 {
		say = append(say, count(q.unreadable, "stored alert", "stored alerts")+" could not be read, and count as if not "+
			"stored.")
	}
	if !q.cut {
		return say
	}
	return append(say, "The log begins at "+clock(q.first)+" UTC: what was before is gone by age, so that what is "+
		"normal, "+
		"and all that is "+
		"counted here, begins there, while the deployment may know more.")
}
