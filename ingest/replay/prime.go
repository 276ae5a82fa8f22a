package replay

import (
	"context"
	"errors"
	"io"

	"detour/ingest/mrt"
	"detour/route"
)

// prime feeds the tables, all stamped with at; 0 lets the tables' own times run.
// After them come those records of the merge that are older than Config.From, of
// which rec holds the first. Behind them it states the end of every session's
// table, so that what comes is known to be news. It returns what the merge did with
// what rec holds then.
func (s *Source) prime(ctx context.Context, merge *mrt.Merge, rec *mrt.Record, at route.Time, had error) (
	more, err error,
) {
	s.priming.Store(true)
	defer s.priming.Store(false)
	if at != 0 {
		s.clock.Stamp(at)
	}
	primed := len(s.cfg.Prime) > 0
	for _, name := range s.cfg.Prime {
		if err := s.primeFile(ctx, name, at); err != nil {
			return nil, err
		}
	}
	more = had
	for ; more == nil && s.before(rec); more = merge.Next(rec) {
		primed = true
		if err := s.splice(ctx, rec, at); err != nil {
			return nil, err
		}
	}
	if !primed || s.clock.Now() == 0 || more != nil && more != io.EOF {
		return more, nil
	}
	end := route.Update{Kind: route.KindEndOfRIB, Peer: route.AllPeers, Engine: s.clock.Now(), Collected: s.clock.Now()}
	return more, s.add(ctx, &end, nil)
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

// absurd is how far beyond Config.From a record's time cannot be while older ones
// still come: recordings hold single records with absurd times.
const absurd = 24 * 3600 * route.Second

// before reports whether a record belongs to what happened before Config.From.
func (s *Source) before(rec *mrt.Record) bool {
	if s.cfg.From == 0 {
		return false
	}
	return rec.Kind == mrt.KindRIB || rec.Time < s.cfg.From || rec.Time >= s.cfg.From+absurd || s.beyond(rec)
}

// beyond reports whether a record is of Config.To or later. A table is of when it was
// asked for.
func (s *Source) beyond(rec *mrt.Record) bool {
	return s.cfg.To != 0 && rec.Time >= s.cfg.To && rec.Kind != mrt.KindRIB
}

// splice takes a record of before the start: a table's entry, or what happened
// since, in its order. Ends of tables it leaves out, as there is one of all.
func (s *Source) splice(ctx context.Context, rec *mrt.Record, at route.Time) error {
	u := &rec.Update
	if u.Kind == route.KindEndOfRIB || s.beyond(rec) {
		return nil
	}
	if rec.Kind == mrt.KindUpdate {
		u.Flags |= route.FlagTableDump | route.FlagInitialTransfer
	}
	rec.Time = at
	return s.record(ctx, rec)
}
