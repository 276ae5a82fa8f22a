package live

import (
	"context"

	"detour/route"
)

// Primer is the output of whatever plays what was before: tables, and the updates
// since. It hands that in at a Desk as what it is, no news, under the Desk's time and
// numbers, while sessions hand in what happens now. A route that a session has told
// of stays as that said (DESIGN §9). It belongs to one goroutine.
type Primer struct {
	desk  *Desk
	calm  func(context.Context) error
	since int // updates since calm was asked for

	updates, elements uint64
}

// calmEvery is how many updates are handed in before the log is asked whether it has
// room for more.
const calmEvery = 64

// NewPrimer returns a Primer for d. calm, which may be nil, waits until the log has
// room: a table can wait, and what happens now cannot.
func NewPrimer(d *Desk, calm func(context.Context) error) *Primer {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.touched = newTouched(maxTouched)
	return &Primer{desk: d, calm: calm}
}

// Add implements ingest.Output. What is news to whoever plays is left out.
func (p *Primer) Add(ctx context.Context, u *route.Update, s *route.Session) error {
	if s == nil {
		return nil // gaps and ends of tables are the player's
	}
	if p.since++; p.since >= calmEvery && p.calm != nil {
		p.since = 0
		if err := p.calm(ctx); err != nil {
			return err
		}
	}
	se, err := p.desk.Session(s.Peer)
	if err != nil {
		return err
	}
	d := p.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case u.Kind == route.KindUpdate && u.Flags&route.FlagTableDump != 0:
		if !d.touched.leaveOut(se.se.ID, u) {
			return nil
		}
		u.Peer, se.met = se.se.ID, true
		p.updates++
		p.elements += uint64(u.Elements())
		d.stamp()
		return d.give(ctx, u, se.se)
	case u.Kind != route.KindPeerDown && u.Kind != route.KindPeerUp, d.touched.void(se.se.ID):
		return nil
	case d.touched.silent(se.se.ID):
		return d.event(ctx, u.Kind, se.se) // nothing is heard of it yet
	default: // of what was handed in here alone
		d.stamp()
		return d.give(ctx, &route.Update{
			Kind: u.Kind, Flags: route.FlagTableDump | route.FlagInitialTransfer, Peer: se.se.ID, Collected: u.Collected,
		}, se.se)
	}
}

// Tick implements ingest.Output: time is the Desk's.
func (p *Primer) Tick(context.Context, route.Time) error { return nil }

// End implements ingest.Output.
func (p *Primer) End(context.Context) error { return nil }

// Given returns how many updates and elements were handed in. It belongs to the
// goroutine of Add.
func (p *Primer) Given() (updates, elements uint64) { return p.updates, p.elements }

// Primed says that every peer's table from before was handed in.
func (d *Desk) Primed(ctx context.Context, what string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.touched = nil
	d.events.add(d.stamp(), EventTransferred, "all peers", what)
	return d.event(ctx, route.KindEndOfRIB, nil)
}

// Unprimed says that priming has ended, and not every table was handed in.
func (d *Desk) Unprimed() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.touched = nil
}
