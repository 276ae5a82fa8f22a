package correlate

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"detour/route"
	"detour/wire"
)

// element is what an update did to one prefix.
type element struct {
	prefix     route.Prefix
	prev, next []route.ASN // next is nil where it was withdrawn
	plain      bool        // the baseline holds all hops, so that at most young ones are told
	inflated   bool
	held       bool
}

// story is a log of updates in engine time, as an ingester would stamp them.
type story struct {
	cfg     Config
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
	counts   []storyCount // instead of elements: what each shard counts
}

// storyCount is what is counted of a prefix by the shard that it belongs to.
type storyCount struct {
	prefix  route.Prefix
	kind    wire.RecordKind
	session *route.Session // of a census; nil: of all
	routes  uint64
	raised  uint64
	origin  route.ASN // of an origin's number
}

var (
	storyHops     = asns(64000, 64001, 701, 702, 0)
	storyOrigins  = asns(64500, 64501, 64502, 64503)
	storyPrefixes = func() []route.Prefix {
		var list []route.Prefix
		for i := range 8 {
			list = append(list, route.MustPrefix(fmt.Sprintf("10.%d.0.0/16", i)))
		}
		return append(list, route.MustPrefix("2001:db8::/32"))
	}()
	// Updates, waves, leaks, hijacks, events, tables, End-of-RIB, losses, visibility, counts.
	storyMix = []byte("uuuuuuuuwwuuuuuuuuuletrrllhhllhhdvdvcc")
)

// expectedOf returns the expected origins of a story's prefix.
func storyExpected(p route.Prefix) []route.ASN {
	i := slices.Index(storyPrefixes, p)
	if i == 1 {
		return asns(64500, 64501)
	}
	return asns(storyOrigins[i%len(storyOrigins)])
}

// storyWatched tells which prefixes are watched.
func storyWatched(p route.Prefix) bool { return slices.Index(storyPrefixes, p)%3 == 0 }

const storyLearn = route.Second

// storyConfig has thresholds that fit eight prefixes.
func storyConfig() Config {
	return plain(Config{
		Learn: storyLearn, Reopen: 3 * route.Minute, Hold: 2 * route.Hour, Maturity: MatureYes,
		Rules: Rules{
			ScaleOrigins: 3, ScalePrefixes: 5, ScaleRatio: 1, SmallOrigins: 2, SmallPrefixes: 4,
			NeverOrigins: 4, NeverPrefixes: 8, EdgeOrigins: 2, EdgePrefixes: 4, GroupPrefixes: 4, GroupPeers: 2,
			ColdRatio: 2, Observed: 3, ObservedRatio: 1,
		},
	})
}

// tabled is a path that only later tables hold. If routes of one and the same
// way come by a table here and by an update there within 15 minutes, shards do
// not agree on whether the way is young.
func tabled(origin route.ASN) []route.ASN { return asns(64009, 64010, origin) }

func drawPath(t *rapid.T) []route.ASN {
	hops := rapid.SliceOfNDistinct(rapid.SampledFrom(storyHops), 0, 3, rapid.ID[route.ASN]).Draw(t, "hops")
	return append(hops, rapid.SampledFrom(storyOrigins).Draw(t, "origin"))
}

// drawing is a story on its way.
type drawing struct {
	*rapid.T
	story
	sessions []*route.Session // the first six tell of everything, the others of losses only
	at       route.Time
	number   map[string]uint64
	last     string         // ingester
	counted  [][]storyCount // by prefix, as of the last census
}

var storySteps = rapid.SampledFrom([]route.Time{
	route.Second, 1, 0, 1, 1, 0, route.Second, route.Second, 5 * route.Second, 20 * route.Second, 100 * route.Second,
	route.Hour,
})

const storyTellers = 6

func drawStory(t *rapid.T) story {
	d := drawing{T: t, at: route.Time(rapid.IntRange(1, 5).Draw(t, "start")), number: map[string]uint64{}}
	d.counted = make([][]storyCount, len(storyPrefixes))
	d.cfg = storyConfig()
	d.cfg.Maturity = rapid.SampledFrom([]Maturity{MatureYes, MatureYes, MatureAuto, MatureNo}).Draw(t, "maturity")
	if rapid.IntRange(0, 3).Draw(t, "auto") == 3 {
		d.cfg.Learn, d.cfg.Quorum, d.cfg.Settle = 0, 0, 60*route.Second
	}
	feeds := []route.Feed{route.FeedFull, route.FeedUnknown, route.FeedFull, route.FeedPartial}
	for i := range uint32(storyTellers) {
		p := peerSession(i+1, route.ASN(10+i/2*10+i%2*(i/4)))
		p.Feed4 = rapid.SampledFrom(feeds).Draw(t, "feed")
		d.sessions = append(d.sessions, p)
	}
	for i := range uint32(9) {
		d.sessions = append(d.sessions, peerSession(i+1+storyTellers, route.ASN(100+i)))
	}
	d.teach()
	for range rapid.SampledFrom([]int{30, 60, 4}).Draw(t, "scenes") {
		d.scene()
	}
	d.end = d.at + storySteps.Draw(t, "end")
	return d.story
}

// teach gives a table: 801 has the routes of its customer 800, and what is drawn
// has been there, too.
func (d *drawing) teach() {
	for _, p := range d.sessions[:storyTellers] {
		u := d.update(p, 1)
		u.flags = wire.RecordTable
		u.elements = []element{{prefix: storyPrefixes[0], next: asns(64000, 801, 800, 64500)}}
		d.updates = append(d.updates, u)
	}
	for range rapid.IntRange(0, 5).Draw(d.T, "table") {
		u := d.update(rapid.SampledFrom(d.sessions[:storyTellers]).Draw(d.T, "session"), 1)
		u.flags = wire.RecordTable
		drawElements(d.T, &u)
		d.updates = append(d.updates, u)
	}
	if rapid.Bool().Draw(d.T, "End-of-RIB") {
		for _, ingester := range []string{"a", "b"} {
			u := d.update(d.sessions[int(ingester[0]-'a'+1)%2], 1)
			u.session, u.event = nil, route.KindEndOfRIB
			d.updates = append(d.updates, u)
		}
	}
}

// scene adds an update or event, or a wave of one kind over all sessions.
func (d *drawing) scene() {
	session := rapid.SampledFrom(d.sessions[:storyTellers]).Draw(d.T, "session")
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
		for i := range u.elements {
			if e := &u.elements[i]; e.next != nil {
				e.next = tabled(e.next[len(e.next)-1])
			}
		}
	case 'w':
		d.wave(asns(64001, 701), rapid.Bool().Draw(d.T, "left"))
		return
	case 'l':
		d.wave(asns(64001, 800, 801), rapid.IntRange(0, 3).Draw(d.T, "left") == 3)
		return
	case 'h':
		d.claims()
		return
	case 'd':
		d.loss()
		return
	case 'v':
		d.seen()
		return
	case 'c':
		d.census()
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
