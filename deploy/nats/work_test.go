package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"detour/alert"
	"detour/processor"
	"detour/processor/checkpoint"
	"detour/processor/correlate"
	"detour/processor/reference"
	"detour/route"
	"detour/stream"
)

// leak is a log in which AS396531 comes between AS701 and the origin at three
// peers.
func leak() (updates []route.Update, sessions []route.Session) {
	prefix := route.MustPrefix("104.16.0.0/12").NLRI(0)
	begin := route.Time(1e15)
	for i, first := range []route.ASN{100, 200, 300} {
		peer := route.Peer{Collector: "c", Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), ASN: first}
		sessions = append(sessions, route.Session{Peer: peer, ID: uint32(i)})
	}
	add := func(s *route.Session, at route.Time, flags route.Flags, hops ...route.ASN) {
		updates = append(updates, route.Update{
			Number: uint64(len(updates)) + 1, Peer: s.ID, Engine: at, Flags: flags | route.FlagHasPath,
			Path: route.Path{ASNs: append([]route.ASN{s.ASN}, hops...)}, Announced: []route.NLRI{prefix},
		})
	}
	for i := range sessions {
		add(&sessions[i], begin, route.FlagTableDump, 701, 13335)
	}
	for i := range sessions {
		add(&sessions[i], begin+route.Time(400+i)*route.Second, 0, 701, 396531, 33154, 13335)
	}
	return updates, sessions
}

// ensure makes what the roles work on, as admin and by the clients' own calls.
func ensure(t *testing.T, c *cluster) {
	_, js := c.connect(t, "admin")
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	again(ctx, t, func(ctx context.Context) error {
		if err := stream.Ensure(ctx, js, stream.Settings{Shards: testShards, Replicas: 3}); err != nil {
			return err
		}
		return store(t, js, "admin").Ensure(ctx)
	})
}

// again tries until it succeeds: servers first have to meet and to choose leaders, and
// what is asked meanwhile may never be answered.
func again(ctx context.Context, t *testing.T, try func(context.Context) error) {
	t.Helper()
	for {
		once, end := context.WithTimeout(ctx, 5*time.Second)
		err := try(once)
		if end(); err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// store keeps checkpoints of two formats on the servers.
func store(t *testing.T, js jetstream.JetStream, member string) *checkpoint.Store {
	t.Helper()
	s, err := checkpoint.New(checkpoint.Config{
		Member: member, Replicas: 3, OldestFormat: 1, NewestFormat: 2,
	}, checkpoint.Deps{JS: js})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// work runs each part of detour with its role's rights, from an update to an
// alert at a sink and at a subscriber.
func work(t *testing.T, c *cluster) {
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	subscriber, _ := c.connect(t, "subscriber")
	live := make(chan *nats.Msg, 64)
	for _, subject := range []string{stream.AllAlerts, stream.AllFlags} {
		if _, err := subscriber.ChanSubscribe(subject, live); err != nil {
			t.Fatal(err)
		}
	}
	if err := subscriber.Flush(); err != nil {
		t.Fatal(err)
	}
	judgeLeak(ctx, t, c)

	want := stream.AlertSubject("prefix", "unexpected-transit", 13335, "")
	_, js := c.connect(t, "sink")
	consumer, err := js.CreateOrUpdateConsumer(ctx, stream.AlertsStream, jetstream.ConsumerConfig{
		Durable: "sink", AckPolicy: jetstream.AckExplicitPolicy,
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := consumer.Next(jetstream.FetchMaxWait(10 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	checkAlert(t, "sink", m.Subject(), m.Data(), want)
	if err := m.DoubleAck(ctx); err != nil {
		t.Errorf("sink: ack: %v", err)
	}

	awaitLive(ctx, t, live, want)
	for i := range localCount {
		readStored(ctx, t, c, i, want)
	}
}

// readStored reads what is stored as a subscriber at one of the servers.
func readStored(ctx context.Context, t *testing.T, c *cluster, server int, want string) {
	t.Helper()
	nc, err := nats.Connect("tls://"+at("127.0.0.1", c.port+server), c.options(t, "subscriber")...)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	st, err := js.Stream(ctx, stream.AlertsStream)
	if err != nil {
		t.Fatal(err)
	}
	m, err := st.GetMsg(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	checkAlert(t, "subscriber, stored", m.Subject, m.Data, want)
	if _, err := st.GetLastMsgForSubject(ctx, want); err != nil {
		t.Errorf("subscriber, last of subject: %v", err)
	}
	// Many with one request: one message for each and one that says that it is over.
	inbox := nc.NewInbox()
	answers, err := nc.SubscribeSync(inbox)
	if err != nil {
		t.Fatal(err)
	}
	request := []byte(`{"seq":1,"batch":10}`)
	if err := nc.PublishRequest("$JS.API.DIRECT.GET."+stream.AlertsStream, inbox, request); err != nil {
		t.Fatal(err)
	}
	for _, status := range []string{"", "204"} {
		m, err := answers.NextMsgWithContext(ctx)
		if err != nil || m.Header.Get("Status") != status {
			t.Errorf("subscriber, many: %v, %v, want status %q", m, err, status)
		}
	}
}

// judgeLeak publishes the leak as an ingester and judges it as a processor.
func judgeLeak(ctx context.Context, t *testing.T, c *cluster) {
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	run := func(f func(context.Context) error) {
		wg.Go(func() {
			if err := f(ctx); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	nc, js := c.connect(t, "process")
	again(ctx, t, func(ctx context.Context) error { // nothing is missing, so that looking is enough
		return stream.Ensure(ctx, js, stream.Settings{Shards: testShards, Replicas: 3})
	})
	watch, err := reference.ReadWatch(strings.NewReader("104.16.0.0/12 AS13335"), "watch")
	if err != nil {
		t.Fatal(err)
	}
	deps := processor.Deps{Conn: nc, JS: js}
	for n := range testShards {
		s, err := processor.NewShard(processor.Config{
			Shard: n, Shards: testShards,
			Watched: func(p route.Prefix, _ route.ASN) bool { return watch.Match(p) != nil },
		}, deps)
		if err != nil {
			t.Fatal(err)
		}
		run(s.Run)
	}
	_, ingest := c.connect(t, "ingest")
	pub, err := stream.NewPublisher(ingest, stream.PublisherConfig{Ingester: "i", Shards: testShards})
	if err != nil {
		t.Fatal(err)
	}
	run(pub.Run)
	updates, sessions := leak()
	for i := range updates {
		if err := pub.Add(ctx, &updates[i], &sessions[updates[i].Peer]); err != nil {
			t.Fatal(err)
		}
	}
	if err := pub.End(ctx); err != nil {
		t.Fatal(err)
	}
	judge := processor.NewJudge(processor.JudgeConfig{
		Correlate: correlate.Config{Shards: testShards, Outside: correlate.Outside{Watch: watch}},
		UntilEnd:  true, Member: "j",
	}, deps)
	if err := judge.Run(ctx); err != nil {
		t.Fatal(err)
	}
	read := 0 // as a correlator that starts does
	_, err = stream.ReadAlerts(ctx, js, 0, func(*stream.Message) error { read++; return nil })
	if err != nil || read == 0 {
		t.Errorf("read %d stored alerts, %v", read, err)
	}
	// A restarted ingester reads the last frames, and hears how far the shards are.
	again, cancelAgain := context.WithTimeout(ctx, 10*time.Second)
	defer cancelAgain()
	second, err := stream.NewPublisher(ingest, stream.PublisherConfig{Ingester: "i", Shards: testShards})
	if err != nil {
		t.Fatal(err)
	}
	run(second.Run)
	if err := second.Drain(again); err != nil {
		t.Error(err)
	}
}

func checkAlert(t *testing.T, who, subject string, data []byte, want string) {
	t.Helper()
	var a alert.Alert
	if err := json.Unmarshal(data, &a); err != nil || subject != want || a.Suspect != 396531 {
		t.Errorf("%s: %s %s, %v", who, subject, data, err)
	}
}

// awaitLive waits for a flag and for the alert.
func awaitLive(ctx context.Context, t *testing.T, live <-chan *nats.Msg, want string) {
	t.Helper()
	flags, alerts := 0, 0
	for flags == 0 || alerts == 0 {
		select {
		case m := <-live:
			if strings.HasPrefix(m.Subject, "detour.v1.flag.") {
				flags++
			} else {
				alerts++
				checkAlert(t, "subscriber, live", m.Subject, m.Data, want)
			}
		case <-ctx.Done():
			t.Fatalf("the subscriber heard %d flags and %d alerts", flags, alerts)
		}
	}
}

// checkpoints saves and loads as a processor does, until the oldest ones have to
// go.
func checkpoints(t *testing.T, c *cluster) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, js := c.connect(t, "process")
	s := store(t, js, "p")
	if err := s.Ensure(ctx); err != nil {
		t.Fatal(err) // nothing is missing, so that looking is enough
	}
	created := time.UnixMicro(1e15)
	body := bytes.Repeat([]byte("state"), 100_000)
	for n := range uint64(4) {
		m := checkpoint.Meta{Unit: "shard-1", Format: 2, Shards: testShards, StreamCreated: created, Sequence: n + 1}
		if err := s.Save(ctx, m, body); err != nil {
			t.Fatal(err)
		}
	}
	m, got, problems, err := s.Load(ctx, "shard-1", nil)
	if err != nil || m.Sequence != 4 || !bytes.Equal(got, body) {
		t.Errorf("loaded sequence %d, %d octets, %v, %v", m.Sequence, len(got), problems, err)
	}
	st, err := js.Stream(ctx, "OBJ_"+checkpoint.ObjectBucket)
	if err != nil {
		t.Fatal(err)
	}
	if n := st.CachedInfo().State.NumSubjects; n > 6 {
		t.Errorf("%d subjects: old checkpoints were not removed", n)
	}
}
