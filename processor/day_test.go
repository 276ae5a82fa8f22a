package processor

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"detour/alert"
	"detour/internal/natstest"
	"detour/processor/correlate"
	"detour/processor/reference"
	"detour/route"
	"detour/stream"
)

// day is a log of twelve peers: a table; two hours later AS18101 announces what
// belongs to three networks, for five minutes; an hour later one of the prefixes
// of AS13335 goes away everywhere, for ten minutes.
type day struct {
	updates []route.Update
	now     route.Time
}

const dayPeers = 12

func daySession(n int) *route.Session {
	addr := netip.AddrFrom4([4]byte{10, 0, 0, byte(n + 1)})
	return &route.Session{Peer: route.Peer{Collector: "c", Addr: addr, ASN: route.ASN(3000 + n)}, ID: uint32(n)}
}

var dayPrefixes = []struct {
	prefix string
	origin route.ASN
}{
	{"104.16.0.0/20", 13335},
	{"104.17.0.0/20", 13335},
	{"104.18.0.0/20", 13335},
	{"8.8.4.0/24", 15169},
	{"8.8.8.0/24", 15169},
	{"23.0.0.0/20", 20940},
	{"23.1.0.0/20", 20940},
}

func (d *day) add(u route.Update) {
	u.Number, u.Engine, u.Collected = uint64(len(d.updates))+1, d.now, d.now
	d.updates = append(d.updates, u)
}

func (d *day) announce(peer int, flags route.Flags, prefix string, hops ...route.ASN) {
	u := announce(d.now, flags, prefix, append([]route.ASN{route.ASN(3000 + peer)}, hops...)...)
	u.Peer = uint32(peer)
	d.add(u)
}

// normal lets peers announce all prefixes as usual.
func (d *day) normal(peers int, flags route.Flags) {
	for peer := range peers {
		for i, p := range dayPrefixes {
			d.announce(peer, flags, p.prefix, route.ASN(1000+i%3), p.origin)
		}
	}
}

// pass lets time go on, with a tick each ten seconds.
func (d *day) pass(span route.Time) {
	for end := d.now + span; d.now < end; {
		d.now += 10 * route.Second
		d.add(route.Update{Kind: route.KindTick, Peer: route.AllPeers})
	}
}

func theDay() []route.Update {
	d := &day{now: 1e15}
	d.normal(dayPeers, route.FlagTableDump)
	d.add(route.Update{Kind: route.KindEndOfRIB, Peer: route.AllPeers})
	d.pass(2 * route.Hour)
	const hijackers = 4
	for peer := range hijackers {
		d.now += route.Second
		for _, p := range dayPrefixes {
			d.announce(peer, 0, p.prefix, 15412, 18101)
		}
	}
	d.pass(5 * route.Minute)
	d.normal(hijackers, 0)
	d.pass(route.Hour)
	lost := route.MustPrefix(dayPrefixes[0].prefix).NLRI(0)
	for peer := range dayPeers {
		d.now += route.Second
		d.add(route.Update{Peer: uint32(peer), Withdrawn: []route.NLRI{lost}})
	}
	d.pass(10 * route.Minute)
	d.normal(dayPeers, 0)
	d.pass(10 * route.Minute)
	return d.updates
}

// onSubject is an alert as it stands on JetStream.
type onSubject struct {
	subject string
	alert.Alert
}

// onNATS runs a log through shards and correlator on a real JetStream, with
// whatever subscribes first, and returns the alerts.
func onNATS(t *testing.T, updates []route.Update, watch *reference.Watch, subscribe func(*nats.Conn)) []onSubject {
	t.Helper()
	nc, js := natstest.Start(t)
	deps := Deps{Conn: nc, JS: js}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	const shards = 2
	if err := stream.Ensure(ctx, js, stream.Settings{Shards: shards}); err != nil {
		t.Fatal(err)
	}
	subscribe(nc)
	var wg sync.WaitGroup
	run := func(f func(context.Context) error) {
		wg.Go(func() {
			if err := f(ctx); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	defer wg.Wait()
	defer cancel()
	for n := range shards {
		s, err := NewShard(Config{Shard: n, Shards: shards, Watched: watchedIn(watch)}, deps)
		if err != nil {
			t.Fatal(err)
		}
		run(s.Run)
	}
	pub, err := stream.NewPublisher(js, stream.PublisherConfig{Ingester: "i", Shards: shards})
	if err != nil {
		t.Fatal(err)
	}
	run(pub.Run)
	for i := range updates {
		var s *route.Session
		if updates[i].Peer != route.AllPeers {
			s = daySession(int(updates[i].Peer))
		}
		if err := pub.Add(ctx, &updates[i], s); err != nil {
			t.Fatal(err)
		}
	}
	if err := pub.End(ctx); err != nil {
		t.Fatal(err)
	}
	judge := NewJudge(JudgeConfig{
		Correlate: correlate.Config{Shards: shards, Maturity: correlate.MatureYes, Outside: correlate.Outside{Watch: watch}},
		UntilEnd:  true, Member: "j",
	}, deps)
	if err := judge.Run(ctx); err != nil {
		t.Fatal(err)
	}
	st, err := js.Stream(ctx, stream.AlertsStream)
	if err != nil {
		t.Fatal(err)
	}
	var list []onSubject
	for seq := uint64(1); seq <= st.CachedInfo().State.LastSeq; seq++ {
		m, err := st.GetMsg(ctx, seq)
		if err != nil {
			t.Fatal(err)
		}
		s := onSubject{subject: m.Subject}
		if err := json.Unmarshal(m.Data, &s.Alert); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(); err != nil {
			t.Errorf("%v: %s", err, m.Data)
		}
		list = append(list, s)
	}
	return list
}
