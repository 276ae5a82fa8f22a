package stream_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"detour/internal/natstest"
	"detour/route"
	"detour/stream"
)

// fill adds updates until Add is held back or n were added, and returns how
// many.
func fill(t *testing.T, p *stream.Publisher, n int) int {
	t.Helper()
	u := &route.Update{
		Peer: session.ID, Flags: route.FlagHasPath, Path: route.Path{ASNs: make([]route.ASN, 100)},
		Announced: []route.NLRI{route.MustPrefix("1.1.1.0/24").NLRI(0)},
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	before := p.Stats().Holdbacks
	wg.Go(func() {
		for ctx.Err() == nil && p.Stats().Holdbacks == before {
			time.Sleep(time.Millisecond)
		}
		cancel()
	})
	for i := range n {
		u.Number++
		if err := p.Add(ctx, u, session); errors.Is(err, context.Canceled) {
			return i
		} else if err != nil {
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
	stored := p.Lag(shard)
	tell := func(sequence uint64, until func() bool) {
		for !until() { // the publisher may not listen yet
			err := stream.PublishPosition(nc, stream.Position{Member: "m", Shard: shard, Sequence: sequence})
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
	}
	// Not the first: on a busy machine that may be a copy of the second.
	tell(5, func() bool { return p.Lag(shard) < stored })
	lag := p.Lag(shard)
	if n := fill(t, p, 1); (n == 0) != (lag > 200_000) {
		t.Errorf("%d updates were taken with processors %d bytes behind", n, lag)
	}
	tell(1<<40, func() bool { return p.Lag(shard) == 0 })
	if n := fill(t, p, 100); n != 100 {
		t.Errorf("still held back after %d", n)
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
	before := p.Stats().Holdbacks
	go func() { done <- p.Add(context.Background(), updates(1, 1)[0], session) }()
	for p.Stats().Holdbacks == before {
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
	report(0, 0) // told: the first
	for seq := uint64(1); seq < 16; seq++ {
		report(seq, 200) // too few
	}
	report(16, 201) // told: 16 frames and 100 ms
	for seq := uint64(17); seq < 300; seq++ {
		report(seq, 202) // told once: 256 frames, at 272
	}
	report(299, 300)  // too soon
	report(299, 302)  // told: 100 ms, with frames untold
	report(300, 1301) // too few
	report(300, 1302) // told: a second
	for _, want := range []uint64{0, 16, 272, 299, 300} {
		m, err := sub.NextMsgWithContext(natstest.Context(t, 10*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		p, err := stream.ParsePosition(m.Data)
		told := stream.Position{Member: "m", Shard: 3, Sequence: want}
		if p != told || err != nil || m.Subject != stream.PositionSubject(3) {
			t.Errorf("%+v on %s, %v; want %d", p, m.Subject, err, want)
		}
	}
	if n, _, _ := sub.Pending(); n != 0 {
		t.Errorf("%d more", n)
	}
}
