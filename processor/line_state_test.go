package processor

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/processor/correlate"
	"detour/route"
)

// mortal is a Line whose shards and correlator die and are restored.
type mortal struct {
	*Line
	alerts []string
	deaths int
}

func newMortal(t *testing.T, cfg LineConfig) *mortal {
	t.Helper()
	m := &mortal{}
	l, err := NewLine(cfg, func(a *alert.Alert) {
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		m.alerts = append(m.alerts, string(text))
	})
	if err != nil {
		t.Fatal(err)
	}
	m.Line = l
	return m
}

// play adds updates with a tick each second, and calls each behind each tick.
func (m *mortal) play(t *testing.T, updates []route.Update, each func()) {
	t.Helper()
	last := route.Time(0)
	for i := range updates {
		u := &updates[i]
		if u.Engine >= last+route.Second {
			last = u.Engine
			if err := m.Tick(t.Context(), u.Engine); err != nil {
				t.Fatal(err)
			}
			each()
		}
		var session *route.Session
		if u.Peer != route.AllPeers {
			session = daySession(int(u.Peer))
		}
		if err := m.Add(t.Context(), u, session); err != nil {
			t.Fatal(err)
		}
	}
}

// killShard goes on with a new engine that has the state of the old one.
func (m *mortal) killShard(t *testing.T, n int) {
	t.Helper()
	codec, err := shardCodec()
	if err != nil {
		t.Fatal(err)
	}
	lane := m.lanes[n]
	body, err := codec.Append(nil, lane.engine.state(lane.frame, time.Time{}))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := m.cfg.shard(n).withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	lane.engine = newEngine(cfg)
	if _, err := lane.engine.restore(codec, body); err != nil {
		t.Fatal(err)
	}
	m.deaths++
}

// judgeBody is a snapshot of the correlator.
func (m *mortal) judgeBody(t *testing.T) []byte {
	t.Helper()
	codec, err := judgeCodec()
	if err != nil {
		t.Fatal(err)
	}
	state := &judgeState{shards: len(m.lanes), c: m.c}
	if err := codec.Check(state); err != nil {
		t.Fatal(err)
	}
	body, err := codec.Append(nil, state)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// restoreJudge goes on with a new correlator that has the state of a snapshot.
func (m *mortal) restoreJudge(t *testing.T, body []byte) {
	t.Helper()
	codec, err := judgeCodec()
	if err != nil {
		t.Fatal(err)
	}
	state := &judgeState{c: correlate.New(m.cfg.Correlate)}
	if err := codec.Decode(body, state); err != nil {
		t.Fatal(err)
	}
	m.c = state.c
	m.c.Restored()
	m.deaths++
}

// TestALineThatDiesTellsTheSame: all shards and the correlator die again and
// again, each at its own times, and no alert is lost, new or otherwise worded.
func TestALineThatDiesTellsTheSame(t *testing.T) {
	for _, mode := range []correlate.Mode{correlate.Replay, correlate.Live} {
		cfg := LineConfig{Shards: 4, Correlate: correlate.Config{
			Mode: mode, Outside: correlate.Outside{Watch: watchOf(t, "104.16.0.0/20 AS13335")},
		}}
		cfg.Watched = watchedIn(cfg.Correlate.Outside.Watch)
		one, many := newMortal(t, cfg), newMortal(t, cfg)
		rng := rand.New(rand.NewPCG(1, uint64(mode)))
		one.play(t, theDay(), func() {})
		many.play(t, theDay(), func() {
			for n := range many.lanes {
				if rng.IntN(100) == 0 {
					many.killShard(t, n)
				}
			}
			if rng.IntN(100) == 0 {
				many.restoreJudge(t, many.judgeBody(t))
			}
		})
		for _, m := range []*mortal{one, many} {
			if err := m.End(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if d := cmp.Diff(one.alerts, many.alerts); d != "" {
			t.Errorf("mode %d: other alerts (-one life +many):\n%s", mode, d)
		}
		if len(one.alerts) < 4 || many.deaths < 20 {
			t.Errorf("mode %d: %d alerts, %d deaths: the test shows little", mode, len(one.alerts), many.deaths)
		}
	}
}

// TestASnapshotOfACorrelatorOfBeforeIsRead is TestASnapshotOfBeforeIsRead for the
// correlator, in the middle of an incident.
func TestASnapshotOfACorrelatorOfBeforeIsRead(t *testing.T) {
	cfg := LineConfig{Correlate: correlate.Config{Outside: correlate.Outside{Watch: watchOf(t, "104.16.0.0/20 AS13335")}}}
	cfg.Watched = watchedIn(cfg.Correlate.Outside.Watch)
	one, many := newMortal(t, cfg), newMortal(t, cfg)
	one.play(t, theDay(), func() {})
	many.play(t, theDay(), func() {
		if many.deaths == 0 && many.c.Stats().Incidents > 0 {
			many.restoreJudge(t, golden(t, "testdata/judge.format1.gz", many.judgeBody(t)))
		}
	})
	if many.deaths == 0 {
		t.Fatal("no incident: the test shows nothing")
	}
	if d := cmp.Diff(one.alerts, many.alerts); d != "" {
		t.Errorf("other alerts (-one life +from the snapshot):\n%s", d)
	}
}
