package rib

import (
	"slices"

	"detour/route"
)

// View is what the state holds of one prefix, for people. Everything is a copy.
type View struct {
	Prefix    route.Prefix
	Now       route.Time // engine time of the shard
	Inherited bool       // the baseline is still that of the cover
	Cover     route.Prefix
	// Base is what is normal now, Old what was normal in the ageing period
	// before; both count.
	Base, Old Baseline
	Mixed     bool       // hops of the baseline may belong to another origin
	Ages      route.Time // when Base becomes Old, at the next touch
	Newcomers []Newcomer // by first sight
	Up, Lost  int        // sessions that hold it, and that lost it by withdrawal
	Low       bool       // as many lost it as hold it, of at least ten
	Routes    []Route    // by Peer
}

// Baseline is a set of on-path ASes and of origins, both ascending.
type Baseline struct {
	Known   bool
	ASNs    []route.ASN
	Origins []route.ASN
}

// Newcomer is an AS that a prefix has seen and its baseline lacks.
type Newcomer struct {
	ASN    route.ASN
	Origin bool       // it is an origin, not on the way
	First  route.Time // first sight, to the second
	Normal route.Time // when it enters the baseline, if it is in use then
}

// Route is one peer's route of a prefix.
type Route struct {
	Peer    Peer
	Path    []route.ASN // behind the vantage point, nearest first; 0 is a break. Of a route that is down the last one
	Up      bool
	Reset   bool       // it ended with its session, not by a withdrawal
	Held    bool       // up, and unchanged for Held
	Changed route.Time // within the last Held; 0 before that
	Longest int        // longest unique length that was normal, 15 for more, 0 unknown
	Stated  bool       // a fact stands about it
	Extras  [][]route.ASN
	New     []route.ASN // hops of Path that the baseline lacks
}

// Query returns what is known of p; false when nobody has announced it. It
// changes nothing.
func (r *RIB) Query(p route.Prefix) (*View, bool) {
	f := r.family(p.Family)
	id := f.index.find(p)
	if id == 0 {
		return nil, false
	}
	st := &f.state[id]
	v := &View{
		Prefix: p, Now: r.now, Inherited: st.flags&stateInherited != 0,
		Base: r.showBase(st.base), Old: r.showBase(st.old), Mixed: st.base != 0 && r.mixed(st),
		Up: int(st.up), Lost: int(st.lost), Low: st.low(), Newcomers: r.showNewcomers(st),
	}
	v.Ages = route.Time((uint64(st.period)+1)*uint64(Age) - r.hash(p)%uint64(Age))
	v.Cover, _ = r.CoverOf(p)
	for i := range f.columns {
		if s := f.columns[i].get(id); s.node() != 0 {
			v.Routes = append(v.Routes, r.showRoute(f, id, Peer(i), s))
		}
	}
	return v, true
}

// PathOf returns a peer's path of p behind the vantage point, if its route is up.
func (r *RIB) PathOf(pe Peer, p route.Prefix) (path []route.ASN, up bool) {
	f := r.family(p.Family)
	id := f.index.find(p)
	if id == 0 {
		return nil, false
	}
	s := f.columns[pe].get(id)
	if !s.up() {
		return nil, false
	}
	return r.Tail([]route.ASN{}, s.node()), true
}

// CoverOf returns the longest known prefix that is shorter than p and holds it.
func (r *RIB) CoverOf(p route.Prefix) (cover route.Prefix, ok bool) {
	f := r.family(p.Family)
	id := f.coverOf(p)
	if id == 0 {
		return route.Prefix{}, false
	}
	for bits := p.Bits; bits > 0; {
		bits--
		if q := truncate(p, bits); f.index.find(q) == id {
			return q, true
		}
	}
	return route.Prefix{}, false
}

// Within returns the known prefixes that lie in p, p excepted, in their order:
// at most limit of them, and how many there are. Replicas are left out.
func (r *RIB) Within(p route.Prefix, limit int) (list []route.Prefix, n int) {
	f := r.family(p.Family)
	f.index.each(f.route, func(q route.Prefix, id uint32) {
		if q != p && p.Contains(q) && f.state[id].flags&stateReplica == 0 {
			list = append(list, q)
		}
	})
	slices.SortFunc(list, func(a, b route.Prefix) int {
		if a.Less(b) {
			return -1
		}
		return 1
	})
	n = len(list)
	return list[:min(n, limit)], n
}

func (r *RIB) showBase(b Base) Baseline {
	if b == 0 {
		return Baseline{}
	}
	c := r.bases.arena.at(b)
	out := Baseline{Known: true, ASNs: []route.ASN{}, Origins: []route.ASN{}}
	for _, id := range c.set().members(nil) {
		out.ASNs = append(out.ASNs, r.as.asn(id))
	}
	for i := range c.origins() {
		out.Origins = append(out.Origins, r.as.asn(c.origin(i)))
	}
	slices.Sort(out.ASNs)
	slices.Sort(out.Origins)
	return out
}

func (r *RIB) showNewcomers(st *prefixState) (list []Newcomer) {
	if st.news == 0 {
		return nil
	}
	as, first := r.news.list(st.news)
	for i := range as {
		at := route.Time(first[i]) * route.Second
		list = append(list, Newcomer{
			ASN: r.as.asn(as[i] &^ newcomerOrigin), Origin: as[i]&newcomerOrigin != 0,
			First: at, Normal: at + Hold,
		})
	}
	return list
}

func (r *RIB) showRoute(f *family, id uint32, pe Peer, s slot) Route {
	key := slotKey(f.route, pe, id)
	out := Route{
		Peer: pe, Path: r.Tail([]route.ASN{}, s.node()), Up: s.up(), Reset: s.byReset(),
		Held: s.up() && r.recent.held(key, r.now), Longest: s.longest(), Stated: s.stated(),
	}
	out.Changed, _ = r.recent.changed(key)
	for n := range r.pathIDs.extras(key) {
		out.Extras = append(out.Extras, r.Tail([]route.ASN{}, n))
	}
	st := &f.state[id]
	if st.base == 0 {
		return out
	}
	for n := s.node(); r.tree.nodes[n].length != 0; n = r.tree.nodes[n].parent {
		h := &r.tree.nodes[n]
		if h.parent != 0 && h.as != 0 && !r.inBase(st.base, h.as, false) && !r.inBase(st.old, h.as, false) {
			out.New = append(out.New, r.as.asn(h.as))
		}
	}
	return out
}
