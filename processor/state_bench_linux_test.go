package processor

import (
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"time"

	"detour/alert"
	"detour/internal/scenario/topo"
	"detour/processor/correlate"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// fullTable is that of the Internet by the end of 2026, as so many peers have it.
func fullTable(b *testing.B, peers int) *topo.Table {
	b.Helper()
	debug.SetGCPercent(GCPercent)
	g, err := topo.Generate(topo.Config{ASes: 75_000}, 1)
	if err != nil {
		b.Fatal(err)
	}
	table, err := topo.NewTable(g, topo.TableConfig{
		Peers: peers, At: 1_767_225_600 * route.Second, Unnamed: true, Prefixes4: 1_050_000, Prefixes6: 230_000,
	}, 1)
	if err != nil {
		b.Fatal(err)
	}
	return table
}

// fullShard is shard 0 of 8 of a full table of 40 peers, which then sees news at
// each hundredth route.
func fullShard(b *testing.B) *life {
	b.Helper()
	const shards = 8
	table := fullTable(b, 40)
	l := newLife(b, Config{Shards: shards})
	frame, frames := wire.NewFrameBuilder("i", 1), uint64(0)
	frame.Reset(1)
	var own []route.NLRI
	flush := func() {
		frames++
		if err := l.e.apply(frames, 0, frame.Bytes(frames)); err != nil {
			b.Fatal(err)
		}
		l.e.startRange()
		frame.Reset(1)
	}
	for pass := range 2 {
		n := 0
		for s, u := range table.Each {
			if n++; pass > 0 && n%100 != 0 {
				continue
			}
			own = own[:0]
			for _, p := range u.Announced {
				if stream.Owners(p.Prefix(), shards)&1 != 0 {
					own = append(own, p)
				}
			}
			if pass > 0 {
				u.Flags &^= route.FlagTableDump
				u.Engine += 1000*route.Second + route.Time(n)*20 // a few minutes of churn
				hops := u.Path.ASNs
				u.Path.ASNs = append(hops[:1:1], append([]route.ASN{route.ASN(100_000 + n%50_000)}, hops[1:]...)...)
			}
			if len(own) > 0 {
				frame.Add(u, s, own, nil)
			}
			if frame.Len() >= stream.DefaultFrameBytes {
				flush()
			}
		}
	}
	flush()
	l.next = frames + 1
	return l
}

// stopwatch tells how long this thread has worked: what other processes take away
// does not count.
func stopwatch() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_THREAD, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// times are how long something took, again and again.
type times struct{ wall, cpu []time.Duration }

func (t *times) take(f func()) {
	begin, worked := time.Now(), stopwatch()
	f()
	t.wall, t.cpu = append(t.wall, time.Since(begin)), append(t.cpu, stopwatch()-worked)
}

func (t *times) report(b *testing.B, what string) {
	ms := func(d time.Duration) float64 { return float64(d) / 1e6 }
	slices.Sort(t.wall)
	b.ReportMetric(ms(t.wall[len(t.wall)/2]), "ms-"+what+"-median")
	b.ReportMetric(ms(slices.Max(t.wall)), "ms-"+what+"-longest")
	b.ReportMetric(ms(slices.Max(t.cpu)), "ms-"+what+"-cpu-longest")
}

// BenchmarkSnapshotOfAShard prints how long a shard of a full table stands still,
// the longest time of all rounds, and how long it takes to restore it.
func BenchmarkSnapshotOfAShard(b *testing.B) {
	l := fullShard(b)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	state := l.e.state(1, time.Time{})
	var buf, body []byte
	var count, ready, copied, restored times
	for b.Loop() {
		size := 0
		count.take(func() { size, _ = l.codec.Size(state) })
		ready.take(func() { buf = room(buf, size+size/16+page) })
		copied.take(func() { body, _ = l.codec.Append(buf, state) })
		if len(body) != size || size == 0 {
			b.Fatalf("%d bytes, %d were foretold", len(body), size)
		}
	}
	restored.take(func() {
		if _, err := newEngine(l.cfg).restore(l.codec, body); err != nil {
			b.Fatal(err)
		}
	})
	count.report(b, "count")
	ready.report(b, "ready")
	copied.report(b, "copy")
	restored.report(b, "restore")
	b.ReportMetric(float64(len(body))/1e6, "MB")
	b.ReportMetric(float64(l.e.counters.Elements), "elements")
	b.ReportMetric(float64(l.e.rib.Prefixes(route.IPv4)+l.e.rib.Prefixes(route.IPv6)), "prefixes")
	b.Logf("%+v", l.e.rib.Weigh())
}

// BenchmarkSnapshotOfACorrelator is the same for the correlator that all shards
// of a full table have told of it.
func BenchmarkSnapshotOfACorrelator(b *testing.B) {
	line, err := NewLine(LineConfig{Shards: 8, RangeFrames: 8}, func(*alert.Alert) {})
	if err != nil {
		b.Fatal(err)
	}
	n, tick := route.Time(0), route.Time(0)
	for s, u := range fullTable(b, 10).Each {
		u.Engine += n * 500 // an hour or two
		if n++; u.Engine >= tick {
			if tick = u.Engine + route.Second; line.Tick(b.Context(), u.Engine) != nil {
				b.Fatal("no tick")
			}
		}
		if err := line.Add(b.Context(), u, s); err != nil {
			b.Fatal(err)
		}
	}
	if err := line.Tick(b.Context(), tick); err != nil {
		b.Fatal(err)
	}
	codec, err := judgeCodec()
	if err != nil {
		b.Fatal(err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	state := &judgeState{shards: 8, c: line.c}
	size, err := codec.Size(state)
	if err != nil {
		b.Fatal(err)
	}
	body := room(nil, size)
	var copied, restored times
	for b.Loop() {
		copied.take(func() { body, err = codec.Append(body[:0], state) })
		if err != nil {
			b.Fatal(err)
		}
	}
	restored.take(func() { err = codec.Decode(body, &judgeState{c: correlate.New(line.cfg.Correlate)}) })
	if err != nil {
		b.Fatal(err)
	}
	copied.report(b, "copy")
	restored.report(b, "restore")
	b.ReportMetric(float64(len(body))/1e6, "MB")
	b.Logf("%+v", line.c.Stats())
}
