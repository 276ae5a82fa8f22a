package decode

import "detour/route"

// Session says how the bytes of one session are to be read. It comes from the
// MRT subtype, the BMP flags or the OPEN, never from looking at the bytes.
type Session struct {
	AS4      bool // AS_PATH and AGGREGATOR hold four-octet ASNs (RFC 6793)
	AddPath4 bool // IPv4 NLRI carry path identifiers (RFC 7911)
	AddPath6 bool
	// NoNextHop takes IPv4 announcements without NEXT_HOP: of what a router has written
	// anew for BMP it says nothing of the peer (RFC 7606 §3(d) is about those).
	NoNextHop bool
}

// Counters count what a Decoder met since it was made. They are plain
// integers: read them from the goroutine that decodes.
type Counters struct {
	Updates         uint64 // UPDATE messages decoded, End-of-RIB included
	EndOfRIB        uint64
	Blocks          uint64 // attribute blocks decoded
	TreatAsWithdraw uint64 // messages whose announced routes became withdrawals
	Undecodable     uint64 // messages and blocks refused
	Reasons         [NumReasons]uint64
}

// Add adds what another decoder counted.
func (c *Counters) Add(o *Counters) {
	c.Updates += o.Updates
	c.EndOfRIB += o.EndOfRIB
	c.Blocks += o.Blocks
	c.TreatAsWithdraw += o.TreatAsWithdraw
	c.Undecodable += o.Undecodable
	for i, n := range o.Reasons {
		c.Reasons[i] += n
	}
}

// Decoder decodes messages into Updates that the caller owns. The zero value is
// ready. It is for one goroutine at a time.
type Decoder struct {
	Counters Counters
	// EndOfRIB is the family of the last message that was an End-of-RIB
	// marker (RFC 4724 §2).
	EndOfRIB route.Family

	err Error
	as4 route.Path // AS4_PATH before it is merged
}

// reset is u.Reset field by field: that one moves the whole Update through the
// stack, a fifth of the time of decoding it.
func reset(u *route.Update) {
	u.Kind, u.Flags, u.Origin = route.KindUpdate, 0, 0
	u.Peer, u.Number, u.Engine, u.Collected = 0, 0, 0, 0
	u.MED, u.LocalPref, u.OTC, u.AggregatorASN = 0, 0, 0, 0
	u.AggregatorAddr = [4]byte{}
	u.Path.ASNs, u.Path.Segments = u.Path.ASNs[:0], u.Path.Segments[:0]
	if u.NextHop.Len != 0 {
		u.NextHop = route.NextHop{}
	}
	if u.MPNextHop.Len != 0 {
		u.MPNextHop = route.NextHop{}
	}
	u.Communities, u.LargeCommunities = nil, nil
	u.Announced, u.Withdrawn = u.Announced[:0], u.Withdrawn[:0]
	u.MPAnnounced, u.MPWithdrawn = 0, 0
}
