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

// check scans and accepts the update message s.m of b, so that fill cannot
// fail. It returns the peer field: 0 or place plus 1.
func (s *updateScan) check(b []byte) (peer uint32, err error) {
	f, m := &s.f, s.m
	if err := f.scanUpdate(b, m); err != nil {
		return 0, err
	}
	peer = uint32(f.v[updPeer])
	path := f.span(updPath).len()
	flags := route.Flags(f.v[updFlags])
	ids := flags&route.FlagPathIDs != 0
	switch {
	case path&3 != 0 && !f.split:
		return 0, errPath
	case f.split || f.has(updSegments):
		if err := checkPath(b, m, f); err != nil {
			return 0, err
		}
	}
	switch {
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

// checkPath accepts a path that has segments or stands in several pieces.
func checkPath(b []byte, m span, f *fields) error {
	n, ok := countASNs(b, m, f, updPath)
	if !ok {
		return errPath
	}
	if !checkSegments(b, m, n) {
		return errSegments
	}
	return nil
}

func validNextHop(n int) bool { return n == 0 || n == 4 || n == 16 || n == 32 }

// fill sets u, except for its number, from the update that s has scanned.
func (s *updateScan) fill(u *route.Update, frame *Frame) {
	b, f, m := frame.b, &s.f, s.m
	flags := route.Flags(f.v[updFlags]) & carriedFlags
	u.Kind = route.Kind(f.v[updKind])
	u.Flags = flags
	u.Peer = route.AllPeers
	if peer := uint32(f.v[updPeer]); peer != 0 {
		u.Peer = frame.ids[peer-1]
	}
	u.Engine = frame.Base + route.Time(unzigzag(f.v[updEngine]))
	u.Collected = 0
	if f.has(updCollected) {
		u.Collected = frame.Base + route.Time(unzigzag(f.v[updCollected]))
	}
	u.Origin, u.OTC = 0, 0
	if flags&route.FlagHasOrigin != 0 {
		u.Origin = uint8(f.v[updOrigin])
	}
	if flags&route.FlagHasOTC != 0 {
		u.OTC = route.ASN(f.v[updOTC])
	}
	u.Path.Segments = u.Path.Segments[:0]
	if path := f.span(updPath); !f.split {
		u.Path.ASNs = appendASNs(u.Path.ASNs[:0], b[path.lo():path.hi()])
	} else {
		u.Path.ASNs = readASNs(u.Path.ASNs[:0], b, m, f, updPath)
	}
	if f.split || f.has(updSegments) {
		u.Path.Segments = readSegments(u.Path.Segments, b, m)
	}
	setNextHop(&u.NextHop, b, f.span(updNextHop))
	setNextHop(&u.MPNextHop, b, f.span(updMPNextHop))
	u.Communities = view(b, f.span(updCommunities))
	u.LargeCommunities = view(b, f.span(updLargeCommunities))

	ids := flags&route.FlagPathIDs != 0
	u.Announced = readFamilies(u.Announced[:0], b, f.span(updAnnounced4), f.span(updAnnounced6), ids)
	u.Withdrawn = readFamilies(u.Withdrawn[:0], b, f.span(updWithdrawn4), f.span(updWithdrawn6), ids)
	clearUncarried(u)
}

// readFamilies appends the prefixes of both families; mostly there are none.
func readFamilies(dst []route.NLRI, b []byte, s4, s6 span, ids bool) []route.NLRI {
	if s4 != 0 {
		dst = appendNLRI4(dst, b, s4, ids)
	}
	if s6 != 0 {
		dst = appendNLRI6(dst, b, s6, ids)
	}
	return dst
}

// clearUncarried zeroes what a frame does not carry and another owner of u may
// have left there.
func clearUncarried(u *route.Update) {
	u.MED, u.LocalPref, u.AggregatorASN, u.AggregatorAddr = 0, 0, 0, [4]byte{}
	u.MPAnnounced, u.MPWithdrawn = 0, 0
}

func setNextHop(h *route.NextHop, b []byte, s span) {
	if h.Len != 0 {
		*h = route.NextHop{}
	}
	switch n := s.len(); n {
	case 0:
	case 4:
		copy(h.Bytes[:4], b[s.lo():]) // of constant length: no call
		h.Len = 4
	default:
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
