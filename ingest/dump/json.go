package dump

import (
	"encoding/binary"
	"encoding/json"
	"strconv"

	"detour/ingest/mrt"
	"detour/route"
)

// AppendJSON appends rec as one JSON object and a newline. The names are fixed;
// docs/reference/dump.md lists them.
func AppendJSON(dst []byte, rec *mrt.Record, name string) []byte {
	dst = append(append(dst, `{"type":"`...), jsonType(rec)...)
	dst = append(appendTimestamp(append(dst, `","time":"`...), rec.Time), '"')
	if rec.Peer.Collector != "" {
		dst = appendString(append(dst, `,"collector":`...), rec.Peer.Collector)
	}
	dst = append(rec.Peer.Addr.AppendTo(append(dst, `,"peer":{"address":"`...)), '"')
	dst = strconv.AppendUint(append(dst, `,"asn":`...), uint64(rec.Peer.ASN), 10)
	if rec.Peer.LocalASN != 0 {
		dst = strconv.AppendUint(append(dst, `,"local_asn":`...), uint64(rec.Peer.LocalASN), 10)
	}
	dst = append(dst, '}')
	switch rec.Kind {
	case mrt.KindState:
		dst = appendState(append(dst, `,"old_state":"`...), rec.OldState)
		dst = append(appendState(append(dst, `","new_state":"`...), rec.NewState), '"')
	case mrt.KindRIB:
		dst = appendJSONEntry(dst, rec)
	default:
		dst = appendJSONUpdate(dst, rec)
	}
	dst = appendString(append(dst, `,"file":`...), name)
	dst = strconv.AppendInt(append(dst, `,"offset":`...), rec.Offset, 10)
	dst = append(append(dst, `,"mrt":"`...), mrt.TypeName(rec.Type, rec.Subtype)...)
	return append(dst, "\"}\n"...)
}

func jsonType(rec *mrt.Record) string {
	switch {
	case rec.Kind == mrt.KindState:
		return "state"
	case rec.Kind == mrt.KindRIB:
		return "rib"
	case rec.Update.Kind == route.KindEndOfRIB:
		return "end-of-rib"
	}
	return "update"
}

func appendTimestamp(dst []byte, t route.Time) []byte {
	return t.Std().AppendFormat(dst, "2006-01-02T15:04:05.000000Z")
}

func appendJSONEntry(dst []byte, rec *mrt.Record) []byte {
	n := &rec.Update.Announced[0]
	dst = append(appendNetip(append(dst, `,"prefix":"`...), n), '"')
	if rec.Update.Flags&route.FlagPathIDs != 0 {
		dst = strconv.AppendUint(append(dst, `,"path_id":`...), uint64(n.PathID), 10)
	}
	dst = append(appendTimestamp(append(dst, `,"originated":"`...), rec.Originated), '"')
	dst = strconv.AppendUint(append(dst, `,"sequence":`...), uint64(rec.Sequence), 10)
	return appendAttributes(dst, &rec.Update)
}

func appendJSONUpdate(dst []byte, rec *mrt.Record) []byte {
	u := &rec.Update
	if rec.Local() {
		dst = append(dst, `,"sent":true`...)
	}
	if u.Flags&route.FlagTreatAsWithdraw != 0 {
		dst = append(dst, `,"treat_as_withdraw":true`...)
	}
	ids := u.Flags&route.FlagPathIDs != 0
	dst = appendNLRIs(append(dst, `,"announced":[`...), u.Announced, ids)
	dst = appendNLRIs(append(dst, `],"withdrawn":[`...), u.Withdrawn, ids)
	dst = append(dst, ']')
	if len(u.Announced) == 0 {
		return dst
	}
	return appendAttributes(dst, u)
}

func appendNLRIs(dst []byte, ns []route.NLRI, ids bool) []byte {
	for i := range ns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendNetip(append(dst, `{"prefix":"`...), &ns[i]), '"')
		if ids {
			dst = strconv.AppendUint(append(dst, `,"path_id":`...), uint64(ns[i].PathID), 10)
		}
		dst = append(dst, '}')
	}
	return dst
}

// appendNetip appends a prefix in the usual notation (RFC 5952).
func appendNetip(dst []byte, n *route.NLRI) []byte { return n.Prefix().Netip().AppendTo(dst) }

func appendAttributes(dst []byte, u *route.Update) []byte {
	if u.Flags&route.FlagHasOrigin != 0 {
		names := [...]string{"igp", "egp", "incomplete"}
		dst = append(append(dst, `,"origin":"`...), names[min(u.Origin, 2)]...)
		dst = append(dst, '"')
	}
	if u.Flags&route.FlagHasPath != 0 {
		dst = append(appendJSONPath(append(dst, `,"path":[`...), &u.Path), ']')
	}
	dst = appendJSONNextHop(dst, `,"next_hop":"`, &u.NextHop)
	dst = appendJSONNextHop(dst, `,"mp_next_hop":"`, &u.MPNextHop)
	if u.Flags&route.FlagHasMED != 0 {
		dst = strconv.AppendUint(append(dst, `,"med":`...), uint64(u.MED), 10)
	}
	if u.Flags&route.FlagHasLocalPref != 0 {
		dst = strconv.AppendUint(append(dst, `,"local_pref":`...), uint64(u.LocalPref), 10)
	}
	if u.Flags&route.FlagAtomicAggregate != 0 {
		dst = append(dst, `,"atomic_aggregate":true`...)
	}
	if u.Flags&route.FlagHasAggregator != 0 {
		dst = strconv.AppendUint(append(dst, `,"aggregator":{"asn":`...), uint64(u.AggregatorASN), 10)
		dst = appendIPv4(append(dst, `,"address":"`...), binary.BigEndian.Uint32(u.AggregatorAddr[:]))
		dst = append(dst, `"}`...)
	}
	if u.Flags&route.FlagHasOTC != 0 {
		dst = strconv.AppendUint(append(dst, `,"otc":`...), uint64(u.OTC), 10)
	}
	return appendJSONCommunities(dst, u)
}

func appendJSONCommunities(dst []byte, u *route.Update) []byte {
	if len(u.Communities) >= 4 {
		sep := `,"communities":["`
		for c := u.Communities; len(c) >= 4; c = c[4:] {
			dst = strconv.AppendUint(append(dst, sep...), uint64(binary.BigEndian.Uint16(c)), 10)
			dst = strconv.AppendUint(append(dst, ':'), uint64(binary.BigEndian.Uint16(c[2:])), 10)
			sep = `","`
		}
		dst = append(dst, `"]`...)
	}
	if len(u.LargeCommunities) >= 12 {
		sep := `,"large_communities":["`
		for c := u.LargeCommunities; len(c) >= 12; c = c[12:] {
			dst = strconv.AppendUint(append(dst, sep...), uint64(binary.BigEndian.Uint32(c)), 10)
			dst = strconv.AppendUint(append(dst, ':'), uint64(binary.BigEndian.Uint32(c[4:])), 10)
			dst = strconv.AppendUint(append(dst, ':'), uint64(binary.BigEndian.Uint32(c[8:])), 10)
			sep = `","`
		}
		dst = append(dst, `"]`...)
	}
	return dst
}

// appendJSONNextHop appends an address or, for 32 octets, two of them.
func appendJSONNextHop(dst []byte, key string, n *route.NextHop) []byte {
	if n.Len != 4 && n.Len != 16 && n.Len != 32 {
		return dst
	}
	dst = append(dst, key...)
	dst = appendNetipAddr(dst, n.Bytes[:min(n.Len, 16)])
	if n.Len == 32 {
		dst = appendNetipAddr(append(dst, `","link_local_next_hop":"`...), n.Bytes[16:])
	}
	return append(dst, '"')
}

func appendJSONPath(dst []byte, p *route.Path) []byte {
	if len(p.Segments) == 0 {
		return appendASNs(dst, p.ASNs, ',')
	}
	rest := p.ASNs
	for i, s := range p.Segments {
		if i > 0 {
			dst = append(dst, ',')
		}
		n := min(int(s.Count), len(rest))
		asns := rest[:n]
		rest = rest[n:]
		switch s.Type {
		case route.ASSet:
			dst = append(appendASNs(append(dst, `{"set":[`...), asns, ','), "]}"...)
		case route.ASConfedSequence:
			dst = append(appendASNs(append(dst, `{"confed_sequence":[`...), asns, ','), "]}"...)
		case route.ASConfedSet:
			dst = append(appendASNs(append(dst, `{"confed_set":[`...), asns, ','), "]}"...)
		default:
			dst = appendASNs(dst, asns, ',')
		}
	}
	return dst
}

// appendString appends s as a JSON string.
func appendString(dst []byte, s string) []byte {
	b, err := json.Marshal(s)
	if err != nil { // no string fails
		return append(dst, `""`...)
	}
	return append(dst, b...)
}
