package correlate

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"detour/route"
	"detour/wire"
)

// element is what an update did to one prefix. told is false where the shard
// has no fact about it: then only nodes and edges may be reported.
type element struct {
	prefix route.Prefix
	record entry
	told   bool
}

// story is a log of updates in engine time, as an ingester would stamp them.
type story struct {
	updates []storyUpdate
	end     route.Time
}

func (s story) last() route.Time { return s.updates[len(s.updates)-1].at }

type storyUpdate struct {
	at       route.Time
	number   uint64
	ingester string
	session  *route.Session // nil: all peers
	event    route.Kind
	flags    wire.RecordFlags
	elements []element
}

var (
	storyHops     = asns(64000, 64001, 701, 702, 0)
	storyMix      = []byte("uuuuuuuuwuuuuuuuuwetrr") // updates, waves, events, tables, End-of-RIB
	storyOrigins  = asns(64500, 64501)
	storyPrefixes = func() []route.Prefix {
		var list []route.Prefix
		for i := range 4 {
			list = append(list, route.MustPrefix(fmt.Sprintf("10.%d.0.0/16", i)))
		}
		return append(list, route.MustPrefix("2001:db8::/32"))
	}()
)

const storyLearn = route.Second

func drawPath(t *rapid.T) []route.ASN {
	hops := rapid.SliceOfNDistinct(rapid.SampledFrom(storyHops), 0, 3, rapid.ID[route.ASN]).Draw(t, "hops")
	return append(hops, rapid.SampledFrom(storyOrigins).Draw(t, "origin"))
}

// drawing is a story on its way.
type drawing struct {
	*rapid.T
	story
	sessions []*route.Session
	at       route.Time
	number   map[string]uint64
	last     string // ingester
}

var storySteps = rapid.SampledFrom([]route.Time{
	route.Second, 1, 0, 1, 1, 0, route.Second, route.Second, 5 * route.Second, 20 * route.Second, 100 * route.Second,
	route.Hour,
})

func drawStory(t *rapid.T) story {
	d := drawing{T: t, at: route.Time(rapid.IntRange(1, 5).Draw(t, "start")), number: map[string]uint64{}}
	feeds := []route.Feed{route.FeedFull, route.FeedUnknown, route.FeedFull, route.FeedPartial}
	for i := range uint32(6) {
		p := peerSession(i+1, route.ASN(10+i/2*10+i%2*(i/4)))
		p.Feed4 = rapid.SampledFrom(feeds).Draw(t, "feed")
		d.sessions = append(d.sessions, p)
	}
	for range rapid.SampledFrom([]int{30, 60, 4}).Draw(t, "scenes") {
		d.scene()
	}
	d.end = d.at + storySteps.Draw(t, "end")
	return d.story
}

// scene adds an update or event, or a wave of one kind over all sessions.
func (d *drawing) scene() {
	session := rapid.SampledFrom(d.sessions).Draw(d.T, "session")
	u := d.update(session, storySteps.Draw(d.T, "step"))
	switch rapid.SampledFrom(storyMix).Draw(d.T, "what") {
	case 'e':
		u.event = rapid.SampledFrom([]route.Kind{route.KindPeerUp, route.KindPeerDown, route.KindGap}).Draw(d.T, "event")
		if rapid.Bool().Draw(d.T, "all") {
			u.session = nil
		}
	case 'r':
		u.event = route.KindEndOfRIB
	case 't':
		u.flags = wire.RecordTable
		drawElements(d.T, &u)
	case 'w':
		d.wave(rapid.SampledFrom([]wire.RecordKind{wire.RecordChange, wire.RecordChange, wire.RecordLeft}).Draw(d.T, "kind"))
		return
	default:
		drawElements(d.T, &u)
	}
	d.updates = append(d.updates, u)
}

func (d *drawing) update(session *route.Session, step route.Time) storyUpdate {
	u := storyUpdate{session: session, ingester: []string{"b", "a"}[session.ID%2]}
	d.at += step
	if u.ingester != d.last {
		d.at++ // two ingesters never stamp alike, or the log's order of first sights is not the merged one
	}
	d.last = u.ingester
	d.number[u.ingester]++
	u.at, u.number = d.at, d.number[u.ingester]
	return u
}

// wave lets session by session take a leaked path of one prefix, or lose it.
func (d *drawing) wave(kind wire.RecordKind) {
	prefixes := rapid.SliceOfNDistinct(rapid.SampledFrom(storyPrefixes), 1, 3, rapid.ID[route.Prefix]).Draw(d.T, "wave")
	step := rapid.SampledFrom([]route.Time{route.Second, 1, 20 * route.Second, 31 * route.Second}).Draw(d.T, "step")
	for _, session := range d.sessions {
		u := d.update(session, step)
		for _, prefix := range prefixes {
			e := element{prefix: prefix, told: true}
			e.record = changeOf(prefix, session, asns(64000, 64500), asns(64001, 701, 64500), inflated)
			if kind == wire.RecordLeft {
				e.record = entry{prev: e.record.next, Record: wire.Record{Kind: kind, Prefix: prefix}}
			}
			u.elements = append(u.elements, e)
		}
		d.updates = append(d.updates, u)
	}
}

func drawElements(t *rapid.T, u *storyUpdate) {
	next := drawPath(t)
	for _, p := range rapid.SliceOfNDistinct(rapid.SampledFrom(storyPrefixes), 1, 2, rapid.ID[route.Prefix]).Draw(t, "p") {
		flags := u.flags | rapid.SampledFrom([]wire.RecordFlags{0, inflated, inflated, inflated}).Draw(t, "flags")
		prev := drawPath(t)
		if rapid.SampledFrom([]int{1, 1, 1, 1, 0}).Draw(t, "no prev") == 0 {
			prev = nil
		}
		e := element{prefix: p, told: u.flags == 0 && rapid.SampledFrom([]int{1, 1, 1, 1, 1, 1, 0}).Draw(t, "told") == 1}
		e.record = changeOf(p, u.session, prev, next, flags)
		if rapid.SampledFrom([]int{1, 1, 1, 1, 1, 1, 1, 1, 0}).Draw(t, "left") == 0 {
			e.record.Kind, e.record.next, e.record.prev = wire.RecordLeft, nil, next
			e.record.Contrast = 0
		}
		u.elements = append(u.elements, e)
	}
}

// shardLog is what one shard reports of a story, one frame per update.
type shardLog struct {
	nodes map[string]bool
	log   []frame
	at    []route.Time
}

// tell returns the logs of shards that the story's prefixes are dealt to by
// owner.
func (s story) tell(shards int, owner func(route.Prefix) int) []*shardLog {
	logs := make([]*shardLog, shards)
	for i := range logs {
		logs[i] = &shardLog{nodes: map[string]bool{}}
	}
	for _, u := range s.updates {
		for i, l := range logs {
			f := l.report(u, i, owner)
			for j := range f {
				f[j].Engine, f[j].Number, f[j].ingester, f[j].session = u.at, u.number, u.ingester, u.session
				f[j].Flags |= u.flags
			}
			l.log, l.at = append(l.log, f), append(l.at, u.at)
		}
	}
	return logs
}

func (l *shardLog) report(u storyUpdate, shard int, owner func(route.Prefix) int) frame {
	var f frame
	if u.event != 0 {
		if shard == 0 {
			f = append(f, entry{Record: wire.Record{Kind: wire.RecordEvent, Event: u.event}})
		}
		return f
	}
	for _, e := range u.elements {
		if owner(e.prefix) != shard {
			continue
		}
		if path := e.record.next; path != nil {
			f = append(f, l.firsts(u, e.prefix, path)...)
		}
		if e.told {
			f = append(f, e.record)
		}
	}
	return f
}

// firsts returns the node and edge records of a path, as docs/state.md §6 has
// them.
func (l *shardLog) firsts(u storyUpdate, p route.Prefix, path []route.ASN) frame {
	var f frame
	if key := fmt.Sprint(u.session.ID, path[0]); path[0] != 0 && !l.nodes[key] {
		l.nodes[key] = true
		f = append(f, entry{Record: wire.Record{Kind: wire.RecordEdge, AS: path[0], Prefix: p}})
	}
	for i := range path {
		key := fmt.Sprint(path[i:])
		if l.nodes[key] {
			continue
		}
		l.nodes[key] = true
		r := wire.Record{Kind: wire.RecordNode, Prefix: p, AS: path[i], Origin: path[len(path)-1]}
		if slices.Contains(path[i:], 0) {
			r.Origin = 0
		}
		if i+1 < len(path) {
			r.NextAS = path[i+1]
		}
		if r.AS != 0 {
			f = append(f, entry{Record: r})
		}
	}
	return f
}
