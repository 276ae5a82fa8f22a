package dump

import (
	"encoding/binary"

	"detour/ingest/mrt"
	"detour/route"
)

// line prints the format of `bgpdump -m`. What the lines of one UPDATE share is
// put together once: head stands before the prefix, tail behind it.
type line struct {
	head, tail, mpTail []byte
}

// append appends the lines of rec.
func (l *line) append(dst []byte, rec *mrt.Record) []byte {
	switch rec.Kind {
	case mrt.KindUpdate:
		return l.appendUpdate(dst, rec)
	case mrt.KindState:
		return appendStateLine(dst, rec)
	case mrt.KindRIB:
		return l.appendEntry(dst, rec)
	}
	return dst
}

func (l *line) appendUpdate(dst []byte, rec *mrt.Record) []byte {
	u := &rec.Update
	ids := u.Flags&route.FlagPathIDs != 0
	if len(u.Withdrawn) > 0 {
		l.start(rec, label(rec), 'W')
		for i := range u.Withdrawn {
			dst = append(dst, l.head...)
			dst = append(appendPrefix(dst, &u.Withdrawn[i], ids), '\n')
		}
	}
	if len(u.Announced) == 0 {
		return dst
	}
	l.start(rec, label(rec), 'A')
	if u.MPAnnounced > 0 {
		l.tail = appendTail(l.tail[:0], u, &u.NextHop)
	}
	if u.MPAnnounced < len(u.Announced) {
		l.mpTail = appendTail(l.mpTail[:0], u, &u.MPNextHop)
	}
	tail := l.tail
	for i := range u.Announced {
		if i == u.MPAnnounced {
			tail = l.mpTail
		}
		dst = append(dst, l.head...)
		dst = appendPrefix(dst, &u.Announced[i], ids)
		dst = append(dst, tail...)
	}
	return dst
}

func (l *line) appendEntry(dst []byte, rec *mrt.Record) []byte {
	u := &rec.Update
	l.start(rec, label(rec), 'B')
	dst = append(dst, l.head...)
	dst = appendPrefix(dst, &u.Announced[0], u.Flags&route.FlagPathIDs != 0)
	next := &u.NextHop
	if u.MPNextHop.Len > 0 {
		next = &u.MPNextHop
	}
	return appendTail(dst, u, next)
}

func appendStateLine(dst []byte, rec *mrt.Record) []byte {
	dst = append(dst, "BGP4MP"...)
	if rec.Type == mrt.TypeBGP4MPET {
		dst = append(dst, "_ET"...)
	}
	dst = appendTime(append(dst, '|'), rec)
	dst = appendAddr(append(dst, "|STATE|"...), rec.Peer.Addr)
	dst = appendDecimal(append(dst, '|'), uint32(rec.Peer.ASN))
	dst = appendDecimal(append(dst, '|'), uint32(rec.OldState))
	dst = appendDecimal(append(dst, '|'), uint32(rec.NewState))
	return append(dst, '\n')
}

// start fills head up to the prefix.
func (l *line) start(rec *mrt.Record, label string, what byte) {
	h := append(l.head[:0], label...)
	h = appendTime(append(h, '|'), rec)
	h = append(h, '|', what, '|')
	h = appendAddr(h, rec.Peer.Addr)
	h = appendDecimal(append(h, '|'), uint32(rec.Peer.ASN))
	l.head = append(h, '|')
}

func appendTime(dst []byte, rec *mrt.Record) []byte {
	dst = appendDecimal(dst, uint32(rec.Time/route.Second))
	if rec.Type != mrt.TypeBGP4MPET {
		return dst
	}
	us := uint32(rec.Time % route.Second)
	dst = append(dst, '.', 0, 0, 0, 0, 0, 0)
	for i := range 6 {
		dst[len(dst)-1-i] = byte('0' + us%10)
		us /= 10
	}
	return dst
}

// label names the record as bgpdump does.
func label(rec *mrt.Record) string {
	n := 0
	switch rec.Type {
	case mrt.TypeTableDump:
		return "TABLE_DUMP"
	case mrt.TypeTableDumpV2:
		if rec.AddPath() {
			return "TABLE_DUMP2_AP"
		}
		return "TABLE_DUMP2"
	case mrt.TypeBGP4MPET:
		n = 4
	}
	if rec.Local() {
		n += 2
	}
	if rec.AddPath() {
		n++
	}
	return [...]string{
		"BGP4MP", "BGP4MP_AP", "BGP4MP_LOCAL", "BGP4MP_LOCAL_AP",
		"BGP4MP_ET", "BGP4MP_ET_AP", "BGP4MP_ET_LOCAL", "BGP4MP_ET_LOCAL_AP",
	}[n]
}

func appendPrefix(dst []byte, n *route.NLRI, ids bool) []byte {
	if n.Family == route.IPv4 {
		dst = appendIPv4(dst, uint32(n.Hi>>32))
	} else {
		dst = appendIPv6(dst, n.Hi, n.Lo)
	}
	dst = appendOctet(append(dst, '/'), n.Bits)
	if ids {
		dst = appendDecimal(append(dst, '|'), n.PathID)
	}
	return dst
}

var originNames = [...]string{"IGP", "EGP", "INCOMPLETE"}

// appendTail appends all that follows the prefix of an announcement.
func appendTail(dst []byte, u *route.Update, next *route.NextHop) []byte {
	dst = append(dst, '|')
	dst = appendPath(dst, &u.Path)
	origin := 2
	if u.Flags&route.FlagHasOrigin != 0 {
		origin = min(int(u.Origin), 2)
	}
	dst = append(append(dst, '|'), originNames[origin]...)
	dst = appendNextHop(append(dst, '|'), next)
	dst = appendDecimal(append(dst, '|'), u.LocalPref)
	dst = appendDecimal(append(dst, '|'), u.MED)
	dst = append(dst, '|')
	for c := u.Communities; len(c) >= 4; c = c[4:] {
		if len(c) != len(u.Communities) {
			dst = append(dst, ' ')
		}
		dst = appendCommunity(dst, binary.BigEndian.Uint32(c))
	}
	if u.Flags&route.FlagAtomicAggregate != 0 {
		dst = append(dst, "|AG|"...)
	} else {
		dst = append(dst, "|NAG|"...)
	}
	if u.Flags&route.FlagHasAggregator != 0 {
		dst = appendDecimal(dst, uint32(u.AggregatorASN))
		dst = appendIPv4(append(dst, ' '), binary.BigEndian.Uint32(u.AggregatorAddr[:]))
	}
	return append(dst, '|', '\n')
}

// appendNextHop appends the first address of a next hop; without one, the
// 255.255.255.255 that bgpdump prints.
func appendNextHop(dst []byte, n *route.NextHop) []byte {
	switch n.Len {
	case 0:
		return append(dst, "255.255.255.255"...)
	case 4:
		return appendIPv4(dst, binary.BigEndian.Uint32(n.Bytes[:]))
	}
	return appendIPv6(dst, binary.BigEndian.Uint64(n.Bytes[:]), binary.BigEndian.Uint64(n.Bytes[8:]))
}

// Well-known communities that have a name in bgpdump (RFC 1997).
const (
	noExport          = 0xffffff01
	noAdvertise       = 0xffffff02
	noExportSubconfed = 0xffffff03
)

func appendCommunity(dst []byte, c uint32) []byte {
	switch c {
	case noExport:
		return append(dst, "no-export"...)
	case noAdvertise:
		return append(dst, "no-advertise"...)
	case noExportSubconfed:
		return append(dst, "local-AS"...)
	}
	dst = appendDecimal(dst, c>>16)
	return appendDecimal(append(dst, ':'), c&0xffff)
}
