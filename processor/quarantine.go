package processor

import "slices"

// Bounds of what a shard keeps of frames that it did not apply: the last ones.
const (
	quarantineFrames = 16
	quarantineOctets = 1 << 20
)

// Quarantined is a frame that was not applied, or not to its end.
type Quarantined struct {
	Sequence uint64 // in the shard's stream
	Ingester string // as the frame says; "?" where it does not
	Reason   string
	Size     int    // of the frame
	Data     []byte // its bytes
}

// quarantine keeps frames for inspection.
type quarantine struct {
	list   []Quarantined // oldest first
	octets int
	total  uint64 // ever added
}

// add keeps one more frame and forgets the oldest beyond the bounds.
func (q *quarantine) add(sequence uint64, ingester, reason string, data []byte) {
	q.total++
	size := len(data)
	data = slices.Clone(data[:min(size, quarantineOctets)])
	q.octets += len(data)
	q.list = append(q.list, Quarantined{sequence, ingester, reason, size, data})
	drop := 0
	for len(q.list)-drop > quarantineFrames || q.octets > quarantineOctets {
		q.octets -= len(q.list[drop].Data)
		drop++
	}
	q.list = slices.Delete(q.list, 0, drop)
}
