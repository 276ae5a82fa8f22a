package eval

import (
	"detour/internal/scenario"
	"detour/route"
)

// packed is consecutive elements that one UPDATE can carry, or one event.
type packed struct {
	at       route.Time
	peer     uint32
	kind     route.Kind
	flags    route.Flags
	otc      route.ASN
	withdraw bool
	path     []route.ASN
	comms    []byte
	nlri     []route.NLRI
}

// primingFlags mark table entries. A background may be its own table, and then
// names a route more than once: the later one counts, as when a recording of
// updates is given to --rib.
const primingFlags = route.FlagTableDump | route.FlagInitialTransfer

// maxPacked bounds the prefixes of one UPDATE, as a message of 4096 octets does.
const maxPacked = 200

// pack puts elements into as few updates as the order allows.
func pack(elements []scenario.Element) []packed {
	nlri := make([]route.NLRI, 0, len(elements))
	out := make([]packed, 0, len(elements)/2)
	for i := range elements {
		e := &elements[i]
		if e.Kind != route.KindUpdate {
			out = append(out, packed{at: e.At, peer: e.Peer, kind: e.Kind})
			continue
		}
		nlri = append(nlri, e.Prefix.NLRI(0))
		if n := len(out); n > 0 && out[n-1].takes(e) {
			last := &out[n-1]
			last.nlri = nlri[len(nlri)-1-len(last.nlri):]
			continue
		}
		p := packed{
			at: e.At, peer: e.Peer, withdraw: e.Path == nil, path: e.Path, comms: e.Communities,
			nlri: nlri[len(nlri)-1:],
		}
		if !p.withdraw {
			p.flags |= route.FlagHasPath
		}
		if e.Table {
			p.flags |= primingFlags
		}
		if e.HasOTC {
			p.flags |= route.FlagHasOTC
			p.otc = e.OTC
		}
		out = append(out, p)
	}
	return out
}

// takes reports whether e goes into the same UPDATE as what p holds.
func (p *packed) takes(e *scenario.Element) bool {
	if p.kind != route.KindUpdate || p.at != e.At || p.peer != e.Peer || p.withdraw != (e.Path == nil) ||
		len(p.nlri) >= maxPacked || p.flags&route.FlagTableDump != 0 != e.Table ||
		p.flags&route.FlagHasOTC != 0 != e.HasOTC || p.otc != e.OTC || p.nlri[0].Family != e.Prefix.Family {
		return false
	}
	return same(p.path, e.Path) && same(p.comms, e.Communities)
}

// same reports whether two slices share their memory.
func same[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// update fills u, which keeps nothing of its own.
func (p *packed) update(u *route.Update) {
	*u = route.Update{
		Kind: p.kind, Peer: p.peer, Engine: p.at, Collected: p.at, Flags: p.flags, OTC: p.otc,
		Communities: p.comms,
	}
	u.Path.ASNs = p.path
	if p.withdraw {
		u.Withdrawn = p.nlri
	} else {
		u.Announced = p.nlri
	}
}
