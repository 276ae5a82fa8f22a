package firehose

import (
	"detour/internal/scenario/topo"
	"detour/route"
)

// tape holds updates ready to be sent, without a pointer of their own: the
// collector of garbage does not look at them, and to send one is to fill a struct.
type tape struct {
	parts    []part
	paths    []route.ASN
	nlri     []route.NLRI
	elements int
}

// part is one update of a tape. Its prefixes are withdrawn if it has no path.
type part struct {
	path, nlri uint32 // where they begin
	prefixes   uint16
	hops       uint16
	peer       uint16
}

// add keeps a copy of u. Updates that share the prefixes of the one before share
// their memory, as those of a table do.
func (t *tape) add(u *route.Update) {
	list := u.Announced
	if len(list) == 0 {
		list = u.Withdrawn
	}
	p := part{
		path: uint32(len(t.paths)), hops: uint16(len(u.Path.ASNs)),
		nlri: t.place(list), prefixes: uint16(len(list)), peer: uint16(u.Peer),
	}
	t.paths = append(t.paths, u.Path.ASNs...)
	t.parts = append(t.parts, p)
	t.elements += len(list)
}

func (t *tape) place(list []route.NLRI) uint32 {
	if n := len(t.parts); n > 0 {
		last := t.parts[n-1]
		same := t.nlri[last.nlri:][:last.prefixes]
		if len(same) == len(list) && same[0] == list[0] && same[len(same)-1] == list[len(list)-1] {
			return last.nlri
		}
	}
	at := uint32(len(t.nlri))
	t.nlri = append(t.nlri, list...)
	return at
}

// fill makes u the i-th update. Its slices are the tape's and must not be changed.
func (t *tape) fill(u *route.Update, i int, sessions []route.Session) *route.Session {
	p := &t.parts[i]
	*u = route.Update{Peer: uint32(p.peer)}
	s := &sessions[p.peer]
	list := t.nlri[p.nlri:][:p.prefixes:p.prefixes]
	v4 := list[0].Family == route.IPv4
	if p.hops == 0 {
		if u.Withdrawn = list; v4 {
			u.MPWithdrawn = len(list)
		}
		return s
	}
	u.Flags = route.FlagHasOrigin | route.FlagHasPath
	u.Path.ASNs = t.paths[p.path:][:p.hops:p.hops]
	if u.Announced = list; v4 {
		u.MPAnnounced = len(list)
	}
	topo.SetNextHop(u, s, list[0].Family)
	return s
}
