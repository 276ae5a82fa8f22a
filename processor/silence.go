package processor

import "detour/route"

// doubt is what updates that were lost leave behind.
type doubt struct {
	at  route.Time // when it was cast last
	due bool       // once more at the next census
}

// lose casts doubt on what the peers of an ingester, or the one peer, have
// withdrawn: the updates that were lost may have announced it again. It goes
// through all routes, so of many losses the later ones wait for the census.
func (e *engine) lose(in *ingester, one *peer, u *route.Update) {
	d := &in.doubt
	if d.at != 0 && u.Engine < d.at+censusEvery {
		d.due = true
		return
	}
	d.at, d.due = u.Engine, false
	for i := range e.peers {
		if p := &e.peers[i]; p == one || one == nil && p.in == in {
			e.rib.Doubt(p.rib)
		}
	}
	e.at.pe, e.at.flags = one, 0
	e.tellTurned(u)
}

// passSilence looks at a census which ingesters fell silent, and casts the doubt
// that waits.
func (e *engine) passSilence(u *route.Update) {
	newest := route.Time(0)
	for _, in := range e.ingesters {
		newest = max(newest, in.engine)
	}
	cause := e.at.in
	for _, in := range e.ingesters {
		e.at.in = in
		fell := !in.silent && !in.ended && newest-in.engine >= quietAfter
		if fell {
			in.silent = true
			e.tellSilence(u, route.KindSilent)
		}
		if fell || in.doubt.due {
			in.doubt.at = 0
			e.lose(in, nil, u)
		}
	}
	e.at.in = cause
}

// hear notes that a silent ingester has caught up with the others.
func (e *engine) hear(in *ingester, t route.Time) {
	for _, other := range e.ingesters {
		if !other.ended && other.engine-in.engine >= quietAfter {
			return
		}
	}
	in.silent = false
	e.tellSilence(&route.Update{Engine: t}, route.KindHeard)
}

// tellSilence forwards the news; every shard notices, and one is enough.
func (e *engine) tellSilence(u *route.Update, kind route.Kind) {
	if e.shard == 0 {
		e.event(&route.Update{Kind: kind, Peer: route.AllPeers, Engine: u.Engine})
	}
}
