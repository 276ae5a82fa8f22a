package stream

import (
	"sync"
	"time"
)

// Bounds of a lag.
const (
	lagMarks   = 4096            // places of which the log's length is known
	lagStep    = 16 << 10        // bytes between them, until they are thinned out
	lagMembers = 16              // processors of one shard that are listened to
	lagStale   = 5 * time.Second // after which a silent processor no longer counts
)

// lag measures in bytes how far the processors of a shard are behind what one
// publisher has stored. Other publishers' bytes are not counted, nor are those
// from before this one began.
type lag struct {
	mu      sync.Mutex
	require bool // be behind even if no processor has ever told a position
	stored  int64
	last    uint64 // sequence of the last stored message
	marks   []mark // ascending
	step    int64  // bytes between marks
	members []member
}

// mark says that the log of this publisher is bytes long up to sequence.
type mark struct {
	sequence uint64
	bytes    int64
}

type member struct {
	name     string
	sequence uint64
	heard    time.Time
}

// add takes note of a stored message.
func (l *lag) add(sequence uint64, bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.step == 0 {
		l.step = lagStep
	}
	l.stored += int64(bytes)
	l.last = sequence
	if n := len(l.marks); n > 0 && l.stored-l.marks[n-1].bytes < l.step {
		return
	}
	if len(l.marks) == lagMarks {
		l.thin()
	}
	l.marks = append(l.marks, mark{sequence, l.stored})
}

// thin removes the marks that nobody is behind, or every other one: being known
// less exactly is better than not being known.
func (l *lag) thin() {
	least, _ := l.least(time.Time{})
	from := 0
	for from < len(l.marks) && l.marks[from].sequence < least {
		from++
	}
	if from > len(l.marks)/2 {
		l.marks = append(l.marks[:0], l.marks[from-1:]...)
		return
	}
	kept := l.marks[:0]
	for i := 1; i < len(l.marks); i += 2 {
		kept = append(kept, l.marks[i])
	}
	l.marks = kept
	l.step *= 2
}

// heard takes note of a processor's position. Beyond lagMembers the one that
// was silent for longest is forgotten.
func (l *lag) heard(name string, sequence uint64, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	oldest := -1
	for i := range l.members {
		m := &l.members[i]
		if m.name == name {
			m.sequence, m.heard = sequence, now
			return
		}
		if oldest < 0 || m.heard.Before(l.members[oldest].heard) {
			oldest = i
		}
	}
	if len(l.members) < lagMembers {
		l.members = append(l.members, member{name, sequence, now})
		return
	}
	l.members[oldest] = member{name, sequence, now}
}

// least returns the position of the slowest processor that was heard of lately.
// When all are silent it is that of the fastest: the log waits for someone to
// take over, but not for the dead. The lock is held.
func (l *lag) least(now time.Time) (sequence uint64, ok bool) {
	var slowest, fastest uint64
	fresh := false
	for _, m := range l.members {
		fastest = max(fastest, m.sequence)
		if now.Sub(m.heard) <= lagStale && (!fresh || m.sequence < slowest) {
			slowest, fresh = m.sequence, true
		}
	}
	if fresh {
		return slowest, true
	}
	return fastest, len(l.members) > 0
}

// behind returns the bytes that were stored behind the position, rounded up to
// a mark; 0 while no processor was heard of, unless that is required.
func (l *lag) behind(now time.Time) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	position, ok := l.least(now)
	if !ok {
		if l.require {
			return l.stored
		}
		return 0
	}
	if position >= l.last {
		return 0
	}
	read := int64(0)
	lo, hi := 0, len(l.marks)
	for lo < hi { // the last mark at or before position
		mid := int(uint(lo+hi) / 2)
		if l.marks[mid].sequence <= position {
			read, lo = l.marks[mid].bytes, mid+1
		} else {
			hi = mid
		}
	}
	return l.stored - read
}
