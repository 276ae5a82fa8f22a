package replay

import (
	"context"
	"errors"
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
	out      Output
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

	read, total               atomic.Int64
	priming                   atomic.Bool
	updates, elements, engine atomic.Int64
}

// peerKey is what every recording knows of a peer. The local ASN is not in it:
// table dumps have none.
type peerKey struct {
	addr netip.Addr
	asn  route.ASN
}

// New returns a Source that does nothing until Run.
func New(cfg Config, out Output) (*Source, error) {
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
	readers := make([]*mrt.Reader, len(inputs))
	for i, in := range inputs {
		readers[i] = in.Reader
	}
	merge := mrt.NewMerge(readers...)
	var first mrt.Record
	more := merge.Next(&first)
	if more != nil && more != io.EOF {
		return more
	}
	// Tables are primed at the moment at which the updates begin, so that
	// engine time does not stand still until updates catch up with a table
	// that is younger.
	at := first.Time
	late := more == nil && s.pacer.begins(at)
	if late {
		at = s.pacer.now()
	}
	if err := s.prime(ctx, at); err != nil {
		return err
	}
	if late {
		if more, err = s.skip(ctx, merge, &first, at); err != nil {
			return err
		}
	}
	for more == nil {
		if err := s.record(ctx, &first); err != nil {
			return err
		}
		more = merge.Next(&first)
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
		inputs = append(inputs, in)
	}
	return inputs, nil
}

// finish keeps the reports of inputs and closes them.
func (s *Source) finish(inputs []*input) {
	for _, in := range inputs {
		s.reports = append(s.reports, in.Report())
		in.Close()
	}
}

// prime feeds the tables, all stamped with at; 0 lets the tables' own times run.
// Behind them it states the end of every session's table, so that what comes is
// known to be news.
func (s *Source) prime(ctx context.Context, at route.Time) error {
	s.priming.Store(true)
	defer s.priming.Store(false)
	if at != 0 {
		s.clock.Stamp(at)
	}
	for _, name := range s.cfg.Prime {
		if err := s.primeFile(ctx, name, at); err != nil {
			return err
		}
	}
	if len(s.cfg.Prime) == 0 || s.clock.Now() == 0 {
		return nil
	}
	end := route.Update{Kind: route.KindEndOfRIB, Peer: route.AllPeers, Engine: s.clock.Now(), Collected: s.clock.Now()}
	return s.add(ctx, &end, nil)
}

func (s *Source) primeFile(ctx context.Context, name string, at route.Time) error {
	inputs, err := s.openAll([]string{name})
	defer s.finish(inputs)
	if err != nil {
		return err
	}
	var rec mrt.Record
	for {
		switch err := inputs[0].Next(&rec); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		u := &rec.Update
		if u.Kind != route.KindUpdate {
			continue // a table has no events
		}
		if rec.Kind == mrt.KindUpdate {
			u.Flags |= route.FlagTableDump | route.FlagInitialTransfer
			u.Withdrawn = u.Withdrawn[:0]
		}
		if at != 0 {
			rec.Time = at
		}
		if err := s.record(ctx, &rec); err != nil {
			return err
		}
	}
}

// record stamps, numbers and hands on one record.
func (s *Source) record(ctx context.Context, rec *mrt.Record) error {
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
	k := peerKey{p.Addr, p.ASN}
	if c, ok := s.peers[k]; ok {
		return c
	}
	if p.LocalASN != p.ASN {
		p.LocalASN = 0 // table dumps do not know it
	}
	s.peers[k] = p
	return p
}

// Progress may be called from any goroutine.
func (s *Source) Progress() Progress {
	return Progress{
		Priming: s.priming.Load(), Done: s.read.Load(), Total: s.total.Load(),
		Updates: uint64(s.updates.Load()), Elements: uint64(s.elements.Load()),
		Engine:  route.Time(s.engine.Load()),
		Skipped: s.missed.updates.Load(), SkippedElements: s.missed.elements.Load(),
		Late: s.pacer.late(), LateMost: time.Duration(s.pacer.most.Load()),
	}
}

// First returns the engine time of the first update, after Run.
func (s *Source) First() route.Time { return s.first }

// Peers returns how many peers were seen, after Run.
func (s *Source) Peers() int { return s.sessions.Len() }

// Reports returns what each input held, after Run: tables first. Sent counts
// messages that the collectors themselves sent; they are left out.
func (s *Source) Reports() (reports []*mrt.Report, sent uint64) { return s.reports, s.sent }
