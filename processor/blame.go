package processor

import "slices"

// IngesterCounters are what was wrong with the frames that bear one ingester's
// name. A name is what a frame says: whoever may publish frames may use any.
type IngesterCounters struct {
	Name         string
	BadFrames    uint64 // could not be read
	Refused      uint64 // times that cannot be, too much work, or beyond a bound; sessions, too
	Skipped      uint64 // stopped the shard before
	Copies       uint64 // seen before, or out of turn
	Behind       uint64 // of an epoch that has ended
	Gaps         uint64 // places where frames were missing
	UnknownPeers uint64 // updates of a peer that no frame introduced
}

// maxBlamed bounds the names under which a shard counts; further ones share an
// entry. Metrics have a series for each.
const maxBlamed = 64

const (
	unnamed = "?"      // ingester of a frame that does not even begin with a name
	others  = "others" // ingesters beyond maxBlamed
)

// blame counts per ingester.
type blame struct {
	list    []IngesterCounters // in order of first sight
	byName  map[string]int     // place in list
	changed bool               // since snapshot
	last    []IngesterCounters // not written to any more
}

// of returns the counters of a name to be counted up, valid until the next call.
func (b *blame) of(name []byte) *IngesterCounters {
	b.changed = true
	if i, ok := b.byName[string(name)]; ok {
		return &b.list[i]
	}
	if len(b.list) >= maxBlamed && string(name) != others {
		return b.of([]byte(others))
	}
	b.byName[string(name)] = len(b.list)
	b.list = append(b.list, IngesterCounters{Name: string(name)})
	return &b.list[len(b.list)-1]
}

// snapshot returns the counters as they are, for any goroutine.
func (b *blame) snapshot() []IngesterCounters {
	if b.changed {
		b.last, b.changed = slices.Clone(b.list), false
	}
	return b.last
}

// unknownPeer counts an update of a peer that no frame introduced.
func (e *engine) unknownPeer(in *ingester) {
	e.counters.UnknownPeer++
	e.blamed.of([]byte(in.name)).UnknownPeers++
}
