package live

import (
	"context"
	"errors"

	"detour/ingest/decode"
	"detour/route"
)

// Session is one peer at the desk. One goroutine at a time hands in for it, so that
// its order is kept.
type Session struct {
	desk *Desk
	se   *route.Session

	// Under the desk's lock.
	up       bool
	met      bool // something was handed in since it was last down
	transfer transfer
	lastAt   route.Time
	updates  uint64
	elements uint64
	resets   uint64
	look     func(*route.Update)
}

// Peer returns whose session it is.
func (s *Session) Peer() route.Peer { return s.se.Peer }

// Up says that the BGP session was established, and what it will send first: its
// whole table of these families, up to an End-of-RIB of each; none where it sends
// changes only. A session that was up before was reset.
func (s *Session) Up(ctx context.Context, families ...route.Family) error {
	d := s.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	if s.up {
		s.resets++
		d.counts.Resets++
	}
	s.up, s.met = true, true
	d.touched.over(s.se.ID)
	d.counts.Ups++
	now := d.stamp()
	s.se.Start, s.lastAt = now, now
	s.transfer.begin(now, families)
	d.events.add(now, EventUp, s.name(), "")
	return d.event(ctx, route.KindPeerUp, s.se)
}

// Down says that the BGP session ended: what it had announced is gone with it, and
// nobody has withdrawn it.
func (s *Session) Down(ctx context.Context, why string) error {
	d := s.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	d.touched.over(s.se.ID)
	if !s.met {
		return nil // nothing is known of it
	}
	s.up, s.met = false, false
	s.transfer = transfer{}
	d.counts.Downs++
	d.events.add(d.stamp(), EventDown, s.name(), why)
	return d.event(ctx, route.KindPeerDown, s.se)
}

// Gap says that updates of this session were lost.
func (s *Session) Gap(ctx context.Context, why string) error {
	d := s.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	if !s.met {
		return nil
	}
	d.counts.Gaps++
	d.events.add(d.stamp(), EventGap, s.name(), why)
	return d.event(ctx, route.KindGap, s.se)
}

// Message hands in a whole BGP message. What is no UPDATE, or cannot be decoded, is
// counted and is no error. collected is the clock of whoever received it first; 0
// where nobody says.
func (s *Session) Message(ctx context.Context, msg []byte, how decode.Session, collected route.Time) error {
	d := s.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.dec.Message(msg, how, &d.update); err != nil {
		if !errors.Is(err, decode.ErrNotUpdate) {
			d.events.add(d.stamp(), EventUndecodable, s.name(), err.Error())
		}
		return nil
	}
	if trimOwnAS(&d.update.Path, &s.se.Peer) {
		d.counts.OwnAS++
	}
	return s.take(ctx, &d.update, d.dec.EndOfRIB, collected)
}

// MessageIf is Message for a source that has another form of the same message: what
// can be decoded is handed in if sound agrees, which must not keep the update. It
// reports whether it was handed in.
func (s *Session) MessageIf(
	ctx context.Context, msg []byte, how decode.Session, collected route.Time, sound func(*route.Update) bool,
) (bool, error) {
	d := s.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.dec.Counters
	if d.dec.Message(msg, how, &d.update) != nil || !sound(&d.update) {
		d.dec.Counters = before // whoever hands it in after all counts it
		return false, nil
	}
	return true, s.take(ctx, &d.update, d.dec.EndOfRIB, collected)
}

// Update hands in an update that the source has read by itself. It keeps nothing of
// u, and changes its stamps and flags.
func (s *Session) Update(ctx context.Context, u *route.Update, collected route.Time) error {
	d := s.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	return s.take(ctx, u, 0, collected)
}

// Watch has look called with each update that the session hands in from now on, before
// it is handed on; nil ends that. look keeps nothing of it and leaves the desk alone.
func (s *Session) Watch(look func(*route.Update)) {
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	s.look = look
}

// EndOfRIB says that the session has sent all of its table of a family.
func (s *Session) EndOfRIB(ctx context.Context, f route.Family) error {
	d := s.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	return s.endOfRIB(ctx, f)
}

func (s *Session) take(ctx context.Context, u *route.Update, f route.Family, collected route.Time) error {
	d := s.desk
	s.met = true
	s.lastAt = d.stamp()
	switch {
	case u.Kind == route.KindEndOfRIB:
		return s.endOfRIB(ctx, f)
	case u.Elements() == 0:
		return nil
	}
	if u.Flags&route.FlagTreatAsWithdraw != 0 {
		d.events.add(s.lastAt, EventUndecodable, s.name(), "attributes are malformed: its routes are withdrawn (RFC 7606)")
	}
	if s.transfer.on() {
		u.Flags |= route.FlagInitialTransfer
		s.transfer.at = s.lastAt
	}
	u.Peer, u.Collected = s.se.ID, collected
	if collected == 0 {
		u.Collected = s.lastAt
	}
	d.touched.note(s.se.ID, u)
	if s.look != nil {
		s.look(u)
	}
	s.updates++
	s.elements += uint64(u.Elements())
	return d.give(ctx, u, s.se)
}

// endOfRIB ends the initial transfer when all families have come to their end.
func (s *Session) endOfRIB(ctx context.Context, f route.Family) error {
	s.desk.counts.EndsOfRIB++
	if !s.transfer.end(f) {
		return nil
	}
	return s.endTransfer(ctx, "")
}

func (s *Session) endTransfer(ctx context.Context, why string) error {
	d := s.desk
	s.transfer = transfer{}
	d.events.add(d.stamp(), EventTransferred, s.name(), why)
	return d.event(ctx, route.KindEndOfRIB, s.se)
}
