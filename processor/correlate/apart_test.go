package correlate

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// playApart gives ranges to a correlator, stored a millisecond after another but for
// one long pause, and returns what opened.
func playApart(t testing.TB, c *Correlator, ranges []cutRange, pause int) (opened []string) {
	stored := 2000 * route.Second
	for i, r := range ranges {
		if i%5 == 2 {
			c = reborn(t, c)
		}
		if stored += route.Millisecond; i == pause {
			stored += route.Minute
		}
		c.Stored(stored)
		err := c.Range(encode(t, r.h, r.frames), func(a *alert.Alert) {
			if a.Revision == 1 {
				opened = append(opened, fmt.Sprint(a.Opened, a.Kind, a.Scope, a.Prefix, a.Suspect))
			}
		})
		if err != nil && !errors.Is(err, ErrFuture) { // that one comes again, from the other replica
			t.Fatal(err)
		}
	}
	if n := c.Stats().Pending; n != 0 {
		t.Fatalf("%d records wait at the end", n)
	}
	slices.Sort(opened)
	return opened
}

// shuffled returns the logs of all shards, perhaps as two replicas cut them, in an
// order in which each shard's stay in order.
func shuffled(t *rapid.T, s story, shards int) (order []cutRange) {
	copies := rapid.IntRange(1, 2).Draw(t, "copies")
	var queues [][]cutRange
	for i, l := range s.tell(shards, func(p route.Prefix) int { return int(p.Hi>>48) % shards }) {
		for range copies {
			places := rapid.SliceOfN(rapid.IntRange(0, len(l.log)), 0, 8).Draw(t, "cuts")
			queues = append(queues, l.cut(i, shards, s.end, places))
		}
	}
	for left := true; left; {
		left = false
		for i := range queues {
			n := rapid.IntRange(0, len(queues[i])).Draw(t, "arrive")
			order = append(order, queues[i][:n]...)
			queues[i] = queues[i][n:]
			left = left || len(queues[i]) > 0
		}
	}
	return order
}

// TestLiveShardsThatRunApartAreJudgedInOrder: whichever shard reads faster, what is
// told is what Replay tells of one shard. Also where the log stood still in the middle,
// and where it had ended before and goes on.
func TestLiveShardsThatRunApartAreJudgedInOrder(t *testing.T) {
	told := 0
	rapid.Check(t, func(rt *rapid.T) {
		s := drawStory(rt)
		one := func(route.Prefix) int { return 0 }
		want := playApart(t, New(s.cfg), s.tell(1, one)[0].cut(0, 1, s.end, nil), -1)
		told += len(want)
		shards := rapid.IntRange(2, 4).Draw(rt, "shards")
		s.cfg.Mode, s.cfg.Shards, s.cfg.Apart = Live, uint32(shards), 1
		c := New(s.cfg)
		for shard := range uint32(rapid.SampledFrom([]int{0, shards}).Draw(rt, "ended")) {
			c.Stored(1000 * route.Second)
			h := wire.RangeHeader{Shard: shard, Shards: uint32(shards), From: 1, To: 1, End: true}
			if err := c.Range(encode(t, h, nil), none); err != nil {
				rt.Fatal(err)
			}
		}
		order := shuffled(rt, s, shards)
		pause := rapid.IntRange(0, len(order)).Draw(rt, "pause")
		if diff := gocmp.Diff(want, playApart(t, c, order, pause)); diff != "" {
			rt.Fatalf("one shard (-) and %d shards (+):\n%s", shards, diff)
		}
	})
	if told == 0 {
		t.Error("no story told anything")
	}
}

// pair is a live correlator of two shards.
type pair struct {
	t    *testing.T
	c    *Correlator
	from [2]uint64
}

func (p *pair) give(shard uint32, stored, engine route.Time, list ...route.ASN) {
	p.t.Helper()
	p.c.Stored(stored)
	p.from[shard]++
	h := wire.RangeHeader{Shard: shard, Shards: 2, From: p.from[shard], Engine: engine}
	frames := nodes(engine, list...)
	if len(frames) == 0 {
		frames = []frame{{}}
	}
	p.from[shard] += uint64(len(frames)) - 1
	if err := p.c.Range(encode(p.t, h, frames), none); err != nil {
		p.t.Fatal(err)
	}
}

// beat gives a range of which nothing is new.
func (p *pair) beat(shard uint32, stored, engine route.Time) {
	p.c.Stored(stored)
	h := wire.RangeHeader{Shard: shard, Shards: 2, From: p.from[shard] + 1, Engine: engine}
	if err := p.c.Range(encode(p.t, h, nil), none); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pair) want(groups uint64, pending int) {
	p.t.Helper()
	if s := p.c.Stats(); s.Groups != groups || s.Pending != pending {
		p.t.Errorf("judged %d, %d wait; want %d, %d", s.Groups, s.Pending, groups, pending)
	}
}

func TestAShardThatStandsStillIsWaitedForOnlyAWhile(t *testing.T) {
	const second, sent = route.Second, 1000 * route.Second // when the server stored the first
	p := &pair{t: t, c: New(Config{Mode: Live, Shards: 2})}
	p.give(0, sent, 50*second, 2)
	p.want(0, 1) // of shard 1 nothing is known
	p.give(1, sent+second, 50*second)
	p.want(1, 0) // they are together
	p.give(0, sent+2*second, 60*second, 3)
	p.want(2, 0) // and not far apart
	p.give(0, sent+3*second, 60*second+2, 4)
	p.want(2, 1) // now they are
	p.give(1, sent+3*second, 50*second+1)
	p.want(2, 1) // it goes on, but not far enough
	for i := range route.Time(3) {
		p.give(0, sent+(4+i)*second, (61+i)*second, 5+route.ASN(i))
		p.beat(1, sent+(4+i)*second+1, 50*second+1) // it lives, and reads nothing
	}
	p.want(2, 4)
	p.give(0, sent+7*second, 64*second, 8)
	p.want(7, 0) // it has stood still
	p.give(0, sent+8*second, 65*second, 9)
	p.want(8, 0)
	p.give(1, sent+8*second, 51*second)
	p.give(0, sent+9*second, 66*second, 10)
	p.want(8, 1) // it goes on again
	p.give(1, sent+10*second, 70*second, 11)
	p.want(10, 0)
	// All stand still for a minute: that the one comes first is not the other's fault.
	p.give(0, sent+70*second, 120*second, 12)
	p.want(10, 1)
	p.give(1, sent+70*second, 120*second, 13)
	p.want(12, 0)
}

func TestMoreThanMayWaitIsJudgedAtOnce(t *testing.T) {
	p := &pair{t: t, c: New(Config{Mode: Live, Shards: 2, Limits: Limits{Pending: 3}})}
	p.give(1, 1, 1)
	for i := range route.Time(4) {
		p.give(0, 2+i, route.Minute+i, route.ASN(10+i))
	}
	p.want(3, 1)
	if n := p.c.Stats().Hurried; n != 3 {
		t.Errorf("%d hurried, want 3", n)
	}
}

func TestALogThatHasEndedMayGoOn(t *testing.T) {
	const second = route.Second
	p := &pair{t: t, c: New(Config{Mode: Live, Shards: 2})}
	for shard := range uint32(2) {
		p.from[shard] = 1
		h := wire.RangeHeader{Shard: shard, Shards: 2, From: 1, Engine: 50 * second, End: true}
		if err := p.c.Range(encode(t, h, []frame{{}}), none); err != nil {
			t.Fatal(err)
		}
	}
	p.give(0, 1000*second, 100*second, 2)
	p.give(1, 1000*second, 100*second, 3)
	p.want(2, 0)
	p.give(0, 1000*second, 400*second, 4)
	p.want(2, 1)
	if w := p.c.Stats().Watermark; w != 100*second {
		t.Errorf("the watermark is %v", w)
	}
}

// TestAClockThatGoesBackSilencesNobody: a dead shard is not waited for by the time
// that passes, whatever the time is.
func TestAClockThatGoesBackSilencesNobody(t *testing.T) {
	const second = route.Second
	p := &pair{t: t, c: New(Config{Mode: Live, Shards: 2})}
	p.give(0, 10_000*second, 50*second)
	p.give(1, 10_000*second, 50*second)
	for i := range route.Time(30) { // and shard 1 is dead
		p.give(0, (6000+i)*second, (50+i)*second, route.ASN(10+i))
	}
	p.want(30, 0)
}
