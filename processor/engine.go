package processor

import (
	"fmt"
	"math"
	"time"

	"detour/processor/flat"
	"detour/processor/rib"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// endOfLog is the engine time of an ingester that has ended (replay only).
const endOfLog = route.Time(math.MaxInt64)

// quietAfter is how far an ingester may fall behind the others before the
// watermark no longer waits for it.
const quietAfter = 30 * route.Second

// Counters of a shard. They only grow, and belong to the shard's goroutine.
type Counters struct {
	Frames, Copies, Behind uint64 // frames applied, seen before, of an ended epoch
	BadFrames              uint64 // frames that could not be read
	Holes                  uint64 // stream sequences that were missing
	Gaps                   uint64 // places where frames of an ingester were missing
	Updates                uint64
	Elements               uint64 // route elements for which this shard speaks
	Replicas               uint64 // those kept only as a cover
	IPv4, IPv6             uint64 // prefixes known for which this shard speaks
	Records                uint64 // of evidence
	RecordsRefused         uint64 // beyond the size of one range
	Flags, FlagsHeld       uint64 // told, and held back by the rate bound
	FlagsLost              uint64 // could not be sent
	FlagsOld               uint64 // not told again, see Config.OnlyNews
	IngestersRefused       uint64 // frames of ingesters beyond the bound
	SessionsRefused        uint64
	RawRefused             uint64 // watched routes whose prepending is not followed
	UnknownPeer            uint64 // updates of a peer that no frame introduced
	Outbound               uint64 // updates that a collector or router sent itself; they count for nothing
	AheadFrames            uint64 // refused: times or an epoch that cannot be
	SkippedFrames          uint64 // not applied, because they stopped the shard before
	HeavyFrames            uint64 // given up: they asked for too much work
	Skewed                 uint64 // updates whose collector's clock is far from engine time; it decides nothing
}

// maxSkew is how far a collector's clock may be from engine time before that is
// counted.
const maxSkew = 10 * route.Minute

// skewed reports whether the collector of an update has a clock that is far off.
// The entries of a table are as old as they are.
func skewed(u *route.Update) bool {
	return uint64(u.Collected-u.Engine+maxSkew) > uint64(2*maxSkew) && u.Flags&route.FlagTableDump == 0
}

// engine is the pure part of a shard: frames in, evidence and flags out. It
// looks at no clock and talks to nobody.
type engine struct {
	shard, shards int `snapshot:"-"` // see shardState
	rib           *rib.RIB
	counters      Counters
	flagger       flagger
	watched       func(route.Prefix, route.ASN) bool
	census        census
	trace         *tracer             `snapshot:"-"` // nil is none
	until         route.Time          `snapshot:"-"` // nothing later is let in; 0 is no bound
	skip          map[uint64]struct{} `snapshot:"-"`
	blamed        blame
	quarantine    quarantine `snapshot:"-"`
	work          uint64     `snapshot:"-"` // see spent of work.go

	byName    map[string]*ingester
	ingesters []*ingester // in order of first sight
	places    int         `snapshot:"-"` // of the tables of all ingesters' sessions
	byPeer    map[route.Peer]int32
	peers     []peer

	rng     *wire.RangeBuilder         `snapshot:"-"`
	rangeNo uint64                     // counts ranges, so that indexes into an old one are recognised
	paths   map[rib.Node]uint32        `snapshot:"-"` // places in the range
	raw     flat.Table[uint64, uint32] // raw path lengths of watched routes, by rib.RouteKey
	floor   route.Time                 // no record is older: the watermark before the frame at hand
	spent   time.Duration              `snapshot:"-"`
	slowest time.Duration              `snapshot:"-"` // frame

	// Of the frame at hand: between two frames they mean nothing.
	frame  wire.Frame       `snapshot:"-"`
	view   wire.SessionView `snapshot:"-"`
	window window           `snapshot:"-"`
	change rib.Change       `snapshot:"-"`
	record wire.Record      `snapshot:"-"`
	hops   []route.ASN      `snapshot:"-"`
	asns   []route.ASN      `snapshot:"-"`
	at     moment           `snapshot:"-"`
}

// moment is where the engine stands in the log.
type moment struct {
	in       *ingester
	pe       *peer
	sequence uint64
	index    uint32
	received route.Time
	told     int // flags of the frame
	pending  int // place of the update among those that were looked up
	path     rib.Path
	flags    wire.RecordFlags // of every record of the update
	speaks   bool             // this shard speaks for the prefix at hand
}

func newEngine(cfg Config) *engine {
	cfg.RIB.Speaks = func(p route.Prefix) bool { return stream.Shard(p, cfg.Shards) == cfg.Shard }
	e := &engine{
		shard: cfg.Shard, shards: cfg.Shards,
		rib:     rib.New(cfg.RIB),
		watched: cfg.Watched,
		census:  newCensus(),
		byName:  map[string]*ingester{},
		byPeer:  map[route.Peer]int32{},
		rng:     wire.NewRangeBuilder(),
		paths:   map[rib.Node]uint32{},
		skip:    map[uint64]struct{}{},
		blamed:  blame{byName: map[string]int{}},
	}
	for _, sequence := range cfg.Skip {
		e.skip[sequence] = struct{}{}
	}
	e.flagger = newFlagger(cfg)
	e.startRange()
	return e
}

// apply takes one message of the stream. missing is the number of sequences
// that were lost before it.
func (e *engine) apply(sequence, missing uint64, data []byte) error {
	return e.take(sequence, missing, 0, data)
}

// take is apply for a message of which it is known when the server stored it.
func (e *engine) take(sequence, missing uint64, stored route.Time, data []byte) error {
	e.at = moment{sequence: sequence}
	if missing > 0 {
		e.counters.Holes += missing
		e.hole()
	}
	f := &e.frame
	if err := e.read(f, sequence, stored, data); err != nil {
		return fmt.Errorf("shard %d, frame at sequence %d: %w", e.shard, sequence, err)
	}
	mark, _ := e.watermark() // before a new ingester is among those that it waits for
	e.floor = max(e.floor, mark)
	in := e.ingester(f.Ingester)
	if in == nil {
		e.counters.IngestersRefused++
		e.blamed.of(f.Ingester).Refused++
		return nil
	}
	e.at.in, e.at.received = in, receivedAt(f, stored)
	switch in.place(f) {
	case placeBehind:
		e.counters.Behind++
		e.blamed.of(f.Ingester).Behind++
		return nil
	case placeCopy:
		e.counters.Copies++
		e.blamed.of(f.Ingester).Copies++
		return nil
	case placeGap:
		e.counters.Gaps++
		e.blamed.of(f.Ingester).Gaps++
		e.gap(f)
	}
	e.counters.Frames++
	e.learn(in, f)
	if !e.updates(in, f) {
		e.giveUp(data)
	}
	sweeps := e.rib.Counters.Sweeps
	if e.rib.Sweep(); e.rib.Counters.Sweeps != sweeps {
		clear(e.paths) // reclaimed nodes come back as other paths
	}
	return nil
}

// hole lets the next frame of every ingester jump.
func (e *engine) hole() {
	for _, in := range e.ingesters {
		in.hole = true
	}
}

// gap states that frames of an ingester are missing before f.
func (e *engine) gap(f *wire.Frame) {
	u := route.Update{Kind: route.KindGap, Peer: route.AllPeers, Engine: e.at.in.engine}
	if r := f.Updates(); e.window.read(&r) {
		first := &e.window.updates[0]
		if u.Number = first.Number; first.Engine != endOfLog {
			u.Engine = max(u.Engine, first.Engine)
		}
	}
	e.event(&u)
	e.lose(e.at.in, nil, &u)
}

// step applies one update or event.
func (e *engine) step(in *ingester, u *route.Update) {
	if u.Engine == endOfLog {
		in.ended = true
		return
	}
	if e.until != 0 && u.Engine > e.until {
		u = &route.Update{Kind: route.KindTick, Engine: e.until}
	}
	in.engine = max(in.engine, u.Engine)
	e.passBoundary(u.Engine)
	if in.silent {
		e.hear(in, u.Engine)
	}
	e.rib.Advance(u.Engine)
	switch u.Kind {
	case route.KindTick:
	case route.KindUpdate:
		e.counters.Updates++
		if skewed(u) {
			e.counters.Skewed++
		}
		e.routes(in, u)
	case route.KindGap:
		e.event(u)
		e.lose(in, e.peer(in, u.Peer), u)
	default:
		switch {
		case u.Kind == route.KindEndOfRIB:
		case u.Flags&route.FlagTableDump != 0:
			e.resetPrimed(in, u)
			return
		default:
			e.reset(in, u)
		}
		if e.shard == 0 {
			e.event(u)
		}
		if u.Kind == route.KindEndOfRIB {
			e.endPriming(in, u)
			e.takeCensus(u, in)
		}
	}
}

// reset takes down the routes of a peer whose session ended or began.
func (e *engine) reset(in *ingester, u *route.Update) {
	p := e.peer(in, u.Peer)
	for i := range e.peers { // with AllPeers those of earlier epochs, too
		if q := &e.peers[i]; q == p || u.Peer == route.AllPeers && q.in == in {
			e.trace.reset(e, u, q)
			if q.empty {
				continue // a session that goes up and down costs nothing
			}
			e.rib.Reset(q.rib)
			q.held, q.empty = [2]count{{told: q.held[0].told}, {told: q.held[1].told}}, true
		}
	}
	e.work += uint64(len(e.peers))
	e.at.pe, e.at.flags = p, 0
	e.tellTurned(u)
}

// resetPrimed takes back what a peer's priming has given and the peer has not spoken of
// since: its session ended, or began, before it was heard.
func (e *engine) resetPrimed(in *ingester, u *route.Update) {
	p := e.peer(in, u.Peer)
	if p == nil {
		return
	}
	gone := *u
	gone.Kind, gone.Flags = route.KindUpdate, route.FlagTableDump|route.FlagInitialTransfer
	gone.Announced, gone.Withdrawn = nil, nil
	for i := range p.held {
		gone.Withdrawn = e.rib.Primed(p.rib, familyAt(i), gone.Withdrawn)
	}
	e.routes(in, &gone)
}

// endPriming notes that the table of a peer, or of all of an ingester, was given.
func (e *engine) endPriming(in *ingester, u *route.Update) {
	p := e.peer(in, u.Peer)
	for i := range e.peers {
		if q := &e.peers[i]; q == p || u.Peer == route.AllPeers && q.in == in {
			e.rib.EndPriming(q.rib)
		}
	}
}

// routes applies the routes of one UPDATE: withdrawals, then announcements.
func (e *engine) routes(in *ingester, u *route.Update) {
	p := e.peer(in, u.Peer)
	if p == nil {
		e.unknownPeer(in)
		return
	}
	if p.outbound() {
		e.counters.Outbound++
		return
	}
	e.at.pe, p.empty = p, false
	addPath := u.Flags&route.FlagPathIDs != 0
	src := source(u)
	e.at.flags = updateFlags(u)
	e.at.path = rib.Path{}
	for _, n := range u.Withdrawn {
		e.own(n)
		if src == rib.FromUpdate {
			e.rib.Withdraw(p.rib, n, addPath, &e.change)
		} else {
			e.rib.WithdrawPrimed(p.rib, n, addPath, &e.change)
		}
		e.tell(u, n)
	}
	if len(u.Announced) == 0 {
		return
	}
	news := u.Flags&(route.FlagTableDump|route.FlagInitialTransfer) == 0
	path, ok := e.rib.PathAhead(e.at.pending, news)
	e.at.path = path
	for _, n := range u.Announced {
		e.own(n)
		if ok {
			e.rib.Announce(p.rib, n, addPath, path, src, &e.change)
			e.tell(u, n)
		}
	}
}

// source says how the routes of an update are to be taken. A table dump that is
// also an initial transfer is a recording of updates that primes the state.
func source(u *route.Update) rib.Source {
	switch {
	case u.Flags&route.FlagTableDump == 0:
		return rib.FromUpdate
	case u.Flags&route.FlagInitialTransfer == 0:
		return rib.FromTable
	default:
		return rib.FromPriming
	}
}

// own notes whether this shard speaks for a prefix, or keeps it as a cover of
// others only, and counts it.
func (e *engine) own(n route.NLRI) {
	e.at.speaks = stream.Shard(n.Prefix(), e.shards) == e.shard
	if e.at.speaks {
		e.counters.Elements++
	} else {
		e.counters.Replicas++
	}
}

// watermark is the engine time that no later record of this shard falls
// behind. At the end it is the time of the last update: nothing is known of what
// came after, so nobody may grow old by it.
func (e *engine) watermark() (t route.Time, ended bool) {
	newest := route.Time(0)
	ended = len(e.ingesters) > 0
	for _, in := range e.ingesters {
		newest = max(newest, in.engine)
		ended = ended && in.ended
	}
	if ended {
		return newest, true
	}
	t = newest
	for _, in := range e.ingesters {
		if !in.ended && newest-in.engine < quietAfter {
			t = min(t, in.engine)
		}
	}
	return t, false
}
