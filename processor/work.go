package processor

import "detour/route"

// maxWork bounds the work that one frame may ask for beyond its own length: routes
// of sessions that end, counts of all sessions, steps of time. An event has a dozen
// octets and may cost a million routes. No frame that a publisher makes comes near
// it; it is some seconds.
const maxWork = 1 << 32

// maxFrameFlags bounds the flags of one frame. A frame of a publisher has not
// nearly as many prefixes.
const maxFrameFlags = 1 << 15

// spentWork returns the work done since the shard was made.
func (e *engine) spentWork() uint64 { return e.work + e.rib.Work }

// giveUp leaves the rest of the frame at hand, which asks for too much work. Its
// ingester's updates are missing from here on.
func (e *engine) giveUp(data []byte) {
	e.counters.HeavyFrames++
	name := e.at.in.name
	e.blamed.of([]byte(name)).Refused++
	e.quarantine.add(e.at.sequence, name, errHeavy.Error(), data)
	u := route.Update{Kind: route.KindGap, Peer: route.AllPeers, Engine: e.at.in.engine}
	e.event(&u)
}
