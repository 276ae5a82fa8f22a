package replay

import (
	"cmp"
	"context"
	"io"
	"maps"
	"slices"
	"sync/atomic"

	"detour/ingest"
	"detour/ingest/mrt"
	"detour/route"
)

// missed counts what a late start left out.
type missed struct {
	updates, elements atomic.Uint64
}

// skip leaves out what played before engine time at, of which rec holds the first
// record, and says so. It returns what the merge did with what rec holds then.
func (s *Source) skip(ctx context.Context, merge *mrt.Merge, rec *mrt.Record, at route.Time) (more, err error) {
	var seen ingest.Clock // as the clock would be
	down := map[*route.Session]bool{}
	for more == nil {
		before, sent := seen, s.sent
		se, err := s.stamp(rec, &seen)
		if err != nil {
			return nil, err
		}
		if seen.Now() >= at {
			s.clock, s.sent = before, sent // it is to be stamped once more
			break
		}
		if se != nil {
			s.miss(&rec.Update)
			switch rec.Update.Kind {
			case route.KindPeerDown:
				down[se] = true
			case route.KindPeerUp, route.KindUpdate:
				delete(down, se)
			}
		}
		if more = merge.Next(rec); more != nil && more != io.EOF {
			return more, nil
		}
	}
	return more, s.sayMissed(ctx, at, down)
}

func (s *Source) miss(u *route.Update) {
	s.number++
	s.missed.updates.Add(1)
	s.missed.elements.Add(uint64(u.Elements()))
}

// sayMissed states the gap, and the end of sessions that are down since, under the
// last of the numbers that were left out: there are at least as many.
func (s *Source) sayMissed(ctx context.Context, at route.Time, down map[*route.Session]bool) error {
	if s.missed.updates.Load() == 0 {
		return nil
	}
	ended := slices.SortedFunc(maps.Keys(down), func(a, b *route.Session) int { return cmp.Compare(a.ID, b.ID) })
	number := s.number - uint64(len(ended))
	u := route.Update{Kind: route.KindGap, Peer: route.AllPeers, Engine: at, Collected: at, Number: max(number, 1)}
	if err := s.give(ctx, &u, nil); err != nil {
		return err
	}
	for _, se := range ended {
		number++
		u = route.Update{Kind: route.KindPeerDown, Peer: se.ID, Engine: at, Collected: at, Number: number}
		if err := s.give(ctx, &u, se); err != nil {
			return err
		}
	}
	return nil
}
