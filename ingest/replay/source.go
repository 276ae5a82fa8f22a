package replay

import (
	"context"
	"io"
	"net/netip"
	"sync/atomic"
	"time"

	"detour/ingest"
	"detour/ingest/mrt"
	"detour/route"
)

// Source replays recordings into an Output.
type Source struct {
	cfg      Config
	out      ingest.Output
	clock    ingest.Clock
	sessions ingest.Sessions
	peers    map[peerKey]route.Peer
	number   uint64
	first    route.Time
	lastTick route.Time
	pacer    pacer
	missed   missed

	reports []*mrt.Report
	sent    uint64 // messages that collectors sent themselves, left out
	tally   tally

	read, total, known        atomic.Int64
	priming                   atomic.Bool
	updates, elements, engine atomic.Int64
}

// peerKey is what every recording knows of a peer. The local ASN is not in it:
// table dumps have none.
type peerKey struct {
	collector string
	addr      netip.Addr
	asn       route.ASN
}

// New returns a Source that does nothing until Run.
func New(cfg Config, out ingest.Output) (*Source, error) {
	if cfg.Collector == "" {
		cfg.Collector = "replay"
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Source{cfg: cfg, out: out, peers: map[peerKey]route.Peer{}}
	s.pacer.speed, s.pacer.start = cfg.Speed, cfg.Begin
	return s, nil
}

// Run replays everything and ends the log. Damaged input is no error; Reports
// tells of it.
func (s *Source) Run(ctx context.Context) error {
	inputs, err := s.openAll(s.cfg.Files)
	defer s.finish(inputs)
	if err != nil {
		return err
	}
	readers := make([]mrt.Records, 0, len(inputs)+len(s.cfg.Feeds))
	for _, in := range inputs {
		readers = append(readers, in.Reader)
	}
	for _, f := range s.cfg.Feeds {
		c := s.chain(ctx, f)
		defer c.close()
		readers = append(readers, c)
	}
	s.total.Add(s.cfg.FeedBytes)
	return s.run(ctx, mrt.NewMerge(readers...))
}

func (s *Source) run(ctx context.Context, merge *mrt.Merge) error {
	var first mrt.Record
	more := merge.Next(&first)
	if more != nil && more != io.EOF {
		return more
	}
	// Tables are primed at the moment at which the updates begin, so that
	// engine time does not stand still until updates catch up with a table
	// that is younger.
	at := first.Time
	if s.cfg.From != 0 {
		at = s.cfg.From
	}
	late := more == nil && s.pacer.begins(at)
	if late {
		at = s.pacer.now()
	}
	more, err := s.prime(ctx, merge, &first, at, more)
	if err != nil {
		return err
	}
	if late {
		if more, err = s.skip(ctx, merge, &first, at); err != nil {
			return err
		}
	}
	for ; more == nil; more = merge.Next(&first) {
		if s.beyond(&first) {
			continue
		}
		if err := s.record(ctx, &first); err != nil {
			return err
		}
	}
	s.pacer.due.Store(0)
	if more != io.EOF {
		return more
	}
	return s.out.End(ctx)
}

func (s *Source) openAll(names []string) (inputs []*input, err error) {
	for _, name := range names {
		in, err := s.open(name)
		if err != nil {
			return inputs, err
		}
		s.total.Add(in.size)
		s.tally.begin(in)
		inputs = append(inputs, in)
	}
	return inputs, nil
}

// finish keeps the reports of inputs and closes them.
func (s *Source) finish(inputs []*input) {
	for _, in := range inputs {
		s.tally.end(in)
		if s.cfg.Ended == nil {
			s.reports = append(s.reports, in.Report())
		} else {
			s.cfg.Ended(in.Report())
		}
		in.Close()
	}
}

// record stamps, numbers and hands on one record.
func (s *Source) record(ctx context.Context, rec *mrt.Record) error {
	if rec.Kind == eventKind {
		return s.event(ctx, rec)
	}
	se, err := s.stamp(rec, &s.clock)
	if se == nil || err != nil {
		return err
	}
	u := &rec.Update
	if err := s.play(ctx, u.Engine); err != nil {
		return err
	}
	return s.add(ctx, u, se)
}

// event hands on what a Feed says of all peers, or of the time.
func (s *Source) event(ctx context.Context, rec *mrt.Record) error {
	u := &rec.Update
	u.Engine = s.clock.Stamp(rec.Time)
	u.Collected = u.Engine
	if err := s.play(ctx, u.Engine); err != nil || u.Kind == route.KindTick {
		return err
	}
	return s.add(ctx, u, nil)
}

// stamp gives a record its engine time and its session; nil where it is not to be
// handed on.
func (s *Source) stamp(rec *mrt.Record, c *ingest.Clock) (*route.Session, error) {
	if rec.Local() {
		s.sent++
		return nil, nil
	}
	u := &rec.Update
	u.Engine = c.Stamp(rec.Time)
	if u.Kind == route.KindTick || u.Kind == route.KindUpdate && u.Elements() == 0 {
		return nil, nil
	}
	se, err := s.sessions.Of(s.canonical(rec.Peer))
	if err == nil {
		u.Peer = se.ID
	}
	return se, err
}

// add numbers and hands on one stamped update or event.
func (s *Source) add(ctx context.Context, u *route.Update, se *route.Session) error {
	s.number++
	u.Number = s.number
	return s.give(ctx, u, se)
}

func (s *Source) give(ctx context.Context, u *route.Update, se *route.Session) error {
	if s.first == 0 {
		s.first = u.Engine
	}
	s.updates.Add(1)
	s.elements.Add(int64(u.Elements()))
	s.engine.Store(int64(u.Engine))
	return s.out.Add(ctx, u, se)
}

// canonical returns the peer as it was first seen, so that a table and updates
// of one collector mean the same peer.
func (s *Source) canonical(p route.Peer) route.Peer {
	k := peerKey{p.Collector, p.Addr, p.ASN}
	if c, ok := s.peers[k]; ok {
		return c
	}
	if p.LocalASN != p.ASN {
		p.LocalASN = 0 // table dumps do not know it
	}
	s.peers[k] = p
	s.known.Store(int64(len(s.peers)))
	return p
}

// Progress may be called from any goroutine.
func (s *Source) Progress() Progress {
	return Progress{
		Priming: s.priming.Load(), Done: s.read.Load(), Total: s.total.Load(),
		Updates: uint64(s.updates.Load()), Elements: uint64(s.elements.Load()),
		Engine: route.Time(s.engine.Load()), Peers: int(s.known.Load()),
		Skipped: s.missed.updates.Load(), SkippedElements: s.missed.elements.Load(),
		Late: s.pacer.late(), LateMost: time.Duration(s.pacer.most.Load()), Read: s.tally.totals(),
	}
}

// First returns the engine time of the first update, after Run.
func (s *Source) First() route.Time { return s.first }

// Peers returns how many peers were seen, after Run.
func (s *Source) Peers() int { return s.sessions.Len() }

// Reports returns what each input held, after Run: tables first. Sent counts
// messages that the collectors themselves sent; they are left out.
func (s *Source) Reports() (reports []*mrt.Report, sent uint64) { return s.reports, s.sent }
