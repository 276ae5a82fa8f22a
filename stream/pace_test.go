package stream_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"detour/internal/natstest"
	"detour/route"
	"detour/stream"
)

// fill adds updates until Add blocks or n were added, and returns how many.
func fill(t *testing.T, p *stream.Publisher, n int) int {
	t.Helper()
	u := &route.Update{
		Peer: session.ID, Flags: route.FlagHasPath, Path: route.Path{ASNs: make([]route.ASN, 100)},
		Announced: []route.NLRI{route.MustPrefix("1.1.1.0/24").NLRI(0)},
	}
	for i := range n {
		u.Number++
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		err := p.Add(ctx, u, session)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			return i
		}
		if err != nil {
			t.Fatal(err)
		}
		if i%50 == 0 {
			if err := p.Drain(t.Context()); err != nil { // so that what is stored is known
				t.Fatal(err)
			}
		}
	}
	return n
}

func TestLaggingProcessorsHoldFilesBack(t *testing.T) {
	nc, js := natstest.Start(t)
	ensure(t, js, 2)
	p := newPublisher(t, js, stream.PublisherConfig{Shards: 2, LagMax: 200_000, RequirePositions: true})
	run(t, p.Run)
	const plenty = 5000 // of some 420 bytes
	added := fill(t, p, plenty)
	if added < 200_000/450 || added > 2*200_000/400 {
		t.Fatalf("%d updates were taken before anyone read", added)
	}
	shard := stream.Shard(route.MustPrefix("1.1.1.0/24"), 2)
	position := stream.Position{Member: "m", Shard: shard, Sequence: 1}
	released := make(chan int)
	go func() { released <- fill(t, p, 1) }()
	for done := false; !done; { // the publisher may not listen yet
		if err := stream.PublishPosition(nc, position); err != nil {
			t.Fatal(err)
		}
		select {
		case n := <-released:
			if n == 1 {
				t.Error("released by a position that is still far behind")
			}
			done = true
		case <-time.After(10 * time.Millisecond):
		}
	}
	position.Sequence = 1 << 40
	if err := stream.PublishPosition(nc, position); err != nil {
		t.Fatal(err)
	}
	for p.Lag(shard) != 0 {
		time.Sleep(time.Millisecond)
	}
	if n := fill(t, p, 100); n != 100 {
		t.Errorf("still held back after %d", n)
	}
	if s := p.Stats(); s.Holdbacks == 0 {
		t.Errorf("%+v", s)
	}
}

func TestNobodyIsWaitedForUntilAPositionWasHeard(t *testing.T) {
	_, js := natstest.Start(t)
	ensure(t, js, 2)
	p := newPublisher(t, js, stream.PublisherConfig{Shards: 2, LagMax: 10_000})
	run(t, p.Run)
	if n := fill(t, p, 500); n != 500 {
		t.Errorf("held back after %d", n)
	}
}

func TestHeldBackAddEndsWithThePublisher(t *testing.T) {
	_, js := natstest.Start(t)
	ensure(t, js, 1)
	p := newPublisher(t, js, stream.PublisherConfig{Shards: 1, LagMax: 10_000, RequirePositions: true})
	stop := run(t, p.Run)
	fill(t, p, 500)
	done := make(chan error)
	go func() { done <- p.Add(context.Background(), updates(1, 1)[0], session) }()
	for before := p.Stats().Holdbacks; p.Stats().Holdbacks == before; {
		time.Sleep(time.Millisecond)
	}
	stop()
	if err := <-done; !errors.Is(err, stream.ErrSenderStopped) {
		t.Errorf("ended with %v", err)
	}
}

func TestPositionsAreToldWhenDueAndNotMore(t *testing.T) {
	nc, _ := natstest.Start(t)
	sub, err := nc.SubscribeSync(stream.AllPositions)
	if err != nil {
		t.Fatal(err)
	}
	r := stream.NewPositionReporter(nc, "m", 3)
	now := time.Unix(1e9, 0)
	at := func(ms int) time.Time { return now.Add(time.Duration(ms) * time.Millisecond) }
	report := func(sequence uint64, ms int) {
		if err := r.Report(sequence, at(ms)); err != nil {
			t.Fatal(err)
		}
	}
	report(0, 0)   // told: the first
	report(1, 50)  // too soon
	report(2, 100) // told: 100 ms
	for seq := uint64(3); seq < 300; seq++ {
		report(seq, 101) // told once: 256 frames, at 258
	}
	report(299, 150)  // too soon
	report(299, 201)  // told: 100 ms, with frames untold
	report(299, 1000) // nothing new
	report(299, 1201) // told: a second
	for _, want := range []uint64{0, 2, 258, 299, 299} {
		m, err := sub.NextMsgWithContext(natstest.Context(t, 10*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		p, err := stream.ParsePosition(m.Data)
		if p != (stream.Position{Member: "m", Shard: 3, Sequence: want}) || err != nil || m.Subject != "detour.v1.position.3" {
			t.Errorf("%+v on %s, %v; want %d", p, m.Subject, err, want)
		}
	}
	if n, _, _ := sub.Pending(); n != 0 {
		t.Errorf("%d more", n)
	}
}
