package processor

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"detour/alert"
	"detour/internal/natstest"
	"detour/processor/correlate"
	"detour/route"
	"detour/stream"
)

// leak is a log in which AS396531 comes between AS701 and the origin at three
// peers, within seconds.
func leak() []route.Update {
	const p = "104.16.0.0/12"
	var updates []route.Update
	add := func(peer uint32, at route.Time, flags route.Flags, hops ...route.ASN) {
		u := announce(at, flags, p, hops...)
		u.Peer, u.Number = peer, uint64(len(updates))+1
		updates = append(updates, u)
	}
	ways := [][]route.ASN{{100, 701, 13335}, {200, 701, 13335}, {6777, 701, 13335}}
	for peer, way := range ways {
		add(uint32(peer), 1e15, route.FlagTableDump, way...)
	}
	for peer, way := range ways {
		at := route.Time(1e15) + 400*route.Second + route.Time(peer)*route.Second
		add(uint32(peer), at, 0, way[0], 701, 396531, 33154, 13335)
	}
	return updates
}

// TestAFrameBecomesAnAlert runs shards and a correlator on a real JetStream; one
// shard dies and reads its log again.
func TestAFrameBecomesAnAlert(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("", func(t *testing.T) {
		nc, js := natstest.Start(t)
		deps := Deps{Conn: nc, JS: js}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		const shards = 2
		watch := watchOf(t, "104.16.0.0/12 AS13335")
		if err := stream.Ensure(ctx, js, stream.Settings{Shards: shards}); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		run := func(f func(context.Context) error) (stop func()) {
			life, end := context.WithCancel(ctx)
			done := make(chan struct{})
			wg.Go(func() {
				defer close(done)
				if err := f(life); err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
			return func() { end(); <-done }
		}
		defer wg.Wait()
		defer cancel()

		newShard := func(n int) *Shard {
			s, err := NewShard(Config{Shard: n, Shards: shards, Watched: watchedIn(watch)}, deps)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		first := []*Shard{newShard(0), newShard(1)}
		var stops []func()
		for _, s := range first {
			stops = append(stops, run(s.Run))
		}
		pub, err := stream.NewPublisher(js, stream.PublisherConfig{Ingester: "i", Shards: shards})
		if err != nil {
			t.Fatal(err)
		}
		run(pub.Run)
		updates := leak()
		for i := range updates {
			if err := pub.Add(ctx, &updates[i], &sessions[updates[i].Peer]); err != nil {
				t.Fatal(err)
			}
			if i == len(updates)/2 {
				if err := pub.Drain(ctx); err != nil {
					t.Fatal(err)
				}
				awaitEvidence(ctx, t, js, shards)
				for n, stop := range stops {
					stop()
					run(newShard(n).Run)
				}
			}
		}
		if err := pub.End(ctx); err != nil {
			t.Fatal(err)
		}
		judge := NewJudge(JudgeConfig{
			Correlate: correlate.Config{Shards: shards, Outside: correlate.Outside{Watch: watch}},
			UntilEnd:  true, Member: "j",
		}, deps)
		if err := judge.Run(ctx); err != nil {
			t.Fatal(err)
		}
		st := judge.Stats()
		if !st.Ended || st.Correlate.Elements != uint64(len(updates)) || st.Correlate.Duplicates+st.Correlate.Skipped == 0 {
			t.Errorf("judged %+v, want %d elements once each and something told twice", st.Correlate, len(updates))
		}
		checkAlert(ctx, t, js)
	})
}

// awaitEvidence returns when each shard has told something.
func awaitEvidence(ctx context.Context, t *testing.T, js jetstream.JetStream, shards int) {
	t.Helper()
	for {
		s, err := js.Stream(ctx, stream.EvidenceStream)
		if err != nil {
			t.Fatal(err)
		}
		info, err := s.Info(ctx, jetstream.WithSubjectFilter(stream.AllEvidence))
		if err != nil {
			t.Fatal(err)
		}
		if len(info.State.Subjects) == shards {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func checkAlert(ctx context.Context, t *testing.T, js jetstream.JetStream) {
	t.Helper()
	s, err := js.Stream(ctx, stream.AlertsStream)
	if err != nil {
		t.Fatal(err)
	}
	if n := s.CachedInfo().State.Msgs; n != 1 {
		t.Fatalf("%d alerts are stored, want 1", n)
	}
	m, err := s.GetMsg(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	var a alert.Alert
	if err := json.Unmarshal(m.Data, &a); err != nil {
		t.Fatal(err)
	}
	if err := a.Validate(); err != nil {
		t.Error(err)
	}
	want := stream.AlertSubject("prefix", "unexpected-transit", 13335, "")
	if m.Subject != want || a.Suspect != 396531 || a.Segment == nil || a.Segment.ExportedTo != 701 || a.Counts.Peers != 2 {
		t.Errorf("alert on %s: %s", m.Subject, m.Data)
	}
}
