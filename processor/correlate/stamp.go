package correlate

import "detour/route"

// stamp is when something was first seen, in seconds of engine time plus one.
type stamp uint32

const (
	ever   stamp = 0         // it was there when watching began, or has aged to that
	never  stamp = 1<<31 - 1 // not seen, or forgotten
	pinned stamp = 1 << 31   // flag: seen on routes of an open incident, so it does not age
)

// maxStamp is the last second that a stamp can name, in the year 2038 by the
// engine clock; what comes later counts as of then and stays fresh.
const maxStamp = never - 1

func stampAt(t route.Time) stamp {
	return min(stamp(max(0, min(int64(t/route.Second), int64(maxStamp)-1)))+1, maxStamp)
}

// seen reports whether the thing is known at all.
func (s stamp) seen() bool { return s&^pinned != never }

// old reports whether it was known for at least fresh before now.
func (s stamp) old(now, fresh stamp) bool {
	return s == ever || s&pinned == 0 && s != never && now-s >= fresh && now >= s
}
