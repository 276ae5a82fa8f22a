package topo

import (
	"slices"

	"detour/route"
)

// Bounds of one table-dump update.
const (
	nlriMax  = 200
	bytesMax = 4096
)

// Each yields the table as UPDATEs with FlagTableDump, origin by origin; the
// prefixes of an atom share an update as far as nlriMax and 4 KB allow. Session
// and update belong to the iteration and are overwritten by the next yield.
func (t *Table) Each(yield func(s *route.Session, u *route.Update) bool) {
	t.EachOf(0, t.g.Len(), nil, yield)
}

// EachOf is Each for the origins from one place in ASNs to before another, so
// that several goroutines can share a table, and for some peers; nil means all.
// Update numbers begin at 1.
func (t *Table) EachOf(from, to int, peers []int, yield func(s *route.Session, u *route.Update) bool) {
	if peers == nil {
		for i := range t.sessions {
			peers = append(peers, i)
		}
	}
	d := dump{t: t, yield: yield, sessions: slices.Clone(t.sessions), peers: peers}
	vps := make([]route.ASN, len(peers))
	for i, p := range peers {
		vps[i] = t.vps[p]
	}
	d.solver = t.g.NewSolver(vps)
	d.u.Kind = route.KindUpdate
	for v := from; v < min(to, t.g.Len()); v++ {
		first := t.owners[v].prefix
		for _, a := range t.atoms[t.owners[v].atom:t.owners[v+1].atom] {
			d.solver.Solve(t.plan(int32(v), a))
			if !d.atom(t.prefixes[first:a.end]) {
				return
			}
			first = a.end
		}
	}
}

// dump is one iteration over a table.
type dump struct {
	t        *Table
	yield    func(s *route.Session, u *route.Update) bool
	sessions []route.Session
	peers    []int
	solver   *Solver
	nlri     []route.NLRI
	number   uint64
	u        route.Update
}

// atom yields the solved atom's prefixes at every peer that has a path.
func (d *dump) atom(prefixes []route.Prefix) bool {
	for len(prefixes) > 0 {
		family, bytes := prefixes[0].Family, 0
		d.nlri = d.nlri[:0]
		for _, p := range prefixes {
			bytes += 1 + (int(p.Bits)+7)/8
			if p.Family != family || len(d.nlri) == nlriMax || bytes > bytesMax-200 {
				break
			}
			d.nlri = append(d.nlri, p.NLRI(0))
		}
		prefixes = prefixes[len(d.nlri):]
		for _, i := range d.peers {
			if !d.send(i, family) {
				return false
			}
		}
	}
	return true
}

func (d *dump) send(peer int, family route.Family) bool {
	s := &d.sessions[peer]
	u := &d.u
	u.Reset()
	var ok bool
	if u.Path.ASNs, ok = d.solver.Path(u.Path.ASNs, s.ASN); !ok {
		return true
	}
	d.number++
	u.Number, u.Peer = d.number, s.ID
	u.Flags = route.FlagTableDump | route.FlagHasOrigin | route.FlagHasPath
	u.Engine, u.Collected = d.t.cfg.At, d.t.cfg.At
	u.Announced = append(u.Announced, d.nlri...)
	if family == route.IPv4 {
		u.MPAnnounced = len(u.Announced)
	}
	SetNextHop(u, s, family)
	return d.yield(s, u)
}

// SetNextHop gives an update the peer's next hop: its address for IPv4, one of
// 2001:db8::/32 with its number for IPv6.
func SetNextHop(u *route.Update, s *route.Session, family route.Family) {
	if family == route.IPv4 {
		b := s.Addr.As4()
		u.NextHop.Len = uint8(copy(u.NextHop.Bytes[:], b[:]))
		return
	}
	u.MPNextHop.Len = 16
	copy(u.MPNextHop.Bytes[:], []byte{0x20, 0x01, 0x0d, 0xb8})
	u.MPNextHop.Bytes[14], u.MPNextHop.Bytes[15] = byte((s.ID+1)>>8), byte(s.ID+1)
}
