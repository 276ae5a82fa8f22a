package correlate

import (
	"time"

	"detour/route"
)

// Since says since when the correlator knows a pair, an edge or a triple.
type Since struct {
	Never  bool       // not known
	Always bool       // from before the log, or for longer than Config.Fresh
	Held   bool       // seen on routes of an open incident: it does not grow old
	At     route.Time // where neither
}

// sinceOf reads a stamp.
func sinceOf(s stamp) Since {
	switch {
	case !s.seen():
		return Since{Never: true}
	case s == ever:
		return Since{Always: true}
	}
	return Since{Held: s&pinned != 0, At: route.Time(s&^pinned-1) * route.Second}
}

// String is the form for people.
func (s Since) String() string {
	switch {
	case s.Never:
		return "never seen"
	case s.Always:
		return "known for long"
	case s.Held:
		return "since " + clockOf(s.At) + ", on routes of an incident"
	}
	return "since " + clockOf(s.At)
}

// MarshalText gives "never", "always" or the time.
func (s Since) MarshalText() ([]byte, error) {
	switch {
	case s.Never:
		return []byte("never"), nil
	case s.Always:
		return []byte("always"), nil
	}
	return s.At.MarshalText()
}

// HopNote is what is to be said of one network that is fresh on a path.
type HopNote struct {
	ASN         route.ASN
	ExportedTo  route.ASN // the neighbour towards the vantage point, 0 unknown
	LearnedFrom route.ASN // towards the origin
	// ByEdge: not ASN is new on the way to the origin, but that ExportedTo
	// reaches it through ASN.
	ByEdge   bool
	Contrast bool // this peer's route before did without it
	Flip     bool // the route goes against every direction seen before
	Valley   bool // the relationship file has both neighbours above or beside it
	OTC      bool // RFC 9234 forbids the route here

	Pair     Since // ASN on the way to the origin
	Edge     Since // ExportedTo → ASN
	Triple   Since // ExportedTo → ASN on the way to the origin
	Uphill   Since // ASN → LearnedFrom: it took routes from there
	Downhill Since // LearnedFrom → ASN: that took routes from it
	Third    Since // ExportedTo → ASN → LearnedFrom in a row
}

func (e *Explainer) hopNote(c *Correlator, h *hop) HopNote {
	k, as := c.known, &c.known.as
	n := HopNote{
		ASN: as.asn(h.x), ExportedTo: as.asn(h.to), LearnedFrom: as.asn(h.from), ByEdge: h.unit == byEdge,
		Contrast: h.contrast, Flip: h.flip, Valley: h.valley, OTC: h.otc,
		Pair: sinceOf(k.pairSince(h.x, c.hops.origin)), Edge: sinceOf(k.edgeSince(h.to, h.x)),
		Uphill: sinceOf(k.edgeSince(h.x, h.from)), Downhill: sinceOf(k.edgeSince(h.from, h.x)),
	}
	triple := k.tripleSince(h.to, h.x, c.hops.origin)
	n.Triple, n.Third = sinceOf(triple), Since{Never: true}
	if e := k.edgeID(h.to, h.x); e != 0 {
		if third := k.thirds.Get(pack(uint32(e), h.from)); third != nil {
			n.Third = sinceOf(*third)
		}
	}
	return n
}

// clockOf writes a time for people, to the second.
func clockOf(t route.Time) string { return t.Std().Format("2006-01-02 15:04:05") }

// seconds writes a length of time.
func seconds(t route.Time) string { return (time.Duration(t) * time.Microsecond).String() }
