package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"detour/internal/natstest"
	"detour/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ledger counts who runs what.
type ledger struct {
	mu       sync.Mutex
	running  map[int]int // by unit
	least    map[int]int // since it was first run
	finished map[int]int
	bad      map[int]int    // lives that are to fail at once
	filling  map[string]int // by member, units not yet current
	most     map[string]int
	resting  map[string]int // by member, units that may take their time now
	rested   map[string]bool
}

func newLedger() *ledger {
	return &ledger{
		running: map[int]int{}, least: map[int]int{}, finished: map[int]int{}, bad: map[int]int{},
		filling: map[string]int{}, most: map[string]int{}, resting: map[string]int{}, rested: map[string]bool{},
	}
}

func (l *ledger) add(unit, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running[unit] += n
	if least, known := l.least[unit]; !known || l.running[unit] < least {
		l.least[unit] = l.running[unit]
	}
}

func (l *ledger) fill(member string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.filling[member] += n
	l.most[member] = max(l.most[member], l.filling[member])
}

// all reports whether every unit runs n times.
func (l *ledger) all(shards, n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for unit := stream.CorrelatorUnit; unit < shards; unit++ {
		if l.running[unit] != n {
			return false
		}
	}
	return true
}

// fake is a unit that needs a moment to be current.
type fake struct {
	l       *ledger
	member  string
	unit    int
	current atomic.Bool
	rests   bool // under the ledger's lock
}

func (f *fake) Rest(yes bool) {
	f.l.mu.Lock()
	defer f.l.mu.Unlock()
	if f.rests != yes {
		f.rests = yes
		f.l.resting[f.member] += map[bool]int{true: 1, false: -1}[yes]
	}
	if yes {
		f.l.rested[f.member] = true
	}
}

func (f *fake) Run(ctx context.Context) error {
	f.l.mu.Lock()
	if f.l.bad[f.unit] > 0 {
		f.l.bad[f.unit]--
		f.l.mu.Unlock()
		return errors.New("cannot")
	}
	f.l.mu.Unlock()
	f.l.fill(f.member, 1)
	select {
	case <-time.After(50 * time.Millisecond):
		f.l.fill(f.member, -1)
	case <-ctx.Done():
		return nil
	}
	f.current.Store(true)
	f.l.add(f.unit, 1)
	defer f.l.add(f.unit, -1)
	<-ctx.Done()
	return nil
}

func (f *fake) State() stream.UnitState {
	s := stream.UnitState{Sequence: 10, End: 10}
	if !f.current.Load() {
		s.Trouble = "reading"
	}
	return s
}

func (f *fake) Finish(context.Context) error {
	f.l.mu.Lock()
	defer f.l.mu.Unlock()
	f.l.finished[f.unit]++
	return nil
}

// cluster is several managers on one server.
type testCluster struct {
	t        *testing.T
	server   *natstest.Server
	l        *ledger
	replicas int
	members  map[string]*testMember
}

type testMember struct {
	*Manager
	kill context.CancelFunc
	done chan struct{}
}

const testShards = 4

func newTestCluster(t *testing.T, replicas int) *testCluster {
	c := &testCluster{
		t: t, server: natstest.StartServer(t), l: newLedger(), replicas: replicas, members: map[string]*testMember{},
	}
	c.t.Cleanup(func() {
		for _, m := range c.members {
			m.kill()
			<-m.done
		}
	})
	return c
}

func (c *testCluster) add(name string) *testMember {
	c.t.Helper()
	nc, _ := c.server.Connect(c.t)
	m, err := New(Config{
		Member: name, Shards: testShards, Replicas: c.replicas,
		Make: func(_ context.Context, unit int) (Unit, error) { return &fake{l: c.l, member: name, unit: unit}, nil },
	}, Deps{Conn: nc})
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(c.t.Context())
	tm := &testMember{m, cancel, make(chan struct{})}
	go func() {
		defer close(tm.done)
		if err := m.Run(ctx); err != nil {
			c.t.Errorf("%s: %v", name, err)
		}
	}()
	c.members[name] = tm
	return tm
}

func (c *testCluster) await(what string, ok func() bool) {
	c.t.Helper()
	for range 1000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond) // sleep: real members, real time
	}
	c.t.Fatalf("%s: units run %v", what, c.l.running)
}

func (c *testCluster) settled() {
	c.t.Helper()
	c.await("every unit runs on as many members as it should", func() bool { return c.l.all(testShards, c.replicas) })
}

func TestMembersComeGoAndDie(t *testing.T) {
	for _, replicas := range []int{1, 2} {
		t.Run(fmt.Sprint(replicas, " replicas"), func(t *testing.T) {
			c := newTestCluster(t, replicas)
			for i := range replicas {
				c.add(fmt.Sprint("p", i))
			}
			c.settled()
			c.l.least = map[int]int{}
			c.add("p7")
			c.add("p8")
			c.await("both know each other", func() bool { return len(c.members["p8"].Stats().Others) == replicas+1 })
			c.settled()
			c.members["p0"].Leave()
			<-c.members["p0"].done
			c.settled()
			for unit, least := range c.l.least {
				if least < replicas {
					t.Errorf("%s ran on %d members for a while", stream.UnitName(unit), least)
				}
			}
			if len(c.l.finished) > 0 {
				t.Errorf("units were finished although others took over: %v", c.l.finished)
			}
			c.members["p7"].kill()
			<-c.members["p7"].done
			c.settled()
		})
	}
}

func TestUnitsThatOthersRunAreBegunOneByOne(t *testing.T) {
	c := newTestCluster(t, 2)
	c.add("p0")
	c.await("the first runs all", func() bool { return c.l.all(testShards, 1) })
	c.add("p1")
	c.settled()
	c.await("nobody at the end of its log rests", func() bool {
		c.l.mu.Lock()
		defer c.l.mu.Unlock()
		return c.l.resting["p1"] == 0
	})
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	if got := c.l.most["p0"]; got != testShards+1 {
		t.Errorf("the first began %d units at once, want all %d: nobody had them", got, testShards+1)
	}
	if got := c.l.most["p1"]; got != 1 {
		t.Errorf("the second began %d units at once, want one after the other", got)
	}
	if c.l.rested["p0"] || !c.l.rested["p1"] {
		t.Errorf("units took their time: %v, want those of the second, which others ran", c.l.rested)
	}
}

func TestTheLastOneFinishesItsUnits(t *testing.T) {
	c := newTestCluster(t, 1)
	m := c.add("only")
	c.settled()
	m.Leave()
	m.Leave()
	<-m.done
	if len(c.l.finished) != testShards+1 {
		t.Errorf("finished were %v, want all %d", c.l.finished, testShards+1)
	}
}

func TestAUnitThatFailsIsMadeAgain(t *testing.T) {
	c := newTestCluster(t, 1)
	c.l.bad[2] = 3
	m := c.add("only")
	c.settled()
	c.await("failures are counted", func() bool { return m.Stats().Failures == 3 })
}

func TestRubbishIsCounted(t *testing.T) {
	c := newTestCluster(t, 1)
	m := c.add("only")
	c.settled() // it listens
	nc, _ := c.server.Connect(t)
	for _, text := range []string{
		"", "{", `{"member":"","role":"process"}`, `{"member":"x","role":"process","units":[{"unit":99}]}`,
		`{"member":"y","role":"process"}`,
	} {
		if err := nc.Publish(stream.MemberSubject(stream.RoleProcess, "x"), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	c.await("bad heartbeats are counted", func() bool { return m.Stats().BadHeartbeats == 5 })
}
