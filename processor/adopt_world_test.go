package processor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"detour/alert"
	"detour/internal/natstest"
	"detour/processor/correlate"
	"detour/processor/reference"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// leakDay is a day on which AS18101 announces what is not its own, and AS396531
// then tells AS701 what AS33154 told it, in two waves, for twenty minutes.
func leakDay(lasts, after route.Time) []route.Update {
	d := &day{now: 1e15}
	const networks, each = 30, 3
	prefix := func(i int) string { return fmt.Sprintf("20.%d.%d.0/24", i/each, i%each) }
	origin := func(i int) route.ASN { return route.ASN(40001 + i/each) }
	table := func(peers int, flags route.Flags) {
		for peer := range peers {
			for i := range networks * each {
				d.announce(peer, flags, prefix(i), 3356, origin(i))
			}
			d.announce(peer, flags, "198.51.100.0/24", 701, 396531)
			d.announce(peer, flags, "198.51.101.0/24", 3356, 33154, 396531)
		}
	}
	d.normal(dayPeers, route.FlagTableDump)
	table(dayPeers, route.FlagTableDump)
	d.add(route.Update{Kind: route.KindEndOfRIB, Peer: route.AllPeers})
	d.pass(2 * route.Hour)
	for peer := range 4 {
		d.now += route.Second
		for _, p := range dayPrefixes {
			d.announce(peer, 0, p.prefix, 15412, 18101)
		}
	}
	d.pass(5 * route.Minute)
	for wave := range 2 {
		for peer := 5 * wave; peer < 5*wave+5; peer++ {
			d.now += route.Second
			for i := range networks * each / 2 * (wave + 1) {
				d.announce(peer, 0, prefix(i), 701, 396531, 33154, 3356, origin(i))
			}
		}
		d.pass(lasts / 2)
	}
	d.normal(4, 0)
	table(10, 0)
	d.pass(after)
	return d.updates
}

// court is evidence on a real JetStream, and Judges of it.
type court struct {
	testing.TB
	nc    *nats.Conn
	js    jetstream.JetStream
	watch *reference.Watch
	want  []verdict // of an undisturbed run
}

// verdict is an alert message in few words.
type verdict struct {
	ID       string
	Revision uint32
	Status   alert.Status
	What     string
}

const courtShards = 2

// newCourt lays the evidence of a log down, as shards that keep pace tell it,
// and judges it once.
func newCourt(t *testing.T, updates []route.Update) *court {
	t.Helper()
	c := &court{TB: t, watch: watchOf(t, "104.16.0.0/20 AS13335\n")}
	c.nc, c.js = natstest.Start(t)
	c.must(stream.Ensure(t.Context(), c.js, stream.Settings{Shards: courtShards}))
	c.forgetful(t.Context())
	var peers []route.Session
	for n := range dayPeers {
		peers = append(peers, *daySession(n))
	}
	var engines []*engine
	logs := splitOf(peers, "i", updates, courtShards, func() bool { return true })
	for n := range logs {
		cfg := Config{Shard: n, Shards: courtShards, Watched: watchedIn(c.watch), Flags: func(*Flag) {}}
		engines = append(engines, newEngine(cfg))
	}
	for at := make([]int, courtShards); ; {
		n := earliest(t, logs, at)
		if n < 0 {
			break
		}
		e, sequence := engines[n], uint64(at[n])+1
		c.must(e.apply(sequence, 0, logs[n].frames[at[n]]))
		if at[n]++; at[n] == len(logs[n].frames) {
			e.ingesters[0].ended = true
		}
		_, err := c.js.PublishAsync(stream.EvidenceSubject(n), slices.Clone(e.finishRange(1, sequence, sequence+1)))
		c.must(err)
		e.startRange()
	}
	<-c.js.PublishAsyncComplete()
	c.must(c.judge(c.js, nil).Run(t.Context()))
	c.want = c.stored()
	return c
}

// earliest returns the shard whose next frame is the earliest, -1 at the end.
func earliest(t *testing.T, logs []*shardLog, at []int) int {
	t.Helper()
	best, when := -1, route.Time(0)
	for n, l := range logs {
		if at[n] == len(l.frames) {
			continue
		}
		var f wire.Frame
		if err := f.Decode(l.frames[at[n]]); err != nil {
			t.Fatal(err)
		}
		if best < 0 || f.Base < when {
			best, when = n, f.Base
		}
	}
	return best
}

func (c *court) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// forgetful makes the server forget message ids at once, as it does of what is
// older than the duplicate window.
func (c *court) forgetful(ctx context.Context) {
	c.Helper()
	st, err := c.js.Stream(ctx, stream.AlertsStream)
	c.must(err)
	cfg := st.CachedInfo().Config
	cfg.Duplicates = 100 * time.Millisecond
	_, err = c.js.UpdateStream(ctx, cfg)
	c.must(err)
}

// reset forgets all alerts.
func (c *court) reset() {
	c.Helper()
	c.must(c.js.DeleteStream(c.Context(), stream.AlertsStream))
	c.must(stream.Ensure(c.Context(), c.js, stream.Settings{Shards: courtShards}))
	c.forgetful(c.Context())
}

// judge returns a Judge that knows nothing.
func (c *court) judge(js jetstream.JetStream, observe func(time.Duration)) *Judge {
	return NewJudge(JudgeConfig{
		Correlate: correlate.Config{
			Shards: courtShards, Mode: correlate.Live, Maturity: correlate.MatureYes,
			Outside: correlate.Outside{Watch: c.watch},
		},
		UntilEnd: true, Member: "j", Observe: observe,
	}, Deps{Conn: c.nc, JS: js})
}

// stored returns all alerts, which must be valid.
func (c *court) stored() (list []verdict) {
	c.Helper()
	_, err := stream.ReadAlerts(c.Context(), c.js, 0, func(m *stream.Message) error {
		var a alert.Alert
		c.must(json.Unmarshal(m.Data, &a))
		c.must(a.Validate())
		what := fmt.Sprintf("%s %s AS%d %v of AS%d %v %s", a.Scope, a.Kind, a.Suspect, a.Prefix, a.ExpectedOrigin,
			a.Segment, a.CloseReason)
		if a.Segment != nil {
			what = fmt.Sprintf("%s %+v", what, *a.Segment)
		}
		list = append(list, verdict{a.ID, a.Revision, a.Status, what})
		return nil
	})
	c.must(err)
	return list
}

// gate is a JetStream whose at-th alert is met by hold, before it is stored and
// after.
type gate struct {
	jetstream.JetStream
	ctx  context.Context // of the Judge
	at   int64
	n    atomic.Int64
	hold func(stored bool)
}

func (g *gate) PublishMsg(
	ctx context.Context, m *nats.Msg, opts ...jetstream.PublishOpt,
) (*jetstream.PubAck, error) {
	if g.n.Add(1) != g.at {
		return g.JetStream.PublishMsg(ctx, m, opts...)
	}
	return g.held(m, opts...)
}

// PublishMsgAsync waits for the answer where hold does.
func (g *gate) PublishMsgAsync(m *nats.Msg, opts ...jetstream.PublishOpt) (jetstream.PubAckFuture, error) {
	if g.n.Add(1) != g.at {
		return g.JetStream.PublishMsgAsync(m, opts...)
	}
	ack, err := g.held(m, opts...)
	f := answered{make(chan *jetstream.PubAck, 1), make(chan error, 1), m}
	if err != nil {
		f.err <- err
	} else {
		f.ok <- ack
	}
	return f, nil
}

func (g *gate) held(m *nats.Msg, opts ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	g.hold(false)
	ack, err := g.JetStream.PublishMsg(g.ctx, m, opts...)
	g.hold(true)
	return ack, err
}

// answered is a future that has come.
type answered struct {
	ok  chan *jetstream.PubAck
	err chan error
	m   *nats.Msg
}

func (a answered) Ok() <-chan *jetstream.PubAck { return a.ok }
func (a answered) Err() <-chan error            { return a.err }
func (a answered) Msg() *nats.Msg               { return a.m }
