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

// maxSessionID bounds the session ids that an ingester may use, so that a
// broken frame cannot make the table grow.
const maxSessionID = 1 << 20

// peer is one vantage point as a shard knows it.
type peer struct {
	session route.Session // its ID is the shard's own: ingesters give theirs anew in each epoch
	in      *ingester     // that introduced it last
	rib     rib.Peer
	held    [2]count // by family
	// index in the range under construction, valid for records of the ingester
	// with this index there, while inRange equals the engine's range number
	index, ingester uint32
	inRange         uint64
}

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
	in := &ingester{name: string(name), hole: e.counters.Holes+e.counters.BadFrames > 0}
	e.byName[in.name] = in
	e.ingesters = append(e.ingesters, in)
	return in
}

// learn makes the sessions of a frame known.
func (e *engine) learn(in *ingester, f *wire.Frame) {
	r := f.Sessions()
	for r.Next(&e.view) {
		id := e.view.ID
		if id >= maxSessionID {
			e.counters.SessionsRefused++
			continue
		}
		for int(id) >= len(in.peers) {
			in.peers = append(in.peers, 0)
		}
		if k := in.peers[id]; k != 0 {
			e.peers[k-1].say(e.view.Start, e.view.Feed4, e.view.Feed6)
			continue
		}
		in.peers[id] = e.meet(in, e.view.Session())
	}
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
