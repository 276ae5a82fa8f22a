package correlate

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// outcome is all that must not depend on the number of shards, the cut of
// ranges and the order of their arrival.
type outcome struct {
	Alerts []string
	Pairs  []string
	Edges  []string
	Obs    []string
}

// result reads c at engine time at, the story's last.
func result(c *Correlator, alerts []string, at route.Time) outcome {
	o := outcome{Alerts: alerts}
	k := c.known
	k.at(at)
	told := func(since stamp) stamp {
		if since.old(k.now, k.age) {
			return ever
		}
		return since
	}
	half := c.half(at)
	for x, asn := range k.as.numbers {
		for y, other := range k.as.numbers {
			if since := k.pairSince(asID(x), asID(y)); x*y != 0 && since.seen() {
				o.Pairs = append(o.Pairs, fmt.Sprint(asn, other, told(since)))
			}
			if since := k.edgeSince(asID(x), asID(y)); since.seen() {
				o.Edges = append(o.Edges, fmt.Sprint(asn, other, told(since)))
			}
		}
		if n := k.state[x].obs.total; n > 0 {
			o.Obs = append(o.Obs, fmt.Sprint(asn, n, k.observedBefore(asID(x), half)))
		}
	}
	slices.Sort(o.Pairs)
	slices.Sort(o.Edges)
	slices.Sort(o.Obs)
	return o
}

// cutRange is a range of a shard's log, ready for delivery.
type cutRange struct {
	h      wire.RangeHeader
	frames []frame
}

// cut splits a shard's log at places; with none there is one range.
func (l *shardLog) cut(shard, shards int, end route.Time, places []int) []cutRange {
	var list []cutRange
	places = append(slices.Clone(places), len(l.log))
	slices.Sort(places)
	from := 0
	for i, to := range places {
		h := wire.RangeHeader{Shard: uint32(shard), Shards: uint32(shards), From: uint64(from + 1)}
		if h.Engine = end; to < len(l.at) {
			h.Engine = l.at[to]
		}
		h.End = i == len(places)-1
		list = append(list, cutRange{h, l.log[from:to]})
		from = to
	}
	return list
}

func play(t testing.TB, ranges []cutRange, shards int, at route.Time) outcome {
	c := New(plain(Config{Shards: uint32(shards), Learn: storyLearn, Reopen: 3 * route.Minute}))
	var alerts []string
	for _, r := range ranges {
		err := c.Range(encode(t, r.h, r.frames), func(a *alert.Alert) {
			if err := a.Validate(); err != nil {
				t.Fatalf("invalid alert: %v", err)
			}
			alerts = append(alerts, asJSON(t, a))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if s := c.Stats(); s.Pending != 0 || s.Late != 0 || s.Refused.Degraded() != 0 {
		t.Fatalf("after the end: %+v", s)
	}
	return result(c, alerts, at)
}

func TestReplayDependsNeitherOnShardsNorOnCutsNorOnArrival(t *testing.T) {
	alerts := 0
	rapid.Check(t, func(rt *rapid.T) {
		s := drawStory(rt)
		one := func(route.Prefix) int { return 0 }
		want := play(t, s.tell(1, one)[0].cut(0, 1, s.end, nil), 1, s.last())
		alerts += len(want.Alerts)

		shards := rapid.IntRange(1, 4).Draw(rt, "shards")
		salt := rapid.Uint64Range(1, 1<<32).Draw(rt, "salt")
		owner := func(p route.Prefix) int { return int((p.Hi*0x9e3779b97f4a7c15*salt>>40 + p.Hi>>48) % uint64(shards)) }
		queues := make([][]cutRange, shards)
		for i, l := range s.tell(shards, owner) {
			places := rapid.SliceOfN(rapid.IntRange(0, len(l.log)), 0, 8).Draw(rt, "cuts")
			queues[i] = l.cut(i, shards, s.end, places)
			if again := rapid.IntRange(0, len(queues[i])-1).Draw(rt, "again"); len(places) > 0 {
				// Another replica cut the log at one place and sends it all.
				other := l.cut(i, shards, s.end, []int{rapid.IntRange(0, len(l.log)).Draw(rt, "other")})
				queues[i] = slices.Insert(queues[i], again, other...)
			}
		}
		var order []cutRange
		for {
			left := slices.DeleteFunc(slices.Collect(upTo(shards)), func(i int) bool { return len(queues[i]) == 0 })
			if len(left) == 0 {
				break
			}
			i := rapid.SampledFrom(left).Draw(rt, "arrives")
			order = append(order, queues[i][0])
			queues[i] = queues[i][1:]
		}
		if diff := gocmp.Diff(want, play(t, order, shards, s.last())); diff != "" {
			rt.Fatalf("one shard, one range (-) and %d shards (+):\n%s", shards, diff)
		}
	})
	t.Logf("%d messages of alerts", alerts)
	if alerts < 20 {
		t.Errorf("that is too few: the stories test nothing")
	}
}

func upTo(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// TestKnowledgeAgreesWithASlowOne holds pairs, edges and obs against sets that
// are made from whole paths in merged order.
func TestKnowledgeAgreesWithASlowOne(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawStory(rt)
		got := play(t, s.tell(1, func(route.Prefix) int { return 0 })[0].cut(0, 1, s.end, nil), 1, s.last())
		got.Alerts = nil
		if diff := gocmp.Diff(slowKnowledge(s), got); diff != "" {
			rt.Fatalf("slow (-) and fast (+):\n%s", diff)
		}
	})
}

func slowKnowledge(s story) outcome {
	type pair [2]route.ASN
	since := [2]map[pair]stamp{{}, {}} // pairs, edges
	triples := map[route.ASN]map[pair]route.Time{}
	until := map[uint32]route.Time{} // by session: end of learning
	edges, met := map[string]bool{}, map[uint32]bool{}
	enter := func(kind int, a, b route.ASN, at stamp) {
		if _, ok := since[kind][pair{a, b}]; !ok && a != 0 && b != 0 && a != b {
			since[kind][pair{a, b}] = at
		}
	}
	updates := slices.Clone(s.updates)
	slices.SortStableFunc(updates, func(a, b storyUpdate) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.ingester, b.ingester), cmp.Compare(a.number, b.number))
	})
	for _, u := range updates {
		slowLearning(u, until, met, tells(u, edges))
		at := stampAt(u.at)
		if u.session != nil {
			if end, begun := until[u.session.ID]; !begun || u.at < end || u.flags != 0 {
				at = ever
			}
		}
		for _, e := range u.elements {
			path := e.record.next
			if path == nil {
				continue
			}
			enter(1, u.session.ASN, path[0], at)
			for i, x := range path[:len(path)-1] {
				enter(1, x, path[i+1], at)
				if o := path[len(path)-1]; x != 0 && !slices.Contains(path[i:], 0) {
					enter(0, x, o, at)
					if triples[x] == nil {
						triples[x] = map[pair]route.Time{}
					}
					if _, ok := triples[x][pair{path[i+1], o}]; !ok {
						triples[x][pair{path[i+1], o}] = u.at
					}
				}
			}
		}
	}
	var o outcome
	last := s.last()
	window := last - last%(60*route.Second)
	for kind, list := range [2]*[]string{&o.Pairs, &o.Edges} {
		for p, at := range since[kind] {
			if at.old(stampAt(last), 900) {
				at = ever
			}
			*list = append(*list, fmt.Sprint(p[0], p[1], at))
		}
	}
	for x, list := range triples {
		before := 0
		for _, at := range list {
			if at < window {
				before++
			}
		}
		o.Obs = append(o.Obs, fmt.Sprint(x, len(list), before))
	}
	slices.Sort(o.Pairs)
	slices.Sort(o.Edges)
	slices.Sort(o.Obs)
	return o
}

// slowLearning keeps until, which holds for each session that has begun when
// it stops learning.
func slowLearning(u storyUpdate, until map[uint32]route.Time, met map[uint32]bool, told bool) {
	for id := uint32(1); id <= 6; id++ {
		ingester := []string{"b", "a"}[id%2]
		if u.session != nil && u.session.ID != id || u.ingester != ingester {
			continue
		}
		end, begun := until[id]
		if u.session == nil && !met[id] {
			continue
		}
		met[id] = met[id] || u.event != 0 || told
		switch u.event {
		case route.KindPeerUp:
			until[id] = u.at + storyLearn
		case route.KindPeerDown:
			delete(until, id)
		case route.KindEndOfRIB:
			until[id] = min(end, u.at)
		case route.KindUpdate:
			if !begun && told {
				until[id] = u.at + storyLearn
			}
		}
	}
}

// tells reports whether an update brings its session a record other than of
// nodes. edges holds the first hops that were told.
func tells(u storyUpdate, edges map[string]bool) bool {
	told := false
	for _, e := range u.elements {
		told = told || e.told && e.record.Kind != wire.RecordLeft // which other shards may not tell
		if path := e.record.next; path != nil && path[0] != 0 {
			key := fmt.Sprint(u.session.ID, path[0])
			told = told || !edges[key]
			edges[key] = true
		}
	}
	return told
}
