package processor

import (
	"detour/processor/rib"
	"detour/route"
	"detour/wire"
)

// ingester is what a shard knows of one sender of frames.
type ingester struct {
	name   string
	epoch  uint64
	next   uint64 // number of the frame that comes next
	hole   bool   // frames of the stream are missing: the next number may jump
	engine route.Time
	ended  bool
	silent bool    // its silence was told
	doubt  doubt   // of what its peers withdrew
	peers  []int32 // session id → shard's peer + 1, 0 unknown
}

// maxIngesters bounds the ingesters that a shard knows, as the correlator does.
const maxIngesters = 1 << 12

// maxSessionID bounds the session ids that an ingester may use, and maxSessions
// what all of them use together, so that a broken frame cannot make tables grow.
// The first is as many sessions as an ingester has at most.
const (
	maxSessionID = 1 << 16
	maxSessions  = 1 << 20
)

// peer is one vantage point as a shard knows it.
type peer struct {
	session route.Session // its ID is the shard's own: ingesters give theirs anew in each epoch
	in      *ingester     // that introduced it last
	rib     rib.Peer
	held    [2]count // by family
	empty   bool     // no update since its last reset
	// index in the range under construction, valid for records of the ingester
	// with this index there, while inRange equals the engine's range number
	index, ingester uint32
	inRange         uint64
}

// outbound reports whether the peer is who routes are sent to (RFC 8671): what is
// sent was chosen here, and says nothing new of the world.
func (p *peer) outbound() bool { return p.session.View == route.ViewAdjRIBOut }

// place says what to do with a frame.
type place uint8

const (
	placeNext   place = iota // apply it
	placeGap                 // apply it; something before it is missing
	placeCopy                // seen before, or sent before its time: skip
	placeBehind              // of an epoch that has ended: refuse
)

// place judges a frame by its number (DESIGN §4.4). Frames of one epoch are
// numbered without jumps, so a number beyond the next one is a go-back-N
// forerunner that will come again, unless the stream lost messages.
func (in *ingester) place(f *wire.Frame) place {
	switch {
	case f.Epoch < in.epoch:
		return placeBehind
	case f.Epoch > in.epoch:
		first := in.epoch == 0 && f.Number == 1 && !in.hole
		in.epoch, in.next, in.hole = f.Epoch, f.Number+1, false
		in.ended = false
		clear(in.peers)
		in.peers = in.peers[:0]
		if first {
			return placeNext
		}
		return placeGap
	case f.Number == in.next:
		in.next++
		in.hole = false
		return placeNext
	case f.Number > in.next && in.hole:
		in.next, in.hole = f.Number+1, false
		return placeGap
	default:
		return placeCopy
	}
}

// ingester returns the entry for a name, made at first sight; nil when there is
// no room.
func (e *engine) ingester(name []byte) *ingester {
	if in := e.byName[string(name)]; in != nil {
		return in
	}
	if len(e.ingesters) >= maxIngesters {
		return nil
	}
	c := &e.counters // in what was lost there may have been frames of it
	in := &ingester{name: string(name), hole: c.Holes+c.BadFrames+c.AheadFrames+c.SkippedFrames > 0}
	e.byName[in.name] = in
	e.ingesters = append(e.ingesters, in)
	return in
}

// learn makes the sessions of a frame known.
func (e *engine) learn(in *ingester, f *wire.Frame) {
	r := f.Sessions()
	for r.Next(&e.view) {
		id := e.view.ID
		if !e.room(in, id) {
			e.counters.SessionsRefused++
			e.blamed.of(f.Ingester).Refused++
			continue
		}
		if k := in.peers[id]; k != 0 {
			e.peers[k-1].say(e.view.Start, e.view.Feed4, e.view.Feed6)
			continue
		}
		se := e.view.Session()
		if se.Collector == "" { // without one it cannot be told of
			e.counters.SessionsRefused++
			e.blamed.of(f.Ingester).Refused++
			continue
		}
		in.peers[id] = e.meet(in, se)
	}
}

// room makes the table of an ingester's sessions long enough for id and reports
// whether the bounds allow it.
func (e *engine) room(in *ingester, id uint32) bool {
	if id >= maxSessionID {
		return false
	}
	more := int(id) + 1 - len(in.peers)
	if more <= 0 {
		return true
	}
	if e.places+more > maxSessions {
		return false
	}
	in.peers = append(in.peers, make([]int32, more)...)
	e.places += more
	return true
}

// say takes what an ingester knows of the running session. Where that is new,
// the range under construction gets a further entry.
func (p *peer) say(start route.Time, feed4, feed6 route.Feed) {
	s := &p.session
	if s.Start == start && s.Feed4 == feed4 && s.Feed6 == feed6 {
		return
	}
	s.Start, s.Feed4, s.Feed6 = start, feed4, feed6
	p.inRange = 0
}

// meet returns the peer of a session + 1, 0 when there is no room.
func (e *engine) meet(in *ingester, s route.Session) int32 {
	if k, ok := e.byPeer[s.Peer]; ok {
		p := &e.peers[k-1]
		if p.in != in { // under which name it is counted anew
			p.in, e.census.sorted = in, false
			p.held[0].told, p.held[1].told = 0, 0
		}
		p.say(s.Start, s.Feed4, s.Feed6)
		return k
	}
	rp, ok := e.rib.AddPeer(s.Peer)
	if !ok {
		return 0
	}
	s.ID = uint32(len(e.peers))
	e.peers = append(e.peers, peer{session: s, in: in, rib: rp})
	e.census.sorted = false
	k := int32(len(e.peers))
	e.byPeer[s.Peer] = k
	return k
}

// peer returns the peer of an update, nil when it is not known.
func (e *engine) peer(in *ingester, id uint32) *peer {
	if int64(id) >= int64(len(in.peers)) || in.peers[id] == 0 {
		return nil
	}
	return &e.peers[in.peers[id]-1]
}
