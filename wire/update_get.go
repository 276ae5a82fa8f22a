package wire

import "detour/route"

func updateShape() shape {
	return shape{
		varints: 1<<updNumber | 1<<updPeer | 1<<updEngine | 1<<updCollected | 1<<updFlags | 1<<updOrigin |
			1<<updKind | 1<<updOTC,
		lens: 1<<updPath | 1<<updNextHop | 1<<updCommunities | 1<<updAnnounced4 | 1<<updAnnounced6 |
			1<<updWithdrawn4 | 1<<updWithdrawn6 | 1<<updMPNextHop | 1<<updLargeCommunities | 1<<updSegments,
		packedVarints: 1 << updSegments,
		packedFixed:   1 << updPath,
	}
}

// checkUpdate accepts the update message m of b, so that fillUpdate cannot
// fail. It returns the peer field: 0 or place plus 1.
func checkUpdate(b []byte, m span) (peer uint32, err error) {
	var f fields
	if err := f.scan(b, m.lo(), m.hi(), updateShape()); err != nil {
		return 0, err
	}
	peer = uint32(f.v[updPeer])
	asns, ok := countASNs(b, m, &f, updPath)
	flags := route.Flags(f.v[updFlags])
	ids := flags&route.FlagPathIDs != 0
	switch {
	case !ok:
		return 0, errPath
	case !checkSegments(b, m, &f, asns):
		return 0, errSegments
	case uint32(f.v[updKind]) > uint32(route.KindTick):
		return 0, errEnum
	case peer == 0 && uint32(f.v[updKind]) == uint32(route.KindUpdate):
		return 0, errNoPeer
	case !validNextHop(f.span(updNextHop).len()), !validNextHop(f.span(updMPNextHop).len()):
		return 0, errNextHop
	case f.span(updCommunities).len()&3 != 0, f.span(updLargeCommunities).len()%12 != 0:
		return 0, errCommunity
	case uint32(f.v[updOrigin]) > 255:
		return 0, errUint8
	case !checkNLRI(b, f.span(updAnnounced4), 32, ids), !checkNLRI(b, f.span(updAnnounced6), 128, ids),
		!checkNLRI(b, f.span(updWithdrawn4), 32, ids), !checkNLRI(b, f.span(updWithdrawn6), 128, ids):
		return 0, errNLRI
	}
	return peer, nil
}

func validNextHop(n int) bool { return n == 0 || n == 4 || n == 16 || n == 32 }

// fillUpdate sets u from the update message m of b.
func (r *UpdateReader) fillUpdate(u *route.Update, m span) {
	b := r.b
	var f fields
	if f.scan(b, m.lo(), m.hi(), updateShape()) != nil {
		return // not after Decode
	}
	u.Reset()
	r.number += f.v[updNumber]
	u.Number = r.number
	u.Kind = route.Kind(f.v[updKind])
	u.Flags = route.Flags(f.v[updFlags]) & carriedFlags
	u.Peer = route.AllPeers
	if peer := uint32(f.v[updPeer]); peer != 0 {
		u.Peer = r.ids[peer-1]
	}
	u.Engine = r.base + route.Time(unzigzag(f.v[updEngine]))
	if f.has(updCollected) {
		u.Collected = r.base + route.Time(unzigzag(f.v[updCollected]))
	}
	if u.Flags&route.FlagHasOrigin != 0 {
		u.Origin = uint8(f.v[updOrigin])
	}
	if u.Flags&route.FlagHasOTC != 0 {
		u.OTC = route.ASN(f.v[updOTC])
	}
	u.Path.ASNs = readASNs(u.Path.ASNs, b, m, &f, updPath)
	if f.split || f.has(updSegments) {
		u.Path.Segments = readSegments(u.Path.Segments, b, m)
	}
	setNextHop(&u.NextHop, b, f.span(updNextHop))
	setNextHop(&u.MPNextHop, b, f.span(updMPNextHop))
	u.Communities = view(b, f.span(updCommunities))
	u.LargeCommunities = view(b, f.span(updLargeCommunities))

	ids := u.Flags&route.FlagPathIDs != 0
	u.Announced = appendNLRI4(u.Announced, b, f.span(updAnnounced4), ids)
	u.Announced = appendNLRI6(u.Announced, b, f.span(updAnnounced6), ids)
	u.Withdrawn = appendNLRI4(u.Withdrawn, b, f.span(updWithdrawn4), ids)
	u.Withdrawn = appendNLRI6(u.Withdrawn, b, f.span(updWithdrawn6), ids)
}

func setNextHop(h *route.NextHop, b []byte, s span) {
	if s != 0 {
		h.Len = uint8(copy(h.Bytes[:], b[s.lo():s.hi()]))
	}
}

// view returns the bytes of s, nil when there are none.
func view(b []byte, s span) []byte {
	if s.len() == 0 {
		return nil
	}
	return b[s.lo():s.hi():s.hi()]
}
