package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"detour/route"
	"detour/wire"

	"github.com/nats-io/nats.go"
)

// lane carries one shard's frames from the Publisher to its stream. Add's
// goroutine fills it, the goroutines of the sender and the linger timer empty
// it.
type lane struct {
	p      *Publisher
	shard  int
	sender *Sender
	lag    lag

	// The split's scratch, of Add's goroutine.
	announced, withdrawn []route.NLRI

	mu       sync.Mutex
	builder  *wire.FrameBuilder
	number   uint64   // of the last frame; given when it is sealed, in order
	queue    [][]byte // sealed frames that wait for room; Spill only
	free     [][]byte // their memory
	overdue  bool     // the builder's updates should have left already
	fed      bool     // something was added since the last tick
	recent   bool     // a frame left within the last Linger; Spill only
	last     place    // of the last update added
	lost     loss     // what was dropped and not yet stated
	counters laneCounters
}

// place is a point in the order of an ingester's updates.
type place struct {
	number uint64
	engine route.Time
}

type loss struct {
	place
	any bool
}

type laneCounters struct{ droppedUpdates, droppedElements, gaps, oversize uint64 }

// add takes the shard's part of u and reports false where there is no room: the
// caller waits, or drops.
func (l *lane) add(u *route.Update, s *route.Session, announced, withdrawn []route.NLRI) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.builder.Len() >= l.p.cfg.FrameBytes {
		if err := l.flush(true, u.Kind != route.KindUpdate); err != nil {
			return false, err
		}
		if l.builder.Len() >= l.p.cfg.FrameBytes && l.builder.Updates() > 0 {
			return false, nil
		}
	}
	l.stateLoss()
	l.put(u, s, announced, withdrawn)
	return true, l.flush(false, u.Kind != route.KindUpdate)
}

// put adds to the builder. The lock is held.
func (l *lane) put(u *route.Update, s *route.Session, announced, withdrawn []route.NLRI) {
	if l.builder.Updates() == 0 {
		l.builder.Reset(l.p.cfg.Clock())
	}
	l.builder.Add(u, s, announced, withdrawn)
	l.last = place{u.Number, u.Engine}
	l.fed = true
}

// stateLoss puts a gap event in front of what comes next, under the number of
// the last update that was dropped. The lock is held.
func (l *lane) stateLoss() {
	if !l.lost.any {
		return
	}
	l.put(&route.Update{
		Kind: route.KindGap, Peer: route.AllPeers,
		Number: l.lost.number, Engine: l.lost.engine, Collected: l.lost.engine,
	}, nil, nil, nil)
	l.lost.any = false
	l.counters.gaps++
}

// drop takes note of an update that is lost. A tick is no loss.
func (l *lane) drop(u *route.Update, elements int) {
	if u.Kind == route.KindTick {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = loss{place{u.Number, u.Engine}, true}
	l.counters.droppedUpdates++
	l.counters.droppedElements += uint64(elements)
}

// flush sends what may go: waiting frames first, then the builder's, if force is
// set, it is full, or, live, none has left for a while: whoever sends a frame for
// each update in a flood pays for the message more than for the update. event lets
// a full frame use the reserve of the spill buffer. The lock is held.
func (l *lane) flush(force, event bool) error {
	if err := l.unspill(); err != nil {
		return err
	}
	if l.builder.Updates() == 0 {
		return nil
	}
	full := l.builder.Len() >= l.p.cfg.FrameBytes
	switch {
	case len(l.queue) == 0 && l.sender.Room():
		if full || force || l.p.cfg.Mode == Spill && !l.recent {
			return l.send()
		}
		l.p.armLinger()
	case full && l.p.maySpill(l.builder.Len(), event):
		l.spill()
	case full || force:
		l.overdue = true // goes with the next ack
	default:
		l.p.armLinger()
	}
	return nil
}

// send seals the builder's frame and gives it to the sender, which has room.
// The lock is held.
func (l *lane) send() error {
	frame := l.seal()
	if frame == nil {
		return nil
	}
	ok, err := l.sender.TrySend(frame)
	if errors.Is(err, nats.ErrMaxPayload) {
		l.refuse()
		return nil
	}
	if err != nil || !ok {
		return fmt.Errorf("send frame of shard %d: %w", l.shard, err)
	}
	l.sealed()
	return nil
}

// seal returns the builder's frame, nil when it is too large for any stream.
func (l *lane) seal() []byte {
	frame := l.builder.Bytes(l.number + 1)
	if len(frame) > MaxMessage {
		l.refuse()
		return nil
	}
	return frame
}

// sealed begins the next frame.
func (l *lane) sealed() {
	if l.p.cfg.Mode == Spill {
		l.recent = true
		l.p.armLinger() // which ends that
	}
	l.number++
	l.overdue = false
	l.builder.Reset(0)
}

// refuse drops a frame that cannot be stored and keeps its number for the next,
// so that numbers do not jump.
func (l *lane) refuse() {
	l.counters.oversize++
	l.counters.droppedUpdates += uint64(l.builder.Updates())
	l.counters.droppedElements += uint64(l.builder.Elements())
	l.lost = loss{l.last, true}
	l.overdue = false
	l.builder.Reset(0)
}

// spill seals the frame and keeps a copy until there is room. The lock is held.
func (l *lane) spill() {
	frame := l.seal()
	if frame == nil {
		return
	}
	var mem []byte
	if n := len(l.free); n > 0 {
		mem, l.free = l.free[n-1], l.free[:n-1]
	}
	l.queue = append(l.queue, append(mem[:0], frame...))
	l.p.spilled.Add(int64(len(frame)))
	l.sealed()
}

// maxFree bounds the frames' memory that a lane keeps for its next spill.
const maxFree = 16

// unspill sends waiting frames while there is room. The lock is held.
func (l *lane) unspill() error {
	sent := 0
	for ; sent < len(l.queue); sent++ {
		frame := l.queue[sent]
		ok, err := l.sender.TrySend(frame)
		if err != nil {
			return fmt.Errorf("send frame of shard %d: %w", l.shard, err)
		}
		if !ok {
			break
		}
		l.p.spilled.Add(-int64(len(frame)))
		if len(l.free) < maxFree {
			l.free = append(l.free, frame)
		}
	}
	if sent > 0 {
		n := copy(l.queue, l.queue[sent:])
		clear(l.queue[n:])
		l.queue = l.queue[:n]
	}
	return nil
}

// acked follows an ack; called by the sender's goroutine.
func (l *lane) acked(a Ack) {
	l.lag.add(a.Sequence, a.Bytes)
	l.p.look(l)
	if l.p.cfg.OnAck != nil {
		l.p.cfg.OnAck(l.shard, a)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// What fails here fails again, and is returned, at the next Add.
	_ = l.flush(l.overdue, false)
}

// lingered follows the linger timer.
func (l *lane) lingered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.recent = false
	_ = l.flush(true, false) // as in acked
}

// drain sends all that is left and waits for the acks.
func (l *lane) drain(ctx context.Context) error {
	for {
		l.mu.Lock()
		if l.builder.Len() < l.p.cfg.FrameBytes {
			l.stateLoss()
		}
		err := l.flush(true, true)
		empty := len(l.queue) == 0 && l.builder.Updates() == 0 && !l.lost.any
		l.mu.Unlock()
		if err != nil {
			return err
		}
		if empty {
			_, err := l.sender.Flush(ctx)
			return err
		}
		if err := l.sender.WaitRoom(ctx); err != nil {
			return err
		}
	}
}
