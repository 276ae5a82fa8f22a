package rislive

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"detour/ingest/mrt/mrttest"
	"detour/ingest/rislive/risltest"
	"detour/route"
)

// samples are messages of every kind.
func samples() [][]byte {
	modern := risltest.Format{Host: "rrc00", WithRaw: true, Modern: true}
	u6 := &route.Update{
		Flags: route.FlagHasPath | route.FlagHasMED | route.FlagHasAggregator, MED: 7, AggregatorASN: 64500,
		Path: route.Path{
			ASNs: []route.ASN{64500, 1, 2}, Segments: []route.Segment{{Type: 2, Count: 1}, {Type: 1, Count: 2}},
		},
		Communities: []byte{0, 1, 0, 2},
		Announced:   []route.NLRI{route.MustPrefix("2001:db8::/32").NLRI(0)},
		Withdrawn:   []route.NLRI{route.MustPrefix("10.0.0.0/8").NLRI(0)}, MPWithdrawn: 1,
	}
	u6.MPNextHop.Len = 32
	u6.MPNextHop.Bytes = [32]byte{0x20, 1, 0xd, 0xb8, 15: 1, 16: 0xfe, 17: 0x80, 31: 1}
	return [][]byte{
		announce("10.1.0.0/16"), announce("10.2.0.0/16"),
		modern.Update(noon, peer4, u6, mrttest.BGP(2, []byte{0, 0, 0})),
		risltest.Format{Host: "rrc00"}.Update(noon, peer4, u6, nil),
		format.State(noon, peer4, "connected"), format.State(noon, peer4, "down"),
		format.Other(noon, peer4, "NOTIFICATION", mrttest.BGP(3, []byte{6, 2})),
		format.Other(noon, peer4, "KEEPALIVE", mrttest.BGP(4, nil)),
		risltest.Error("no such filter"),
		format.Update(noon, peer4, &route.Update{}, mrttest.Update(nil, nil, nil)),
	}
}

// mutate damages b in a few places.
func mutate(rng *rand.Rand, b []byte) []byte {
	b = slices.Clone(b)
	for range 1 + rng.IntN(8) {
		if len(b) == 0 {
			return b
		}
		i := rng.IntN(len(b))
		j := min(len(b), i+1+rng.IntN(200))
		switch rng.IntN(7) {
		case 0:
			b[i] ^= 1 << rng.IntN(8)
		case 1:
			b[i] = byte(rng.Uint32())
		case 2:
			b = slices.Delete(b, i, j)
		case 3:
			b = slices.Insert(b, i, b[i:j]...)
		case 4:
			b = slices.Insert(b, i, []byte("0123456789abcdef[]{},:\"\n\\")[rng.IntN(25)])
		case 5:
			b = b[:j]
		case 6:
			b = slices.Insert(b, i, bytes.Repeat([]byte{"[{9 "[rng.IntN(4)]}, rng.IntN(3000))...)
		}
	}
	return b
}

// Ten thousand damaged streams, one after the other, and then a good one: nothing
// panics, memory stays bounded, and the source still reads.
func TestDamagedStreamsDoNotEndTheSource(t *testing.T) {
	streams := 10000
	if testing.Short() {
		streams = 500
	}
	rng := rand.New(rand.NewPCG(6, 1))
	good := append(bytes.Join(samples(), []byte("\n")), '\n')
	r := &running{out: &output{}}
	cfg := Config{URL: "http://localhost", ReadAhead: 1 << 16, RetryMin: 1, RetryMost: 1}
	s, err := New(cfg, &forgetful{output: r.out})
	if err != nil {
		t.Fatal(err)
	}
	r.Source = s
	opened, before, peak := 0, 0, uint64(0)
	s.open = func(ctx context.Context) (*feed, error) {
		opened++
		if opened%100 == 0 {
			peak = max(peak, heap())
		}
		if opened > streams {
			before = r.out.elementsNow()
			return &feed{Reader: &staying{ctx, bytes.NewReader(good)}, close: func() {}}, nil
		}
		end := io.EOF
		if rng.IntN(2) == 0 {
			end = io.ErrUnexpectedEOF
		}
		damaged := bytes.NewReader(mutate(rng, good))
		return &feed{Reader: io.MultiReader(damaged, failing{end}), close: func() {}}, nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	r.until(t, "the last stream", func() bool { return s.Stats().Disconnects == uint64(streams) })
	good6 := func() bool { return s.Stats().Connects > uint64(streams) && r.out.elementsNow() == before+6 }
	r.until(t, "its elements", good6)
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	const most = 128 << 20
	if peak > most {
		t.Errorf("%d MiB were in use", peak>>20)
	}
	stats := s.Stats()
	t.Logf("%d MiB; %d messages, %d elements of %d peers, skipped %v",
		peak>>20, stats.Messages, stats.Elements, stats.Sessions, stats.Skipped)
	if stats.Elements < uint64(streams) || stats.Skipped["not-json"] == 0 || stats.Skipped["partial-line"] == 0 {
		t.Error("the streams were damaged too little or too much")
	}
}

// heap returns the memory in use.
func heap() uint64 {
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return mem.HeapInuse
}

// forgetful counts, and keeps nothing, however much is told.
type forgetful struct{ *output }

func (f *forgetful) Add(_ context.Context, u *route.Update, s *route.Session) error {
	if err := wellFormed(u); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.elements += u.Elements()
	return nil
}

// wellFormed says what of an update no consumer is prepared for.
func wellFormed(u *route.Update) error {
	for i, list := range [][]route.NLRI{u.Announced, u.Withdrawn} {
		for _, n := range list {
			hi, lo := route.Mask(n.Bits)
			if n.Bits > uint8(n.Family.MaxBits()) || n.Hi&^hi != 0 || n.Lo&^lo != 0 || n.PathID != 0 || n.Family == 0 {
				return errors.New("a prefix that is none: " + n.Prefix().String())
			}
		}
		if i == 0 && u.MPAnnounced > len(list) || i == 1 && u.MPWithdrawn > len(list) {
			return errors.New("more of MP_REACH than there is")
		}
	}
	n := 0
	for _, s := range u.Path.Segments {
		n += int(s.Count)
	}
	if len(u.Path.Segments) > 0 && n != len(u.Path.ASNs) {
		return errors.New("segments that do not cover the path")
	}
	if slices.Contains(u.Path.ASNs, 0) || len(u.Path.ASNs) > maxASNs || len(u.Communities)%4 != 0 {
		return errors.New("a path or communities that cannot be")
	}
	return nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// staying ends with ctx.
type staying struct {
	ctx context.Context
	r   io.Reader
}

func (s *staying) Read(p []byte) (int, error) {
	if n, err := s.r.Read(p); err == nil {
		return n, nil
	}
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

// FuzzLine hands in anything as a line.
func FuzzLine(f *testing.F) {
	for _, s := range samples() {
		f.Add(s)
	}
	f.Add([]byte(`{"type":"ris_message","data":[`))
	f.Fuzz(func(t *testing.T, line []byte) {
		out := &forgetful{output: &output{}}
		h := testHandler(out)
		for range 2 { // what is left of the first must not show in the second
			if err := h.line(t.Context(), line); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(h.desk.Sessions()); n > 1 {
			t.Errorf("%d peers of one message", n)
		}
	})
}
