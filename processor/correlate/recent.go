package correlate

import (
	"detour/processor/flat"
	"detour/route"
)

// moment is one judged change of a route: what an incident that opens later
// takes in.
type moment struct {
	at         route.Time
	session    uint32
	prefix     prefixID
	prev, next pathID // next is 0 where the route left
	fresh      uint64 // hops whose pair with the origin was fresh
	edges      uint64 // hops whose edge to the next was fresh on the way to the origin
	contrast   uint64 // hops that prev lacks
	expected   [maxExpected]route.ASN
	bits       momentBits
}

// momentBits say what else was known of a moment.
type momentBits uint8

const (
	bitInflated momentBits = 1 << iota
	bitMoreSpecific
	bitOriginNew
)

// recent holds the moments of the last two half-windows, oldest first.
type recent struct {
	ring  []moment
	head  int // oldest
	n     int
	limit int     `snapshot:"-"`
	lost  *uint64 `snapshot:"-"`

	forgotten uint64                     // how many were before head
	stand     flat.Table[uint64, uint64] // (prefix, session) of routes that did not leave since: number of the change
}

func newRecent(limit int, lost *uint64) recent { return recent{limit: limit, lost: lost} }

// add notes a moment. At the limit the oldest makes room, counted: an incident
// that opens then counts less than there was.
func (r *recent) add(m *moment) {
	if r.n == len(r.ring) && !r.grow() {
		r.forget()
		*r.lost++
	}
	key := pack(m.prefix, m.session)
	if m.next == 0 {
		r.stand.Del(key)
	} else {
		number, _ := r.stand.Put(key)
		*number = r.forgotten + uint64(r.n)
	}
	r.ring[r.place(r.n)] = *m
	r.n++
}

// leaves notes that a route is no more what the last moment of it says. Of one that
// has none, or that left before, there is nothing to note: nearly all routes that
// change are such.
func (r *recent) leaves(m *moment) {
	if r.n > 0 && r.stand.Get(pack(m.prefix, m.session)) != nil {
		r.add(m)
	}
}

// forget drops the oldest moment.
func (r *recent) forget() {
	m := r.at(0)
	key := pack(m.prefix, m.session)
	if number := r.stand.Get(key); number != nil && *number == r.forgotten {
		r.stand.Del(key)
	}
	r.head = r.next(r.head)
	r.n--
	r.forgotten++
}

func (r *recent) grow() bool {
	if len(r.ring) >= r.limit {
		return false
	}
	ring := make([]moment, min(r.limit, max(1024, 2*len(r.ring))))
	for i := range r.n {
		ring[i] = r.ring[r.place(i)]
	}
	r.ring, r.head = ring, 0
	return true
}

func (r *recent) place(i int) int {
	if i += r.head; i >= len(r.ring) {
		i -= len(r.ring)
	}
	return i
}

func (r *recent) next(i int) int {
	if i++; i == len(r.ring) {
		return 0
	}
	return i
}

// endsWith reports whether the last moment is the change to next that ends what
// m speaks of: it stands already.
func (r *recent) endsWith(m *moment, next pathID) bool {
	if r.n == 0 || next == 0 {
		return false
	}
	last := r.at(r.n - 1)
	return last.at == m.at && last.session == m.session && last.prefix == m.prefix && last.next == next
}

// expire forgets what was before t.
func (r *recent) expire(t route.Time) {
	for r.n > 0 && r.ring[r.head].at < t {
		r.forget()
	}
}

// at returns moment i, the oldest first.
func (r *recent) at(i int) *moment { return &r.ring[r.place(i)] }
