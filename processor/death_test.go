package processor

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"detour/alert"
	"detour/internal/natstest"
	"detour/processor/correlate"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// bench is one shard and a correlator that takes what it tells at once, with two
// ingesters, "a" and "b", each of which has six of the day's peers.
type bench struct {
	*feeder
	c      *correlate.Correlator
	now    route.Time
	alerts []*alert.Alert
	dead   bool // b
}

func newBench(t *testing.T, watched bool) *bench {
	watch := watchOf(t, "192.0.2.0/24 AS1\n")
	if watched {
		watch = watchOf(t, "104.16.0.0/20 AS13335\n8.8.8.0/24 AS15169\n")
	}
	b := &bench{feeder: newFeeder(t, Config{Watched: watchedIn(watch)}), now: 1e15}
	b.c = correlate.New(correlate.Config{
		Mode: correlate.Live, Maturity: correlate.MatureYes, Outside: correlate.Outside{Watch: watch},
	})
	for peer := range dayPeers {
		b.table(peer, route.FlagTableDump)
	}
	for _, in := range []string{"a", "b"} {
		b.says(in, nil, route.Update{Kind: route.KindEndOfRIB, Peer: route.AllPeers})
	}
	b.pass(2 * route.Hour)
	return b
}

func ingesterOf(peer int) string { return []string{"a", "b"}[peer/6] }

// table lets a peer announce everything as usual.
func (b *bench) table(peer int, flags route.Flags) {
	b.Helper()
	s := daySession(peer)
	for _, p := range dayPrefixes {
		b.says(ingesterOf(peer), s, announce(b.now, flags, p.prefix, s.ASN, 1000, p.origin))
	}
}

func (b *bench) says(ingester string, s *route.Session, u route.Update) {
	b.Helper()
	u.Engine = b.now
	b.add(ingester, s, u)
}

func (b *bench) withdraw(peer int) {
	b.Helper()
	for _, p := range dayPrefixes {
		b.says(ingesterOf(peer), daySession(peer), route.Update{Withdrawn: []route.NLRI{route.MustPrefix(p.prefix).NLRI(0)}})
	}
}

// pass lets time go on.
func (b *bench) pass(d route.Time) {
	b.Helper()
	for end := b.now + d; b.now < end; {
		b.now += 5 * route.Second
		b.says("a", nil, route.Update{Kind: route.KindTick, Peer: route.AllPeers})
		if !b.dead {
			b.says("b", nil, route.Update{Kind: route.KindTick, Peer: route.AllPeers})
		}
		b.judge()
	}
}

func (b *bench) judge() {
	b.Helper()
	var r wire.Range
	if err := r.Decode(slices.Clone(b.e.finishRange(1, b.from, b.sequence+1))); err != nil {
		b.Fatal(err)
	}
	b.e.startRange()
	b.from = b.sequence + 1
	if err := b.c.Range(&r, func(a *alert.Alert) { b.alerts = append(b.alerts, a) }); err != nil {
		b.Fatal(err)
	}
}

// begins lets b live again, in a new epoch.
func (b *bench) begins() {
	b.dead = false
	b.epoch++
	b.numbers["b"] = 0
}

// TestTheDeathOfAnIngesterIsNoOutage: its peers withdraw what they announce again
// at once, and it dies in between.
func TestTheDeathOfAnIngesterIsNoOutage(t *testing.T) {
	for _, watched := range []bool{false, true} {
		for name, c := range map[string]struct {
			dead route.Time
			back func(b *bench)
			want bool // that an outage is told
		}{
			"it does not die": {0, nil, true},
			"it begins anew at once, and hears nothing": {5 * route.Second, func(*bench) {}, false},
			"it is dead for long":                       {20 * route.Minute, nil, false},
			"it comes back late, and hears nothing":     {20 * route.Minute, func(*bench) {}, false},
			"it comes back, and gets tables": {20 * route.Minute, func(b *bench) {
				for peer := 6; peer < dayPeers; peer++ {
					b.says("b", daySession(peer), route.Update{Kind: route.KindPeerUp})
					b.table(peer, route.FlagInitialTransfer)
				}
			}, false},
			"it comes back, and says that all sessions ended": {20 * route.Minute, func(b *bench) {
				b.says("b", nil, route.Update{Kind: route.KindPeerDown, Peer: route.AllPeers})
			}, false},
		} {
			t.Run(fmt.Sprintf("%s, watched %t", name, watched), func(t *testing.T) {
				b := newBench(t, watched)
				for peer := 6; peer < dayPeers; peer++ {
					b.withdraw(peer)
				}
				b.judge()
				b.dead = c.dead > 0
				b.pass(c.dead)
				if long := c.dead > route.Minute; long != names(b.c.Coverage().Coverage, "ingester b is silent") {
					t.Errorf("coverage after %v: %+v", c.dead, b.c.Coverage())
				}
				if c.back != nil {
					b.begins()
					c.back(b)
				}
				b.pass(30 * route.Minute)
				if told := len(b.alerts) > 0; told != c.want {
					t.Errorf("told %d alerts: %+v", len(b.alerts), b.alerts)
				}
			})
		}
	}
}

func names(c alert.Coverage, what string) bool {
	return slices.ContainsFunc(c.Reasons, func(s string) bool { return strings.Contains(s, what) })
}

// TestAnAlertNamesWhoIsMissing: what is told while an ingester is dead counts the
// peers that are seen, and says which are not.
func TestAnAlertNamesWhoIsMissing(t *testing.T) {
	b := newBench(t, true)
	b.dead = true
	b.pass(10 * route.Minute)
	for peer := range 4 {
		for _, p := range dayPrefixes {
			s := daySession(peer)
			b.says("a", s, announce(b.now, 0, p.prefix, s.ASN, 15412, 18101))
		}
	}
	b.pass(route.Minute)
	if len(b.alerts) == 0 {
		t.Fatal("no alert")
	}
	for _, a := range b.alerts {
		if a.Counts.PeersTotal != 6 || !names(a.Coverage, ": 6 of 12 peers are not seen") {
			t.Errorf("%d peers, coverage %+v", a.Counts.PeersTotal, a.Coverage)
		}
	}
}

// TestAJudgePassesWhatEvidenceLost: it goes on, and says so.
func TestAJudgePassesWhatEvidenceLost(t *testing.T) {
	nc, js := natstest.Start(t)
	f := newFeeder(t, Config{})
	j := NewJudge(JudgeConfig{Correlate: correlate.Config{Shards: 1, Mode: correlate.Live}}, Deps{Conn: nc, JS: js})
	for n := range uint64(8) {
		f.tick("i", route.Time(n))
		data := slices.Clone(f.e.finishRange(1, n+1, n+2))
		f.e.startRange()
		m := &stream.Message{Sequence: n + 1, Data: data}
		switch n {
		case 2:
			continue // gone
		case 3:
			m.Hole = 1
		case 5:
			m.Data = []byte("no range")
		}
		if err := j.handle(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if s := j.Stats(); s.Correlate.Lost != 2 || s.Correlate.Future != 0 || s.BadRanges != 1 || s.Holes != 1 {
		t.Errorf("%+v", s)
	}
	if got := j.c.Marks()[0].To; got != 9 {
		t.Errorf("mark %d, want 9", got)
	}
	if j.Coverage().Watermark == 0 {
		t.Error("no coverage was taken")
	}
}
