package correlate

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// FuzzRange gives any range that the codec accepts to a fresh correlator,
// twice: it must not panic, must come to an end, and must only emit alerts that
// hold to their schema.
func FuzzRange(f *testing.F) {
	for _, flags := range []wire.RecordFlags{inflated, inflated | wire.RecordVirtualFirst, 0} {
		f.Add(fuzzSeed(f, flags))
	}
	configs := fuzzConfigs(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var r wire.Range
		if r.Decode(b) != nil {
			return
		}
		r.Header.Shard, r.Header.Shards = 0, 1
		for _, cfg := range configs {
			c := New(cfg)
			for range 2 {
				if err := c.Range(&r, fuzzAlerts(t)); err != nil {
					t.Fatal(err)
				}
				r.Header.StreamCreated++
			}
			if s := c.Stats(); s.Records+s.Skipped != 2*uint64(r.NumRecords()) && r.Header.To > r.Header.From {
				t.Errorf("%d records of twice %d: %+v", s.Records, r.NumRecords(), s)
			}
			expectBounded(t, c)
		}
	})
}

// FuzzRecords makes a valid range of whatever it is given, so that what changes
// from input to input is what the records say of a few prefixes, paths and
// sessions, under small thresholds and small limits.
func FuzzRecords(f *testing.F) {
	for _, play := range []func(*fuzzWriter){fuzzLeak, fuzzHijack, fuzzLoss} {
		w := &fuzzWriter{}
		play(w)
		for which := range byte(4) {
			f.Add(w.b, which)
		}
	}
	configs := fuzzConfigs(f)
	f.Fuzz(func(t *testing.T, b []byte, which byte) {
		if len(b)%fuzzRecord != 0 {
			return // so that inputs are made smaller record by record
		}
		cfg := configs[which&1]
		if which&2 != 0 {
			cfg.Limits = fuzzLimits()
		}
		c := New(cfg)
		if err := c.Range(fuzzRange(t, b), fuzzAlerts(t)); err != nil {
			t.Fatal(err)
		}
		expectBounded(t, c)
	})
}

// fuzzConfigs are a replay without outside knowledge and a live correlator with
// all there is, whose thresholds fit a few prefixes.
func fuzzConfigs(t testing.TB) []Config {
	live := storyConfig()
	live.Mode, live.Learn, live.Settle, live.Quorum = Live, 0, 0, 0
	live.Outside = Outside{
		Relationships: relations(t, "701>64001", "702-64001", "64000>701"),
		VRPs: []VRPs{
			{Set: vrps(t, "10.0.0.0/16 16 64500", "10.1.0.0/16 24 64501")},
			{From: 100 * route.Second, Set: vrps(t, "10.0.0.0/16 16 64501")},
		},
		Names: organisations(t, "701 one", "702 one"),
		Lists: beacons(t, route.MustPrefix("10.7.0.0/16")),
		Watch: watchFile(t, "10.0.0.0/16 64500", "10.3.0.0/16", "AS64502"),
	}
	return []Config{storyConfig(), live}
}

func fuzzLimits() Limits {
	return Limits{
		ASNs: 9, Pairs: 9, Edges: 9, FirstHops: 9, Triples: 9, Fresh: 4, Thirds: 4, Windows: 9, Recent: 5, Prefixes: 5,
		Incidents: 2, Affected: 3, Cases: 1, Watched: 1, Routes: 7, Firing: 2,
	}
}

// fuzzAlerts checks alerts, and that revisions of each follow one another.
func fuzzAlerts(t *testing.T) func(*alert.Alert) {
	return func(a *alert.Alert) {
		if err := a.Validate(); err != nil {
			t.Errorf("invalid alert: %v\n%s", err, asJSON(t, a))
		}
	}
}

// fuzzRecord is how many octets make a record of FuzzRecords.
const fuzzRecord = 16

// fuzzWriter writes what fuzzRange reads.
type fuzzWriter struct{ b []byte }

func (w *fuzzWriter) add(
	kind wire.RecordKind, flags wire.RecordFlags, peer, prefix, prev, next, new byte, step uint32,
) {
	b := make([]byte, fuzzRecord)
	b[0], b[1], b[2], b[3], b[4], b[5] = byte(kind)-1, peer, prefix, prev, next, new
	binary.LittleEndian.PutUint16(b[6:], uint16(flags))
	binary.LittleEndian.PutUint32(b[8:], step)
	b[12], b[13] = 0, 12
	w.b = append(w.b, b...)
}

// fuzzPaths are what records may name; 0 is none. The last ones leak, or have
// another origin.
func fuzzPaths() [][]route.ASN {
	var list [][]route.ASN
	for _, origin := range storyOrigins {
		list = append(list,
			asns(64000, origin), asns(64001, 801, 800, origin), asns(64001, 800, 801, origin), asns(701, 0, 702, origin))
	}
	return append(list, asns(9002, 64666), asns(64666), asns(0), asns())
}

func fuzzLeak(w *fuzzWriter) {
	const table = wire.RecordTable | wire.RecordLearning
	for peer := range byte(3) {
		w.add(wire.RecordNode, table, peer, 0, 0, 2, 1, 1)
		w.add(wire.RecordEvent, 0, peer, 0, 0, 0, byte(route.KindEndOfRIB), 1)
	}
	for range 3 {
		w.add(wire.RecordChange, inflated, 0, 7, 0, 4, 7, 60_000_000)
	}
	for prefix := range byte(6) {
		w.add(wire.RecordChange, inflated, prefix%3, prefix, 4*(prefix%4)+1, 4*(prefix%4)+3, 15, 1)
	}
	for prefix := range byte(6) {
		w.add(wire.RecordLeft, 0, prefix%3, prefix, 4*(prefix%4)+3, 0, 0, 10_000_000)
	}
}

func fuzzHijack(w *fuzzWriter) {
	for peer := range byte(3) {
		w.add(wire.RecordEvent, 0, peer, 0, 0, 0, byte(route.KindEndOfRIB), 1)
		for prefix := range byte(6) {
			w.add(wire.RecordChange, wire.RecordOriginNew|wire.RecordWatched, peer, prefix, 1, 17, 1, 10)
		}
	}
}

func fuzzLoss(w *fuzzWriter) {
	for _, record := range []wire.RecordKind{wire.RecordChange, wire.RecordLoss} {
		for peer := range byte(11) {
			w.add(record, wire.RecordTable|wire.RecordLearning|wire.RecordWatched, peer, 0, 0, 1, 0, 1)
		}
	}
	for prefix := range byte(4) {
		w.add(wire.RecordVisibility, 0, 0, prefix, 0, 0, 0, 1)
		w.add(wire.RecordCensus, 0, prefix, 0, 0, 0, 0, 1)
	}
	w.add(wire.RecordChange, wire.RecordWatched, 0, 0, 0, 1, 0, 200_000_000)
}

// fuzzRange makes a range of b.
func fuzzRange(t testing.TB, b []byte) *wire.Range {
	rb := wire.NewRangeBuilder()
	in, paths := rb.Ingester("ris"), []uint32{}
	hops := fuzzPaths()
	for _, p := range hops {
		paths = append(paths, rb.Path(p))
	}
	var at route.Time
	number := uint64(0)
	for ; len(b) >= fuzzRecord && number < 1000; b = b[fuzzRecord:] {
		number++
		step := binary.LittleEndian.Uint32(b[8:])
		at += route.Time(step)
		peer := uint32(b[1] % 16)
		session := peerSession(peer+1, route.ASN(10*(peer%13+1)))
		session.Feed4 = []route.Feed{route.FeedFull, route.FeedFull, route.FeedUnknown, route.FeedPartial}[b[1]>>4&3]
		prefix := storyPrefixes[int(b[2])%len(storyPrefixes)]
		prev, next := int(b[3])%(len(paths)+1), int(b[4])%(len(paths)+1)
		r := fuzzed(wire.RecordKind(1+b[0]%9), b, prefix, hops, prev, next)
		r.Sequence, r.Number, r.Engine, r.Ingester, r.Peer = number, number, at, in, rb.Peer(in, session)
		if r.Kind >= wire.RecordEvent && b[1]&0x80 != 0 || r.Kind == wire.RecordOrigin {
			r.Peer = route.AllPeers
		}
		if prev > 0 {
			r.Prev = paths[prev-1]
		}
		if next > 0 {
			r.Next = paths[next-1]
		}
		rb.Add(&r)
	}
	h := wire.RangeHeader{Shards: 1, StreamCreated: created, From: 1, To: number + 1, Engine: at + 10*route.Minute}
	var out wire.Range
	if err := out.Decode(slices.Clone(rb.Bytes(&h))); err != nil {
		t.Fatal(fmt.Errorf("not valid: %w", err))
	}
	return &out
}

// fuzzed returns a record of a kind, without what places it; paths count from 1.
func fuzzed(kind wire.RecordKind, b []byte, prefix route.Prefix, hops [][]route.ASN, prev, next int) wire.Record {
	r := wire.Record{Kind: kind, Prefix: prefix, Flags: wire.RecordFlags(binary.LittleEndian.Uint16(b[6:])) & (1<<15 - 1)}
	r.Origins = storyExpected(prefix)
	if b[14]&1 != 0 {
		r.Origins = nil
	}
	judged := next
	if kind == wire.RecordLeft {
		judged = prev
	}
	if judged > 0 && (kind == wire.RecordChange || kind == wire.RecordLeft) {
		mask := uint64(1)<<len(hops[judged-1]) - 1
		r.Newcomers = uint64(b[5]&15) & mask
		r.Contrast, r.Young = r.Newcomers&^uint64(b[14]>>4), uint64(b[15]&15)&mask
	}
	switch kind {
	case wire.RecordChange:
		r.Unique, r.Longest, r.OTC = b[14]>>2&15, b[15]>>4, route.ASN(702*uint32(b[14]>>1&1))
	case wire.RecordNode, wire.RecordEdge:
		if next == 0 || len(hops[next-1]) == 0 {
			r.AS = 64000
			break
		}
		n := nodeOf(hops[next-1][int(b[5])%len(hops[next-1]):])
		r.AS, r.NextAS, r.Third, r.Origin = n.AS, n.NextAS, n.Third, n.Origin
	case wire.RecordEvent:
		r.Event = route.Kind(b[5] % 5)
	case wire.RecordCensus:
		r.Prefix = route.Prefix{Family: prefix.Family}
		r.Routes, r.Raised = uint64(b[12])*1000, uint64(b[13])
	case wire.RecordOrigin:
		r.Origin, r.Delta = storyOrigins[b[12]%4], int64(int8(b[13]))
	case wire.RecordVisibility:
		r.Routes, r.Raised = uint64(b[12]), uint64(b[12])+uint64(b[13])
	}
	return r
}

// fuzzSeed returns a range that opens and closes an alert.
func fuzzSeed(f *testing.F, flags wire.RecordFlags) []byte {
	b := wire.NewRangeBuilder()
	in := b.Ingester("ris")
	prev, next := b.Path(before), b.Path(bad)
	number := uint64(0)
	add := func(at route.Time, p *route.Session, r wire.Record) {
		number++
		r.Sequence, r.Number, r.Engine, r.Ingester, r.Peer = number, number, at, in, b.Peer(in, p)
		b.Add(&r)
	}
	for i := range uint32(9) {
		p := peerSession(i%3+1, route.ASN(10*(i%3+1)))
		switch i / 3 {
		case 0:
			add(1, p, wire.Record{Kind: wire.RecordEvent, Event: route.KindEndOfRIB})
		case 1:
			add(2, p, wire.Record{
				Kind: wire.RecordChange, Prefix: testPrefix, Prev: prev, Next: next, Flags: flags | wire.RecordWatched,
				Newcomers: 2, Contrast: 2, Unique: 4, Longest: 2, Origins: asns(64500, 64501),
			})
		case 2:
			add(3, p, wire.Record{Kind: wire.RecordLeft, Prefix: testPrefix, Prev: next, Newcomers: 2})
		}
	}
	return append([]byte(nil), b.Bytes(&wire.RangeHeader{
		Shards: 1, StreamCreated: created, From: 1, To: number + 1, Engine: route.Hour,
	})...)
}

// TestSeedsOfFuzzRecordsTell holds that the seeds reach incidents of each kind.
func TestSeedsOfFuzzRecordsTell(t *testing.T) {
	for kind, play := range map[alert.Kind]func(*fuzzWriter){
		alert.KindLeak: fuzzLeak, alert.KindHijack: fuzzHijack, alert.KindVisibilityLoss: fuzzLoss,
	} {
		w := &fuzzWriter{}
		play(w)
		told := map[alert.Kind]int{}
		for _, cfg := range fuzzConfigs(t) {
			if err := New(cfg).Range(fuzzRange(t, w.b), func(a *alert.Alert) { told[a.Kind]++ }); err != nil {
				t.Fatal(err)
			}
		}
		if told[kind] == 0 {
			t.Errorf("nothing of a %s: %v", kind, told)
		}
	}
}
