package route

// SegmentType is the type of an AS_PATH segment (RFC 4271 §4.3, RFC 5065 §3).
type SegmentType uint8

// Segment types.
const (
	ASSet            SegmentType = 1
	ASSequence       SegmentType = 2
	ASConfedSequence SegmentType = 3
	ASConfedSet      SegmentType = 4
)

// Segment is a run of Count ASNs of one type in a Path.
type Segment struct {
	Type  SegmentType
	Count uint16
}

// Path is an AS_PATH laid flat, nearest AS first, prepends kept. With no
// Segments all of ASNs is one AS_SEQUENCE, which is the common case; otherwise
// the segments cover ASNs in order and exactly. Adjacent AS_SEQUENCE segments
// are joined. The slices belong to whoever filled the Path.
type Path struct {
	ASNs     []ASN
	Segments []Segment
}

// Reset empties p and keeps its memory.
func (p *Path) Reset() {
	p.ASNs = p.ASNs[:0]
	p.Segments = p.Segments[:0]
}
