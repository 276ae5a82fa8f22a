package processor

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"detour/internal/snapshot"
	"detour/processor/rib"
	"detour/route"
)

// failer is what a test of either kind can do.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// life is an engine and what it told: each range as bytes, each flag.
type life struct {
	cfg    Config
	e      *engine
	codec  *snapshot.Codec
	next   uint64 // sequence
	ranges [][]byte
	flags  []string
}

func newLife(t failer, cfg Config) *life {
	t.Helper()
	codec, err := shardCodec()
	if err != nil {
		t.Fatal(err)
	}
	l := &life{cfg: cfg, codec: codec, next: 1}
	l.cfg.Flags = func(f *Flag) { l.flags = append(l.flags, string(f.Line)) }
	l.e = newEngine(l.cfg)
	return l
}

// take applies a message, which ends a range.
func (l *life) take(missing uint64, data []byte) {
	from := l.next
	l.next += missing + 1
	_ = l.e.apply(l.next-1, missing, data) // garbage is counted
	l.ranges = append(l.ranges, slices.Clone(l.e.finishRange(1, from, l.next)))
	l.e.startRange()
}

func (l *life) body(t failer) []byte {
	t.Helper()
	body, err := l.codec.Append(nil, l.e.state(l.next-1, time.Unix(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// die goes on with a new engine that has the state of the old one.
func (l *life) die(t failer) {
	t.Helper()
	if err := l.codec.Check(l.e.state(0, time.Time{})); err != nil {
		t.Fatal(err)
	}
	body := l.body(t)
	l.e = newEngine(l.cfg)
	s, err := l.e.restore(l.codec, body)
	if err != nil {
		t.Fatal(err)
	}
	if s.sequence != l.next-1 || !fromNanos(s.created).Equal(time.Unix(1, 2)) {
		t.Fatalf("restored at %d of a stream of %v", s.sequence, fromNanos(s.created))
	}
}

// same fails unless both lives told the same and would be stored the same.
func same(t failer, one, many *life) {
	t.Helper()
	if len(one.ranges) != len(many.ranges) {
		t.Fatalf("%d and %d ranges", len(one.ranges), len(many.ranges))
	}
	for i := range one.ranges {
		if !bytes.Equal(one.ranges[i], many.ranges[i]) {
			t.Fatalf("range %d of %d differs:\n%x\n%x", i, len(one.ranges), one.ranges[i], many.ranges[i])
		}
	}
	if !slices.Equal(one.flags, many.flags) {
		t.Fatalf("flags differ:\n%v\n%v", one.flags, many.flags)
	}
	if !bytes.Equal(one.body(t), many.body(t)) {
		t.Fatal("the states differ")
	}
}

// odd watches some prefixes.
func odd(p route.Prefix, origin route.ASN) bool { return (p.Hi>>48+uint64(origin))%2 == 1 }

// TestARestoredShardTellsTheSame: a shard that dies behind any frames and goes
// on from a snapshot tells, to the byte, what it would have told.
func TestARestoredShardTellsTheSame(t *testing.T) {
	flags, gaps := 0, uint64(0)
	rapid.Check(t, func(rt *rapid.T) {
		cfg := Config{
			Shards: 1, Watched: odd, FlagsPerBlock: rapid.SampledFrom([]int{1, 3, 0}).Draw(rt, "flags per block"),
			RIB: rapid.SampledFrom([]rib.Config{{}, {}, {MaxPrefixes: 6}, {MaxPeers: 3, MaxRecent: 5}}).Draw(rt, "bounds"),
		}
		one, many := newLife(rt, cfg), newLife(rt, cfg)
		for _, m := range drawStream(rt) {
			one.take(m.missing, m.data)
			many.take(m.missing, m.data)
			if rapid.IntRange(0, 3).Draw(rt, "dies") == 0 {
				many.die(rt)
			}
		}
		same(rt, one, many)
		flags, gaps = flags+len(one.flags), gaps+one.e.counters.Gaps
	})
	if flags == 0 || gaps == 0 {
		t.Errorf("%d flags, %d gaps: the test shows nothing", flags, gaps)
	}
}

// TestARestoredShardSweepsTheSame: nodes are reclaimed and come back as others.
func TestARestoredShardSweepsTheSame(t *testing.T) {
	one, many := newLife(t, Config{Shards: 1}), newLife(t, Config{Shards: 1})
	s, asn, number := &sessions[0], route.ASN(200000), uint64(0)
	var updates []route.Update
	for _, p := range []string{"11.0.0.0/16", "12.0.0.0/16", "13.1.0.0/16"} {
		for range 1500 {
			number++
			u := announce(1e15+route.Time(number)*route.Second, 0, p, longPath(s, &asn)...)
			u.Number = number
			updates = append(updates, u)
		}
	}
	deaths := 0
	for i, f := range split("i", updates, 1, func() bool { return true })[0].frames {
		one.take(0, f)
		many.take(0, f)
		if i%700 == 0 {
			many.die(t)
			deaths++
		}
	}
	same(t, one, many)
	if n := many.e.rib.Counters.Sweeps; n < 2 || deaths < 4 {
		t.Errorf("%d sweeps, %d deaths: the test shows little", n, deaths)
	}
}

// TestARestoredShardTellsTheSameOfARecording is the same on real traffic.
func TestARestoredShardTellsTheSameOfARecording(t *testing.T) {
	all, _ := frames(t, "../../shared/corpus/mrt/ris.rrc00.updates.20190101.0000.gz")
	cfg := Config{Shards: 1, Watched: odd}
	one, many := newLife(t, cfg), newLife(t, cfg)
	for i, f := range all {
		one.take(0, f)
		many.take(0, f)
		if i%(len(all)/4) == len(all)/8 {
			many.die(t)
		}
	}
	same(t, one, many)
	if one.e.counters.Records == 0 {
		t.Error("nothing was told")
	}
}

func TestASnapshotOfAnotherShardIsRefused(t *testing.T) {
	c, err := NewCore(Config{Shard: 1, Shards: 4})
	if err != nil {
		t.Fatal(err)
	}
	body, err := c.Snapshot(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, cfg := range []Config{{Shard: 2, Shards: 4}, {Shard: 1, Shards: 8}} {
		other, err := NewCore(cfg)
		if err != nil {
			t.Fatal(err)
		}
		err = other.Restore(body)
		if !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), "it is of shard 1 of 4") {
			t.Errorf("shard %d of %d: %v", cfg.Shard, cfg.Shards, err)
		}
	}
	if err := c.Restore(body[:len(body)-1]); !errors.Is(err, snapshot.ErrDamaged) {
		t.Error(err)
	}
}

// TestDamagedSnapshotsOfAShardAreNoPanic changes octets of the schema and of all
// that is not a block.
func TestDamagedSnapshotsOfAShardAreNoPanic(t *testing.T) {
	l := newLife(t, Config{Shards: 1, Watched: odd})
	for _, f := range split("i", leakAndResets(), 1, func() bool { return true })[0].frames {
		l.take(0, f)
	}
	body, rng, refused := l.body(t), rand.New(rand.NewPCG(1, 2)), 0
	for range 150 {
		bad, at := bytes.Clone(body), rng.IntN(8<<10)
		if rng.IntN(2) == 0 {
			at = len(bad) - 1 - at
		}
		if bad[at] ^= byte(1 + rng.IntN(255)); rng.IntN(4) == 0 {
			bad = bad[:rng.IntN(len(bad))]
		}
		if _, err := newEngine(l.cfg).restore(l.codec, bad); err != nil {
			refused++
		}
	}
	if refused < 15 {
		t.Errorf("%d of 150 were refused: the test shows little", refused)
	}
}

var update = flag.Bool("update", false, "write the golden snapshots")

// golden returns a file of testdata, which -update makes anew from data.
func golden(t testing.TB, name string, data []byte) []byte {
	t.Helper()
	if *update {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(data) //nolint:errcheck // a buffer takes everything
		z.Close()
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestASnapshotOfBeforeIsRead restores a shard from what a version of before has
// written. It is to be read for one release after its format was given up; only
// then may it be written anew, with -update.
func TestASnapshotOfBeforeIsRead(t *testing.T) {
	cfg := Config{Shards: 1, Watched: odd}
	l, rest := newLife(t, cfg), newLife(t, cfg)
	all := split("i", leakAndResets(), 1, func() bool { return true })[0].frames
	half := len(all) / 2
	for _, f := range all[:half] {
		l.take(0, f)
		rest.take(0, f)
	}
	body := golden(t, "testdata/shard.format1.gz", l.body(t))
	l.e = newEngine(l.cfg)
	if _, err := l.e.restore(l.codec, body); err != nil {
		t.Fatal(err)
	}
	for _, f := range all[half:] {
		l.take(0, f)
		rest.take(0, f)
	}
	same(t, rest, l)
	if len(l.flags) == 0 {
		t.Error("no flag: the test shows little")
	}
}

// leakAndResets is a leak behind a table, with sessions that end and ADD-PATH.
func leakAndResets() []route.Update {
	all := leak()
	last := &all[len(all)-1]
	at := last.Engine
	for i, hops := range [][]route.ASN{{300, 10, 1}, {300, 20, 1}, {300, 30, 1}} {
		u := announce(at-200*route.Second, route.FlagPathIDs, "10.0.0.0/8", hops...)
		u.Peer, u.Announced[0].PathID = 4, uint32(i)
		all = slices.Insert(all, len(all)-3, u)
	}
	down := route.Update{Kind: route.KindPeerDown, Peer: 1, Engine: at + route.Second}
	tick := route.Update{Kind: route.KindTick, Peer: route.AllPeers, Engine: at + route.Minute}
	all = append(all, down, tick)
	for i := range all {
		all[i].Number = uint64(i) + 1
	}
	return all
}
