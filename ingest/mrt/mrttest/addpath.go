package mrttest

// AddPathUpdates returns a recording with every ADD-PATH subtype of BGP4MP (8
// to 11), plain and with microseconds: two paths of one prefix are announced,
// one of them is withdrawn, then the same over MP_REACH and MP_UNREACH.
func AddPathUpdates() (b []byte) {
	for subtype := uint16(8); subtype <= 11; subtype++ {
		as4 := subtype == 9 || subtype == 11
		for i, body := range addPathMessages(as4) {
			b = append(b, Record(1700000000+uint32(i), 16, subtype, body)...)
		}
		for i, body := range addPathMessages(as4) {
			b = append(b, RecordET(1700000010+uint32(i), 250, subtype, body)...)
		}
	}
	return b
}

func addPathMessages(as4 bool) [][]byte {
	s, s6 := IPv4Session(as4), IPv6Session(as4)
	two := append(NLRIWithID(7, "10.1.2.0/24"), NLRIWithID(8, "10.1.2.0/24")...)
	two6 := append(NLRIWithID(7, "2001:db8:1::/48"), NLRIWithID(4294967295, "2001:db8:1::/48")...)
	attrs := Attrs(as4, s.PeerASN, 64496)
	reach := append(append(Attr(0x40, 1, 0), Path(as4, s6.PeerASN, 64496)...), MPReach("2001:db8::7", two6)...)
	return [][]byte{
		s.Message(Update(nil, attrs, two)),
		s.Message(Update(NLRIWithID(7, "10.1.2.0/24"), nil, nil)),
		s6.Message(Update(nil, reach, nil)),
		s6.Message(Update(nil, MPUnreach(NLRIWithID(4294967295, "2001:db8:1::/48")), nil)),
	}
}

// AddPathRIB returns a table dump of the ADD-PATH subtypes 8 and 10 of
// TABLE_DUMP_V2.
func AddPathRIB() []byte {
	attrs := Attrs(true, 4200000001, 64496)
	attrs6 := append(append(Attr(0x40, 1, 0), Path(true, 64500, 64496)...),
		Attr(0x80, 14, append([]byte{16}, peer6.AsSlice()...)...)...)
	b := Record(1700000000, 13, 1, PeerIndex(Peer{peer4, 4200000001}, Peer{peer6, 64500}))
	b = append(b, Record(1700000000, 13, 8, RIB(0, "10.1.2.0/24", true,
		Entry{Peer: 0, Originated: 1699990000, PathID: 7, Attrs: attrs},
		Entry{Peer: 0, Originated: 1699990001, PathID: 8, Attrs: attrs}))...)
	return append(b, Record(1700000000, 13, 10, RIB(1, "2001:db8:1::/48", true,
		Entry{Peer: 1, Originated: 1699990002, PathID: 4294967295, Attrs: attrs6}))...)
}
