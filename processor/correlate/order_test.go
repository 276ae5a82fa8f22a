package correlate

import (
	"encoding/json"
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
	Alerts    []string
	Pairs     []string
	Edges     []string
	Obs       []string
	Incidents []string
	Routes    []string // of incidents
	Sessions  []string
	Census    string
	Counters  string
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

func play(t testing.TB, ranges []cutRange, cfg Config, at route.Time) outcome {
	c := New(cfg)
	var alerts []string
	for i, r := range ranges {
		if i%5 == 2 {
			c = reborn(t, c)
		}
		if i%3 == 1 {
			c.paths.sweep = 0 // as with a full table
		}
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
	o := result(c, alerts, at)
	describe(c, &o, at)
	return o
}

func TestReplayDependsNeitherOnShardsNorOnCutsNorOnArrival(t *testing.T) {
	seen := map[string]int{}
	missing := ""
	for range 5 { // by chance a hundred stories may not hold all
		replayDiffers(t, seen)
		if missing = untold(seen); missing == "" || t.Failed() {
			break
		}
	}
	t.Logf("the stories told: %v", seen)
	if missing != "" {
		t.Errorf("%q was told %d times: the stories test nothing of it", missing, seen[missing])
	}
}

// untold returns what the stories should tell of and hardly did.
func untold(seen map[string]int) string {
	for _, what := range []string{
		"leak firing", "leak resolved", "hijack firing", "hijack resolved", "visibility-loss firing",
		"unexpected-transit firing", "of a prefix", "census",
	} {
		if seen[what] < 3 {
			return what
		}
	}
	return ""
}

// replayDiffers plays stories laid out in two ways, and counts what they tell.
func replayDiffers(t *testing.T, seen map[string]int) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) {
		s := drawStory(rt)
		one := func(route.Prefix) int { return 0 }
		want := play(t, s.tell(1, one)[0].cut(0, 1, s.end, nil), s.cfg, s.last())
		countTold(seen, s, want)

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
		s.cfg.Shards = uint32(shards)
		if diff := gocmp.Diff(want, play(t, order, s.cfg, s.last())); diff != "" {
			rt.Fatalf("one shard, one range (-) and %d shards (+):\n%s", shards, diff)
		}
	})
}

// countTold counts what a story is about and what was told of it.
func countTold(seen map[string]int, s story, o outcome) {
	for _, u := range s.updates {
		if len(u.counts) > 0 && u.counts[0].kind != wire.RecordVisibility {
			seen["census"]++
		}
	}
	for _, text := range o.Alerts {
		var a alert.Alert
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			panic(err)
		}
		seen[fmt.Sprint(a.Kind, " ", a.Status)]++
		if a.Incident != "" {
			seen["of a prefix"]++
		}
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
