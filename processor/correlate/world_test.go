package correlate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// world is a small Internet seen by a few peers, and the shard that reports of
// it: it finds out itself which facts hold of a route and what is seen for the
// first time. Paths are texts, the peer's ASN first and the origin last, with _
// for a break. Each announcement of a prefix is an update of its own.
type world struct {
	*scene
	at       route.Time
	pace     route.Time // between two updates
	ingester string
	sessions map[route.ASN]*route.Session
	order    []route.ASN
	frames   []frame
	nodes    map[string]route.Time // path-tree nodes that were told, and when
	firsts   map[string]bool       // first hops that were told
	prefixes map[route.Prefix]*worldPrefix
}

// worldPrefix is what the shard knows of a prefix.
type worldPrefix struct {
	onPath  []route.ASN
	origins []route.ASN
	longest int
	cover   *worldPrefix              // from which all this is inherited
	routes  map[route.ASN]*worldRoute // by peer
}

type worldRoute struct {
	path   []route.ASN
	up     bool
	stated bool
}

// start is when worlds have learned all that there is and what happens is
// judged: a half-window begins.
const start = 600 * route.Second

// newWorld returns a world that peers of these ASNs watch. Its tables are to be
// given next, then begin.
func newWorld(t testing.TB, cfg Config, peers ...route.ASN) *world {
	w := &world{
		scene: &scene{TB: t, c: New(cfg), next: 1}, at: route.Second, pace: route.Time(1000), ingester: "ris",
		sessions: map[route.ASN]*route.Session{}, nodes: map[string]route.Time{}, firsts: map[string]bool{},
		prefixes: map[route.Prefix]*worldPrefix{},
	}
	for i, asn := range peers {
		w.sessions[asn] = peerSession(uint32(i+1), asn)
		w.order = append(w.order, asn)
	}
	return w
}

// pathOf reads a path.
func pathOf(t testing.TB, text string) []route.ASN {
	t.Helper()
	var path []route.ASN
	for hop := range strings.FieldsSeq(text) {
		n, err := strconv.ParseUint(hop, 10, 32)
		if err != nil && hop != "_" {
			t.Fatal(err)
		}
		path = append(path, route.ASN(n))
	}
	return path
}

// nets returns n prefixes, from 20.0.<from>.0/24 on.
func nets(from, n int) []route.Prefix {
	list := make([]route.Prefix, n)
	for i := range list {
		list[i] = route.MustPrefix(fmt.Sprintf("20.%d.%d.0/24", (from+i)>>8, (from+i)&255))
	}
	return list
}

// table tells a route of a peer's table.
func (w *world) table(text string, prefixes ...route.Prefix) {
	w.Helper()
	w.announce(wire.RecordTable|wire.RecordLearning, text, prefixes...)
}

// begin ends the tables and lets time pass until start, with a newcomer now and
// then that nothing comes of, so that the noise of one window is known: 0.
func (w *world) begin() *world {
	w.Helper()
	w.event(nil, route.KindEndOfRIB)
	for i := range 4 {
		w.at = start - route.Time(4-i)*route.Minute
		w.announce(0, fmt.Sprintf("%d 64999 65000", w.order[0]), route.MustPrefix(fmt.Sprintf("198.18.%d.0/24", i)))
	}
	w.at = start
	w.flush()
	if len(w.alerts) != 0 || !w.c.leaks.noise.ready || w.c.leaks.noise.value != 0 {
		w.Fatalf("before anything has happened: alerts %v, noise %+v", w.told(), w.c.leaks.noise)
	}
	return w
}

// says lets a peer announce prefixes.
func (w *world) says(text string, prefixes ...route.Prefix) {
	w.Helper()
	w.announce(0, text, prefixes...)
}

func (w *world) announce(flags wire.RecordFlags, text string, prefixes ...route.Prefix) {
	w.Helper()
	path := pathOf(w, text)
	session := w.sessions[path[0]]
	if session == nil {
		w.Fatalf("AS%d is no peer", path[0])
	}
	for _, p := range prefixes {
		f := w.firstsOf(path, p, flags)
		if e, ok := w.change(path, p, flags); ok {
			f = append(f, e)
		}
		w.update(session, f)
	}
}

// update adds an update of a session, of which the shard says f.
func (w *world) update(session *route.Session, f frame) {
	w.number++
	for i := range f {
		f[i].ingester, f[i].Engine, f[i].Number, f[i].Received = w.ingester, w.at, w.number, w.at+1
		if f[i].session == nil {
			f[i].session = session
		}
	}
	w.at += w.pace
	w.frames = append(w.frames, f)
}

// firstsOf returns first reports of nodes and of the peer's first hop.
func (w *world) firstsOf(path []route.ASN, p route.Prefix, flags wire.RecordFlags) frame {
	var f frame
	tail := path[1:]
	if len(tail) == 0 {
		return nil
	}
	add := func(r wire.Record) {
		r.Prefix, r.Flags = p, flags
		f = append(f, entry{Record: r})
	}
	if key := fmt.Sprint(path[:2]); tail[0] != 0 && !w.firsts[key] {
		w.firsts[key] = true
		add(wire.Record{Kind: wire.RecordEdge, AS: tail[0]})
	}
	for i := range tail {
		key := fmt.Sprint(tail[i:])
		_, told := w.nodes[key]
		if told && flags&wire.RecordTable == 0 {
			continue
		}
		if !told {
			w.nodes[key] = w.at
		}
		if flags&wire.RecordTable != 0 {
			w.nodes[key] = -route.Hour // as good as old
		}
		if told || tail[i] == 0 {
			continue
		}
		add(nodeOf(tail[i:]))
	}
	return f
}

// nodeOf returns the record of the path-tree node at the head of a path.
func nodeOf(tail []route.ASN) wire.Record {
	r := wire.Record{Kind: wire.RecordNode, AS: tail[0], Origin: tail[len(tail)-1]}
	if slices.Contains(tail, 0) {
		r.Origin = 0
	}
	if len(tail) > 1 {
		r.NextAS = tail[1]
	}
	if len(tail) > 2 && tail[1] != 0 {
		r.Third = tail[2]
	}
	return r
}

// change moves a peer's route to a path and returns what the shard says of it.
func (w *world) change(path []route.ASN, p route.Prefix, flags wire.RecordFlags) (entry, bool) {
	k := w.knownOf(p)
	r := k.routes[path[0]]
	if r == nil {
		r = &worldRoute{}
		k.routes[path[0]] = r
	}
	if r.up && slices.Equal(r.path, path) && flags&wire.RecordTable == 0 {
		return entry{}, false
	}
	tail, prev := path[1:], []route.ASN(nil)
	if r.path != nil {
		prev = r.path[1:]
	}
	e := entry{prev: prev, next: tail}
	e.Record = wire.Record{Kind: wire.RecordChange, Flags: flags, Prefix: p, Origins: k.origins}
	if k.cover != nil {
		e.Flags |= wire.RecordMoreSpecific | wire.RecordInherited
		if c := k.cover.routes[path[0]]; c != nil && prev == nil {
			e.prev = c.path[1:]
		}
	}
	if r.up {
		e.Flags |= wire.RecordHeld
	}
	if r.up && len(path)+2 <= len(r.path) {
		e.Flags |= wire.RecordShortened
	}
	w.state(&e, k)
	if len(tail) == 0 && len(k.origins) > 0 && !slices.Contains(k.origins, path[0]) {
		e.Flags |= wire.RecordOriginNew // the peer itself
	}
	wasStated := r.stated
	r.path, r.up = path, true
	r.stated = e.Newcomers|e.Young != 0 ||
		e.Flags&(wire.RecordInflated|wire.RecordShortened|wire.RecordOriginNew) != 0
	if flags&wire.RecordTable != 0 {
		r.stated = false
		k.teach(path)
	}
	watched := w.watched(p, path)
	e.Flags |= watched
	if r.stated || watched != 0 {
		return e, true
	}
	e.Record, e.next = wire.Record{Kind: wire.RecordLeft, Flags: e.Flags & wire.RecordWatched, Prefix: p}, nil
	return e, wasStated
}

// watched returns the flag of a prefix that is watched, by itself or for the
// origin of a path.
func (w *world) watched(p route.Prefix, path []route.ASN) wire.RecordFlags {
	watch := w.c.cfg.Outside.Watch
	if watch.Match(p) == nil && watch.ASN(path[len(path)-1]) == nil {
		return 0
	}
	return wire.RecordWatched
}

// state finds out which facts hold of e.
func (w *world) state(e *entry, k *worldPrefix) {
	tail := e.next
	if len(tail) == 0 {
		return
	}
	origin := tail[len(tail)-1]
	foreign := len(k.origins) > 0 && origin != 0 && !slices.Contains(k.origins, origin)
	if foreign {
		e.Flags |= wire.RecordOriginNew
	}
	for i, x := range tail[:len(tail)-1] {
		if x == 0 {
			continue
		}
		if foreign || len(k.origins) == 0 || !slices.Contains(k.onPath, x) {
			e.Newcomers |= 1 << i
			if e.prev != nil && !slices.Contains(e.prev, x) {
				e.Contrast |= 1 << i
			}
		}
		if w.at-w.nodes[fmt.Sprint(tail[i:])] < 15*route.Minute && !hasEdge(e.prev, x, tail[i+1]) {
			e.Young |= 1 << i
		}
	}
	e.Unique, e.Longest = uint8(len(tail)+1), uint8(k.longest)
	if k.longest > 0 && len(tail)+1 >= k.longest+2 {
		e.Flags |= wire.RecordInflated
	}
}

func hasEdge(path []route.ASN, a, b route.ASN) bool {
	i := slices.Index(path, a)
	return i >= 0 && i+1 < len(path) && path[i+1] == b
}

// teach makes a path of the table normal.
func (k *worldPrefix) teach(path []route.ASN) {
	tail := path[1:]
	for i, as := range tail {
		list := &k.onPath
		if i == len(tail)-1 {
			list = &k.origins
		}
		if as != 0 && !slices.Contains(*list, as) {
			*list = append(*list, as)
		}
	}
	slices.Sort(k.origins)
	k.cover = nil
	k.longest = max(k.longest, len(path))
}

// knownOf returns what is known of a prefix; of a new part of a known one, what
// is known of that.
func (w *world) knownOf(p route.Prefix) *worldPrefix {
	k := w.prefixes[p]
	if k == nil {
		k = &worldPrefix{routes: map[route.ASN]*worldRoute{}}
		if cover := w.cover(p); cover != nil {
			k.cover = cover
			k.onPath, k.origins, k.longest = slices.Clone(cover.onPath), slices.Clone(cover.origins), cover.longest
		}
		w.prefixes[p] = k
	}
	return k
}

// cover returns the longest known prefix that p lies in, down to /16.
func (w *world) cover(p route.Prefix) *worldPrefix {
	for bits := int(p.Bits) - 1; bits >= 16; bits-- {
		if net, err := p.Addr().Prefix(bits); err == nil {
			if k := w.prefixes[route.PrefixFrom(net)]; k != nil {
				return k
			}
		}
	}
	return nil
}

// withdraw lets a peer withdraw prefixes.
func (w *world) withdraw(peer route.ASN, prefixes ...route.Prefix) {
	w.Helper()
	for _, p := range prefixes {
		r := w.prefixes[p].routes[peer]
		if r == nil || !r.up {
			w.Fatalf("AS%d has no route to %v", peer, p)
		}
		r.up = false
		watched := w.watched(p, r.path)
		var f frame
		if r.stated {
			f = append(f, entry{Record: wire.Record{Kind: wire.RecordLeft, Prefix: p, Flags: watched}, prev: r.path[1:]})
		}
		if !r.stated || watched != 0 {
			loss := wire.Record{Kind: wire.RecordLoss, Prefix: p, Origins: w.prefixes[p].origins}
			loss.Flags = watched | wire.RecordHeld
			f = append(f, entry{Record: loss, prev: r.path[1:]})
		}
		r.stated = false
		w.update(w.sessions[peer], f)
	}
}

// event tells of a session, or of all with nil.
func (w *world) event(p *route.Session, kind route.Kind) {
	w.Helper()
	w.update(p, frame{entry{Record: wire.Record{Kind: wire.RecordEvent, Event: kind}}})
}

// wait lets time pass and judges what has happened so far.
func (w *world) wait(d route.Time) {
	w.Helper()
	w.at += d
	w.flush()
}

func (w *world) flush() {
	w.Helper()
	n := uint64(len(w.frames))
	w.give(wire.RangeHeader{Shards: uint32(len(w.c.shards)), From: w.next, Engine: w.at}, append(w.frames, frame{}))
	w.next += n + 1
	w.frames = w.frames[:0]
}

// told sums up the alerts so far and forgets them, one line each: of incidents
// kind, status, suspect, rule, prefixes and origins; of prefixes what and whose.
func (w *world) told() []string {
	w.Helper()
	var lines []string
	for i := range w.alerts {
		lines = append(lines, line(&w.alerts[i]))
	}
	w.alerts = nil
	return lines
}

func line(a *alert.Alert) string {
	who := fmt.Sprintf("AS%d", a.Suspect)
	if a.Suspect == 0 {
		who = fmt.Sprintf("of AS%d", a.ExpectedOrigin)
	}
	what := fmt.Sprintf("%s %s %s", a.Kind, who, a.Status)
	if a.CloseReason != "" {
		what += " " + string(a.CloseReason)
	}
	if a.Scope == alert.ScopePrefix {
		return fmt.Sprintf("%v: %s, AS%d", a.Prefix, what, a.ExpectedOrigin)
	}
	return fmt.Sprintf("%s by %s: %d of %d", what, a.Rule, a.Counts.Prefixes, a.Counts.Origins)
}

// incidents returns the lines of incidents only, and forgets all alerts.
func (w *world) incidents() []string {
	w.Helper()
	var lines []string
	for i := range w.alerts {
		if w.alerts[i].Scope == alert.ScopeIncident {
			lines = append(lines, line(&w.alerts[i]))
		}
	}
	w.alerts = nil
	return lines
}
