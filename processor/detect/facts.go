package detect

import (
	"detour/processor/rib"
	"detour/wire"
)

// Facts are what holds of one change. Hop masks have a bit per hop of the new
// path, bit 0 nearest the vantage point.
type Facts struct {
	Reported uint64 // hops told to the correlator: a superset of the new pairs (DETECTION §2)
	Contrast uint64 // those of them that the previous path of the same peer lacks
	Unknown  uint64 // those of them that the prefix's baseline lacks: the newcomers proper
	Young    uint64 // judged hops from which the way to the origin is news, reported or not
	Flags    wire.RecordFlags
}

// inflation and shortening are the differences in unique hops that count.
const (
	inflation  = 2
	shortening = 2
	longestCap = 15 // the rib keeps "15 or more"
)

const anyFact = wire.RecordInflated | wire.RecordShortened | wire.RecordOriginNew

// Any reports whether a fact stands about the route.
func (f *Facts) Any() bool { return f.Reported|f.Young != 0 || f.Flags&anyFact != 0 }

// Judge states the facts of an announcement. A change of any other outcome has
// none.
func Judge(r *rib.RIB, ch *rib.Change) Facts {
	if ch.Outcome != rib.Announced && ch.Outcome != rib.Extra {
		return Facts{}
	}
	f := Facts{Reported: ch.Newcomers, Unknown: ch.Newcomers, Young: ch.Young}
	if !ch.Known {
		f.Flags |= wire.RecordNoBaseline
	}
	if !ch.Known || !ch.OriginKnown || ch.Mixed {
		f.Reported = ch.Judged
	}
	if ch.OriginTested && !ch.OriginKnown {
		f.Flags |= wire.RecordOriginNew
	}
	if ch.Inherited {
		f.Flags |= wire.RecordInherited | wire.RecordMoreSpecific
	}
	if ch.Held {
		f.Flags |= wire.RecordHeld
	}
	if ch.Longest > 0 && ch.Longest < longestCap && ch.Unique >= ch.Longest+inflation {
		f.Flags |= wire.RecordInflated
	}
	if ch.PrevOwn && ch.Unique+shortening <= ch.PrevLen {
		f.Flags |= wire.RecordShortened
	}
	if ch.Prev != 0 && f.Reported != 0 {
		f.Contrast = r.Absent(ch.Next, f.Reported, ch.Prev)
	}
	return f
}
