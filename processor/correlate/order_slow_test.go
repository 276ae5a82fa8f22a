package correlate

import (
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/route"
	"detour/wire"
)

// TestKnowledgeAgreesWithASlowOne holds pairs, edges and obs against sets that
// are made from whole paths in merged order. No leak opens: what one teaches is
// forgotten.
func TestKnowledgeAgreesWithASlowOne(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawStory(rt)
		s.cfg.Learn = storyLearn
		s.cfg.Rules = Rules{SmallOrigins: 99, EdgeOrigins: 99, GroupPrefixes: 99, ScaleOrigins: 99, NeverOrigins: 99}
		log := s.tell(1, func(route.Prefix) int { return 0 })[0]
		got := play(t, log.cut(0, 1, s.end, nil), s.cfg, s.last())
		got = outcome{Pairs: got.Pairs, Edges: got.Edges, Obs: got.Obs}
		if diff := gocmp.Diff(slowKnowledge(s, log), got); diff != "" {
			rt.Fatalf("slow (-) and fast (+):\n%s", diff)
		}
	})
}

func slowKnowledge(s story, log *shardLog) outcome {
	type pair [2]route.ASN
	since := [2]map[pair]stamp{{}, {}} // pairs, edges
	triples := map[route.ASN]map[pair]route.Time{}
	until := map[uint32]route.Time{} // by session: end of learning
	met := map[uint32]bool{}
	enter := func(kind int, a, b route.ASN, at stamp) {
		if _, ok := since[kind][pair{a, b}]; !ok && a != 0 && b != 0 && a != b {
			since[kind][pair{a, b}] = at
		}
	}
	for i, u := range s.updates {
		slowLearning(u, log.log[i], until, met)
		at := stampAt(u.at)
		if u.session != nil {
			if end, begun := until[u.session.ID]; !begun || u.at < end || u.flags != 0 {
				at = ever
			}
		}
		for _, e := range u.elements {
			path := e.next
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
// it stops learning. f is what the one shard says of u.
func slowLearning(u storyUpdate, f frame, until map[uint32]route.Time, met map[uint32]bool) {
	told := map[uint32]bool{}
	for _, e := range f {
		switch {
		case e.session == nil || e.Kind == wire.RecordNode || e.Kind == wire.RecordLeft ||
			youngOnly(&item{Record: e.Record}) && e.Flags&wire.RecordWatched == 0:
		case e.Kind == wire.RecordCensus:
			met[e.session.ID] = true
		default:
			told[e.session.ID] = e.Kind != wire.RecordEvent
			met[e.session.ID] = true
		}
	}
	for id := uint32(1); id <= 15; id++ {
		ingester := []string{"b", "a"}[id%2]
		if u.event != 0 && (u.session != nil && u.session.ID != id || u.ingester != ingester || !met[id]) {
			continue
		}
		end, begun := until[id]
		switch u.event {
		case route.KindPeerUp:
			until[id] = u.at + storyLearn
		case route.KindPeerDown:
			delete(until, id)
		case route.KindEndOfRIB:
			until[id] = min(end, u.at)
		case route.KindUpdate:
			if !begun && told[id] {
				until[id] = u.at + storyLearn
			}
		}
	}
}
