package stream_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"detour/internal/natstest"
	"detour/route"
	"detour/stream"
	"detour/wire"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"
)

var session = &route.Session{
	Peer: route.Peer{Collector: "rrc00", Addr: netip.MustParseAddr("192.0.2.1"), ASN: 64500},
	ID:   7, Feed4: route.FeedFull,
}

// updates returns n made-up updates with 1 to 4 prefixes, a few of them short.
func updates(n int, seed uint64) []*route.Update {
	rng := rand.New(rand.NewPCG(seed, 0))
	prefix := func() route.NLRI {
		p := route.Prefix{Hi: rng.Uint64(), Bits: uint8(rng.IntN(17) + 8), Family: route.IPv4}
		if rng.IntN(3) == 0 {
			p.Family, p.Bits = route.IPv6, uint8(rng.IntN(30)+19)
		}
		mask, _ := route.Mask(p.Bits)
		p.Hi &= mask
		return p.NLRI(0)
	}
	us := make([]*route.Update, n)
	for i := range us {
		u := &route.Update{
			Peer: session.ID, Number: uint64(i + 1), Engine: route.Time(1e15 + i), Collected: route.Time(1e15),
			Flags: route.FlagHasPath, Path: route.Path{ASNs: []route.ASN{64500, 3356, 13335}},
		}
		for range rng.IntN(3) + 1 {
			u.Announced = append(u.Announced, prefix())
		}
		if rng.IntN(4) == 0 {
			u.Withdrawn = append(u.Withdrawn, prefix())
		}
		if rng.IntN(200) == 0 {
			u = &route.Update{Kind: route.KindPeerDown, Peer: session.ID, Number: u.Number, Engine: u.Engine}
		}
		us[i] = u
	}
	return us
}

// entry is what a shard receives: an element, or an event without a prefix.
type entry struct {
	Number   uint64
	Kind     route.Kind
	Engine   route.Time
	Prefix   string
	Withdraw bool
}

// entries lists what u means to a shard; shard -1 takes all.
func entries(u *route.Update, shard, shards int) (es []entry) {
	if u.Kind != route.KindUpdate {
		return []entry{{Number: u.Number, Kind: u.Kind, Engine: u.Engine}}
	}
	for i, n := range slices.Concat(u.Announced, u.Withdrawn) {
		if shard < 0 || stream.Owners(n.Prefix(), shards)>>shard&1 == 1 {
			es = append(es, entry{u.Number, u.Kind, u.Engine, n.Prefix().String(), i >= len(u.Announced)})
		}
	}
	slices.SortFunc(es, func(a, b entry) int {
		if a.Withdraw != b.Withdraw {
			return map[bool]int{true: 1, false: -1}[a.Withdraw]
		}
		return cmpString(a.Prefix, b.Prefix)
	})
	return es
}

func cmpString(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// received reads a shard's stream as a processor does: the next frame number
// counts, others are skipped. Ticks are left out.
func received(t testing.TB, js jetstream.JetStream, shard int) (es []entry, copies int, last wire.Frame) {
	t.Helper()
	ctx := natstest.Context(t, 30*time.Second)
	st, err := js.Stream(ctx, stream.UpdatesStream(shard))
	if err != nil {
		t.Fatal(err)
	}
	state := st.CachedInfo().State
	if state.Msgs == 0 {
		return nil, 0, last
	}
	var next uint64
	r := stream.NewReader(js, stream.ReaderConfig{Stream: stream.UpdatesStream(shard)})
	follow(t, r, 1, state.LastSeq, func(m *stream.Message) {
		var f wire.Frame
		if err := f.Decode(m.Data); err != nil {
			t.Fatal(err)
		}
		if next == 0 {
			next = f.Number
		}
		if f.Number != next {
			copies++
			return
		}
		next++
		var u route.Update
		rd := f.Updates()
		for rd.Next(&u) {
			if u.Kind != route.KindTick {
				es = append(es, entries(&u, -1, 0)...)
			}
		}
		last = f
	})
	if next > 0 && last.Number != next-1 {
		t.Errorf("shard %d: frame %d is missing", shard, next)
	}
	return es, copies, last
}

func newPublisher(t testing.TB, js jetstream.JetStream, cfg stream.PublisherConfig) *stream.Publisher {
	t.Helper()
	cfg.Ingester = "test"
	p, err := stream.NewPublisher(js, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ensure(t testing.TB, js jetstream.JetStream, shards int) {
	t.Helper()
	settings := stream.Settings{Shards: shards, Updates: stream.Limits{MaxBytes: 512 << 20}}
	if err := stream.Ensure(natstest.Context(t, 20*time.Second), js, settings); err != nil {
		t.Fatal(err)
	}
}

func expect(t testing.TB, js jetstream.JetStream, us []*route.Update, shards int) (copies int) {
	t.Helper()
	for shard := range shards {
		var want []entry
		for _, u := range us {
			want = append(want, entries(u, shard, shards)...)
		}
		got, again, _ := received(t, js, shard)
		copies += again
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("shard %d (-want +got):\n%.2000s", shard, diff)
		}
	}
	return copies
}

func TestPublisherGivesEveryOwnerItsPartInOrder(t *testing.T) {
	for name, c := range map[string]struct {
		shards int
		mode   stream.Mode
	}{
		"one shard":    {1, stream.Wait},
		"waiting":      {5, stream.Wait},
		"live":         {5, stream.Spill},
		"many, waited": {33, stream.Wait},
	} {
		t.Run(name, func(t *testing.T) {
			_, js := natstest.Start(t)
			ensure(t, js, c.shards)
			p := newPublisher(t, js, stream.PublisherConfig{Shards: c.shards, Mode: c.mode, FrameBytes: 1000})
			run(t, p.Run)
			ctx := natstest.Context(t, 30*time.Second)
			us := updates(2000, 1)
			elements := 0
			for _, u := range us {
				elements += u.Elements()
				if err := p.Add(ctx, u, session); err != nil {
					t.Fatal(err)
				}
			}
			if err := p.Drain(ctx); err != nil {
				t.Fatal(err)
			}
			if copies := expect(t, js, us, c.shards); copies != 0 {
				t.Errorf("%d second copies with nothing in the way", copies)
			}
			if s := p.Stats(); s.Updates != 2000 || s.Elements != uint64(elements) || s.DroppedUpdates != 0 ||
				s.SpilledBytes != 0 || s.Frames == 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestPublisherLosesNothingOverCutAndStalledConnections(t *testing.T) {
	for name, mode := range map[string]stream.Mode{"waiting": stream.Wait, "live": stream.Spill} {
		t.Run(name, func(t *testing.T) {
			srv := natstest.StartServer(t)
			_, clean := srv.Connect(t)
			ensure(t, clean, 3)
			b := &breaker{srv: srv}
			_, js := b.connect(t)
			p := newPublisher(t, js, stream.PublisherConfig{
				Shards: 3, Mode: mode, FrameBytes: 500,
				AckTimeout: 20 * time.Millisecond, BackoffMin: time.Millisecond,
			})
			run(t, p.Run)
			ctx := natstest.Context(t, 50*time.Second)
			us := updates(2000, 2)
			stop := b.torment(80*time.Millisecond, 30*time.Millisecond)
			for i, u := range us {
				if err := p.Add(ctx, u, session); err != nil {
					t.Fatal(err)
				}
				if i%10 == 0 {
					time.Sleep(time.Millisecond) // sleep: the torment needs time
				}
			}
			stop()
			if err := p.Drain(ctx); err != nil {
				t.Fatal(err)
			}
			copies := expect(t, clean, us, 3)
			s := p.Stats()
			t.Logf("%d second copies, %+v", copies, s)
			if s.Resends == 0 {
				t.Error("the connection was never in the way")
			}
		})
	}
}

func TestPublisherStatesWhatItHadToDrop(t *testing.T) {
	srv := natstest.StartServer(t)
	_, js := srv.Connect(t)
	ensure(t, js, 2)
	const spill = 20_000
	p := newPublisher(t, js, stream.PublisherConfig{
		Shards: 2, Mode: stream.Spill, FrameBytes: 1000, SpillBytes: spill, AckTimeout: 100 * time.Millisecond,
	})
	run(t, p.Run)
	ctx := natstest.Context(t, 50*time.Second)
	us := updates(6000, 3)
	for i, u := range us {
		switch i {
		case 1000:
			srv.Stop()
		case 5000:
			if s := p.Stats(); s.DroppedUpdates == 0 || s.SpilledBytes < spill/2 || s.SpilledBytes > spill*9/8 {
				t.Errorf("without a server: %+v", s)
			}
			if err := srv.Restart(ctx); err != nil {
				t.Fatal(err)
			}
			if err := p.Drain(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Add(ctx, u, session); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	s := p.Stats()
	var missing, gaps uint64
	for shard := range 2 {
		missing += missingBehindGaps(t, js, us, shard, 2, &gaps)
	}
	if missing != s.DroppedElements || gaps != s.Gaps || gaps < 2 {
		t.Errorf("%d elements missing, %d gaps; %+v", missing, gaps, s)
	}
}

// missingBehindGaps counts the elements of a shard that did not arrive, and
// fails for any that no gap event accounts for.
func missingBehindGaps(
	t *testing.T, js jetstream.JetStream, us []*route.Update, shard, shards int, gaps *uint64,
) (missing uint64) {
	t.Helper()
	got, _, _ := received(t, js, shard)
	at := 0
	pending := false // elements are missing since the last entry
	for _, u := range us {
		for _, want := range entries(u, shard, shards) {
			for at < len(got) && got[at].Kind == route.KindGap && got[at].Number < u.Number {
				if !pending {
					t.Errorf("shard %d: a gap before update %d, behind which nothing is missing", shard, u.Number)
				}
				*gaps++
				pending = false
				at++
			}
			if at < len(got) && got[at] == want {
				if pending {
					t.Fatalf("shard %d: update %d arrives without a gap for what is missing before", shard, u.Number)
				}
				at++
				continue
			}
			pending = true
			if want.Kind == route.KindUpdate {
				missing++
			}
		}
	}
	if pending && at < len(got) && got[at].Kind == route.KindGap {
		*gaps++
		at++
		pending = false
	}
	if at != len(got) || pending {
		t.Errorf("shard %d: %d entries that nobody sent, or in a wrong order", shard, len(got)-at)
	}
	return missing
}

func TestTickReachesQuietShardsAndEndAll(t *testing.T) {
	_, js := natstest.Start(t)
	ensure(t, js, 4)
	p := newPublisher(t, js, stream.PublisherConfig{Shards: 4})
	run(t, p.Run)
	ctx := natstest.Context(t, 20*time.Second)
	u := &route.Update{Peer: 7, Number: 5, Engine: 100, Announced: []route.NLRI{route.MustPrefix("1.1.1.0/24").NLRI(0)}}
	busy := stream.Shard(u.Announced[0].Prefix(), 4)
	for _, step := range []func() error{
		func() error { return p.Add(ctx, u, session) },
		func() error { return p.Tick(ctx, 200) },
		func() error { return p.Tick(ctx, 300) },
		func() error { return p.End(ctx) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	for shard := range 4 {
		want := []route.Time{200, 300, math.MaxInt64}
		if shard == busy {
			want[0] = 100
		}
		var got []route.Time
		r := stream.NewReader(js, stream.ReaderConfig{Stream: stream.UpdatesStream(shard)})
		err := r.Run(ctx, 1, func(m *stream.Message) error {
			var f wire.Frame
			if err := f.Decode(m.Data); err != nil {
				return err
			}
			var u route.Update
			rd := f.Updates()
			for rd.Next(&u) {
				got = append(got, u.Engine)
				if u.Kind == route.KindTick && (u.Number != 5 || u.Peer != route.AllPeers) {
					t.Errorf("tick %+v", u)
				}
			}
			if got[len(got)-1] == math.MaxInt64 {
				return errEnough
			}
			return nil
		})
		if !errors.Is(err, errEnough) || !slices.Equal(got, want) {
			t.Errorf("shard %d: engine times %v, want %v (%v)", shard, got, want, err)
		}
	}
}

func TestEpochsRiseEvenWhenTheClockHasGoneBack(t *testing.T) {
	nc, js := natstest.Start(t)
	ensure(t, js, 2)
	ctx := natstest.Context(t, 20*time.Second)
	before := uint64(time.Now().UnixMicro())
	p := newPublisher(t, js, stream.PublisherConfig{Shards: 2})
	stop := run(t, p.Run)
	if err := p.End(ctx); err != nil {
		t.Fatal(err)
	}
	stop()
	first := p.Stats().Epoch
	if first < before {
		t.Errorf("epoch %d is below the clock, %d", first, before)
	}
	future := first + uint64(stream.MaxAhead/2)
	b := wire.NewFrameBuilder("test", future)
	b.Add(&route.Update{Kind: route.KindTick, Peer: route.AllPeers}, nil, nil, nil)
	s := stream.NewSender(nc, stream.SenderConfig{Subject: stream.UpdatesSubject(1)})
	run(t, s.Run)
	if err := s.Send(ctx, b.Bytes(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	p = newPublisher(t, js, stream.PublisherConfig{Shards: 2})
	run(t, p.Run)
	if err := p.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	if got := p.Stats().Epoch; got != future+1 {
		t.Errorf("epoch %d, want %d", got, future+1)
	}
	for shard := range 2 { // numbers begin at 1 in each epoch
		if _, _, last := received(t, js, shard); last.Number != 1 {
			t.Errorf("shard %d: frame number %d", shard, last.Number)
		}
	}
}

func TestPublisherSaysWhyItCannotBegin(t *testing.T) {
	_, js := natstest.Start(t)
	ctx := natstest.Context(t, 20*time.Second)
	p := newPublisher(t, js, stream.PublisherConfig{Shards: 2})
	if err := p.Run(ctx); !errors.Is(err, jetstream.ErrStreamNotFound) {
		t.Errorf("without streams: %v", err)
	}
	if err := p.Add(ctx, updates(1, 1)[0], session); !errors.Is(err, jetstream.ErrStreamNotFound) {
		t.Errorf("add: %v", err)
	}
	if err := stream.Ensure(ctx, js, stream.Settings{Shards: 1, Updates: stream.Limits{MaxBytes: 100 << 20}}); err != nil {
		t.Fatal(err)
	}
	p = newPublisher(t, js, stream.PublisherConfig{Shards: 1, LagMax: 50 << 20})
	if err := p.Run(ctx); !errors.Is(err, stream.ErrIncompatible) {
		t.Errorf("a lag of half of max_bytes: %v", err)
	}
	for _, c := range []stream.PublisherConfig{
		{Shards: 1},
		{Ingester: "a", Shards: 65},
		{Ingester: "a", Shards: 1, FrameBytes: 1 << 20},
		{Ingester: "a", Shards: 1, LagMax: -1},
	} {
		if c.Check() == nil {
			t.Errorf("%+v passed", c)
		}
	}
}

func TestAFrameThatNoStreamTakesBecomesAGap(t *testing.T) {
	_, js := natstest.Start(t)
	ensure(t, js, 1)
	p := newPublisher(t, js, stream.PublisherConfig{Shards: 1})
	run(t, p.Run)
	ctx := natstest.Context(t, 20*time.Second)
	us := updates(3, 5)
	us[1].LargeCommunities = make([]byte, 12*100_000)
	for _, u := range us {
		if err := p.Add(ctx, u, session); err != nil {
			t.Fatal(err)
		}
		if err := p.Drain(ctx); err != nil {
			t.Fatal(err)
		}
	}
	gap := entry{Number: 2, Kind: route.KindGap, Engine: us[1].Engine}
	want := slices.Concat(entries(us[0], 0, 1), []entry{gap}, entries(us[2], 0, 1))
	got, _, _ := received(t, js, 0)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s := p.Stats(); s.OversizeFrames != 1 || s.DroppedUpdates != 1 || s.Gaps != 1 {
		t.Errorf("%+v", s)
	}
}
