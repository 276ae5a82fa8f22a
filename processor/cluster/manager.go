package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"detour/stream"
)

// Unit is a shard or the correlator at work.
type Unit interface {
	// Run works until ctx ends (nil) or it cannot go on. It runs once.
	Run(ctx context.Context) error
	// State says how far it is; any goroutine may ask.
	State() stream.UnitState
	// Finish keeps what a later life should find, while Run runs.
	Finish(ctx context.Context) error
	// Rest is told again and again whether there is no hurry: the unit is not at the
	// end of its log, and another member, which stays, is. There is after a while.
	Rest(yes bool)
}

// Config of a Manager. All but LeaveWait is needed.
type Config struct {
	Member   string
	Shards   int // units are these and the correlator
	Replicas int // how many members run a unit at one time
	// Make returns a unit that does nothing until Run.
	Make func(ctx context.Context, unit int) (Unit, error)
	// Beat is called several times a second, whatever others do; may be nil.
	Beat func()
	// LeaveWait bounds how long a leaving member waits for others to take over.
	LeaveWait time.Duration
}

// DefaultLeaveWait is DESIGN §9's.
const DefaultLeaveWait = 30 * time.Second

// Deps of a Manager.
type Deps struct {
	Conn *nats.Conn
	Log  *slog.Logger // nil is silent
}

// Manager is one member of the cluster.
type Manager struct {
	cfg     Config
	deps    Deps
	view    *view
	started int64
	leave   chan struct{}
	once    sync.Once

	leaving  time.Time // when it began to, zero before
	looked   time.Time // last tick
	units    map[int]*life
	counters Counters
	stats    atomic.Pointer[Stats]
}

// Counters only grow.
type Counters struct {
	Starts, Stops  uint64 // of units
	Failures       uint64 // lives of units that ended with an error
	MembersRefused uint64
	BadHeartbeats  uint64
	Excuses        uint64 // times that it found itself frozen or cut off
}

// Stats is what a Manager tells of itself.
type Stats struct {
	Counters
	Units  []stream.UnitState
	Others []*stream.Heartbeat // as last heard
	First  []int               // units for which this member ranks first
}

// New returns a Manager that does nothing until Run.
func New(cfg Config, deps Deps) (*Manager, error) {
	if err := stream.CheckShards(cfg.Shards); err != nil {
		return nil, err
	}
	if cfg.Member == "" || cfg.Replicas < 1 || cfg.Make == nil {
		return nil, errors.New("cluster: a member needs a name, at least one replica and units")
	}
	if cfg.LeaveWait == 0 {
		cfg.LeaveWait = DefaultLeaveWait
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	m := &Manager{
		cfg: cfg, deps: deps, view: newView(cfg.Member), units: map[int]*life{}, leave: make(chan struct{}),
	}
	m.stats.Store(&Stats{})
	return m, nil
}

// Leave makes Run hand over its units, finish what nobody takes, and end. Any
// goroutine may call it, and again.
func (m *Manager) Leave() { m.once.Do(func() { close(m.leave) }) }

// Stats returns what was last looked at, at most a heartbeat ago.
func (m *Manager) Stats() *Stats { return m.stats.Load() }

// Run is a member until Leave was called and its units are handed over, or ctx
// ends, which is taken for a death: nothing is handed over.
func (m *Manager) Run(ctx context.Context) error {
	heard := make(chan *nats.Msg, 4*maxMembers) // one that is dropped is told again at once
	sub, err := m.deps.Conn.ChanSubscribe(stream.AllMembers, heard)
	if err != nil {
		return fmt.Errorf("subscribe to heartbeats: %w", err)
	}
	defer sub.Unsubscribe() //nolint:errcheck // fails only when the connection is gone
	ctx, cancel := context.WithCancel(ctx)
	defer m.await()
	defer cancel()
	m.looked = time.Now()
	m.started = m.looked.UnixMicro()
	joined := m.looked.Add(stream.MemberDead) // by then everyone was heard
	tick := time.NewTicker(stream.HeartbeatEvery)
	defer tick.Stop()
	leave := m.leave
	for {
		select {
		case <-ctx.Done():
			return nil
		case msg := <-heard:
			m.hear(msg)
		case <-leave:
			leave = nil
			m.leaving = time.Now()
		case now := <-tick.C:
			m.drainHeard(heard)
			if done := m.look(ctx, now, now.After(joined)); done {
				return m.goodbye()
			}
		}
	}
}

// hear takes one heartbeat.
func (m *Manager) hear(msg *nats.Msg) {
	h, err := stream.ParseHeartbeat(msg.Subject, msg.Data)
	if err != nil {
		m.counters.BadHeartbeats++
		return
	}
	m.view.hear(h, time.Now())
}

// drainHeard takes all that waits, so that a decision is never made on old news.
func (m *Manager) drainHeard(heard <-chan *nats.Msg) {
	for {
		select {
		case msg := <-heard:
			m.hear(msg)
		default:
			return
		}
	}
}

// look is one round: who is there, what is mine, and telling the others. It
// reports true when a leaving member has nothing left to hand over.
func (m *Manager) look(ctx context.Context, now time.Time, joined bool) (done bool) {
	frozen := now.Sub(m.looked) > stream.MemberDead/2
	if frozen || !m.deps.Conn.IsConnected() {
		if frozen {
			m.counters.Excuses++
		}
		m.view.excuse(m.looked, now)
	}
	m.looked = now
	if m.cfg.Beat != nil {
		m.cfg.Beat()
	}
	m.view.age(now)
	connected := m.deps.Conn.IsConnected()
	if joined && connected {
		m.decide(ctx, now)
	}
	m.tell(now)
	return !m.leaving.IsZero() && len(m.units) == 0
}

// decide starts and stops units.
func (m *Manager) decide(ctx context.Context, now time.Time) {
	leaving := !m.leaving.IsZero()
	alone := len(m.view.live(now)) == 0
	late := leaving && (alone || now.Sub(m.leaving) > m.cfg.LeaveWait)
	for unit := stream.CorrelatorUnit; unit < m.cfg.Shards; unit++ {
		l := m.units[unit]
		s := m.view.stand(unit, m.cfg.Replicas, leaving, now)
		if l != nil {
			l.rest(s.covered && now.Sub(l.begun) < fillWait) // not for ever: half its speed may be too little
		}
		switch {
		case l == nil && !leaving && s.rank < m.cfg.Replicas && (!s.covered || !m.filling(now)):
			m.start(ctx, unit, now)
		case l == nil:
		case l.finished():
			delete(m.units, unit)
			m.counters.Stops++
		case l.ending:
		case leaving && late:
			l.end(ctx, true)
		case (leaving || s.rank >= m.cfg.Replicas) && s.relieved:
			m.deps.Log.Info("hand over", "unit", stream.UnitName(unit))
			l.end(ctx, false)
		}
	}
}

// fillWait is for how long a unit that does not reach the end of its log holds back
// those that somebody else has.
const fillWait = 10 * time.Second

// filling reports whether a unit is still on its way to the end of its log. Units
// that another member runs are begun one after the other: restoring and reading all
// of them at once takes the processors' time from those that are at work.
func (m *Manager) filling(now time.Time) bool {
	for _, l := range m.units {
		if !l.current && !l.ending && now.Sub(l.begun) < fillWait {
			return true
		}
	}
	return false
}

func (m *Manager) start(ctx context.Context, unit int, now time.Time) {
	m.deps.Log.Info("take over", "unit", stream.UnitName(unit))
	l := newLife(unit, m.cfg.Make, m.deps.Log)
	l.begun = now
	m.units[unit] = l
	m.counters.Starts++
	l.begin(ctx)
}

// tell tells the others, and whoever asks for Stats.
func (m *Manager) tell(now time.Time) {
	s := &Stats{Counters: m.counters, Others: m.view.sorted()}
	s.MembersRefused = m.view.refused
	leaving := !m.leaving.IsZero()
	for unit := stream.CorrelatorUnit; unit < m.cfg.Shards; unit++ {
		l := m.units[unit]
		if l == nil {
			continue
		}
		s.Failures += l.failures.Load()
		s.Units = append(s.Units, l.state())
		if m.view.stand(unit, m.cfg.Replicas, leaving, now).rank == 0 {
			s.First = append(s.First, unit)
		}
	}
	m.stats.Store(s)
	m.publish(&stream.Heartbeat{Units: s.Units, Leaving: leaving})
}

func (m *Manager) publish(h *stream.Heartbeat) {
	h.Member, h.Role, h.Started = m.cfg.Member, stream.RoleProcess, m.started
	if err := stream.PublishHeartbeat(m.deps.Conn, h); err != nil && m.deps.Conn.IsConnected() {
		m.deps.Log.Warn("heartbeat not sent", "err", err)
	}
}

func (m *Manager) goodbye() error {
	m.publish(&stream.Heartbeat{Goodbye: true})
	if err := m.deps.Conn.FlushTimeout(time.Second); err != nil && m.deps.Conn.IsConnected() {
		return fmt.Errorf("say goodbye: %w", err)
	}
	return nil
}

// await waits for the goroutines of all units, whose ctx has ended.
func (m *Manager) await() {
	for _, l := range m.units {
		<-l.done
	}
}
