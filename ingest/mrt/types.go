package mrt

import "strconv"

// MRT record types (RFC 6396 §4).
const (
	TypeBGP         uint16 = 5 // MRTD's own format, deprecated
	TypeTableDump   uint16 = 12
	TypeTableDumpV2 uint16 = 13
	TypeBGP4MP      uint16 = 16
	TypeBGP4MPET    uint16 = 17 // BGP4MP with microseconds
)

// Subtypes of TypeBGP4MP and TypeBGP4MPET (RFC 6396 §4.4, RFC 8050 §3).
const (
	StateChange            uint16 = 0
	Message                uint16 = 1
	Entry                  uint16 = 2 // deprecated RIB entry
	Snapshot               uint16 = 3 // deprecated
	MessageAS4             uint16 = 4
	StateChangeAS4         uint16 = 5
	MessageLocal           uint16 = 6
	MessageAS4Local        uint16 = 7
	MessageAddPath         uint16 = 8
	MessageAS4AddPath      uint16 = 9
	MessageLocalAddPath    uint16 = 10
	MessageAS4LocalAddPath uint16 = 11
)

// Subtypes of TypeTableDump. The AS4 pair is no RFC's; some writers use it.
const (
	TableIPv4    uint16 = 1
	TableIPv6    uint16 = 2
	TableIPv4AS4 uint16 = 3
	TableIPv6AS4 uint16 = 4
)

// Subtypes of TypeTableDumpV2 (RFC 6396 §4.3, RFC 8050 §4).
const (
	PeerIndexTable       uint16 = 1
	RIBIPv4Unicast       uint16 = 2
	RIBIPv4Multicast     uint16 = 3
	RIBIPv6Unicast       uint16 = 4
	RIBIPv6Multicast     uint16 = 5
	RIBGeneric           uint16 = 6
	GeoPeerTable         uint16 = 7 // RFC 6397
	RIBIPv4UnicastAP     uint16 = 8
	RIBIPv4MulticastAP   uint16 = 9
	RIBIPv6UnicastAP     uint16 = 10
	RIBIPv6MulticastAP   uint16 = 11
	RIBGenericAP         uint16 = 12
	lastTableDumpV2      uint16 = RIBGenericAP
	lastBGP4MP           uint16 = MessageAS4LocalAddPath
	lastTableDump        uint16 = TableIPv6AS4
	firstBGP4MPAP        uint16 = MessageAddPath
	stateEstablished     uint16 = 6
	bgpTypeUpdate        byte   = 2
	bgpHeaderLen                = 19
	headerLen                   = 12
	maxMessageBody              = 65535 + 64 // largest BGP message (RFC 8654) and the MRT fields before it
	maxRIBBody                  = 16 << 20
	secondsOfPlausible          = 86400
	afiIPv4              uint16 = 1
	afiIPv6              uint16 = 2
	afiNone              uint16 = 0xffff // old Zebra: no interface and no addresses follow
	readSize                    = 256 << 10
	resyncEntriesAllowed        = 1 << 22
)

var typeNames = map[uint16]string{
	TypeBGP: "BGP", TypeTableDump: "TABLE_DUMP", TypeTableDumpV2: "TABLE_DUMP_V2",
	TypeBGP4MP: "BGP4MP", TypeBGP4MPET: "BGP4MP_ET",
}

var subtypeNames = map[uint16][]string{
	TypeBGP:       {"NULL", "UPDATE", "PREF_UPDATE", "STATE_CHANGE", "SYNC", "OPEN", "NOTIFY", "KEEPALIVE"},
	TypeTableDump: {"", "AFI_IPv4", "AFI_IPv6", "AFI_IPv4_AS4", "AFI_IPv6_AS4"},
	TypeTableDumpV2: {
		"", "PEER_INDEX_TABLE", "RIB_IPV4_UNICAST", "RIB_IPV4_MULTICAST", "RIB_IPV6_UNICAST",
		"RIB_IPV6_MULTICAST", "RIB_GENERIC", "GEO_PEER_TABLE", "RIB_IPV4_UNICAST_ADDPATH",
		"RIB_IPV4_MULTICAST_ADDPATH", "RIB_IPV6_UNICAST_ADDPATH", "RIB_IPV6_MULTICAST_ADDPATH",
		"RIB_GENERIC_ADDPATH",
	},
	TypeBGP4MP: {
		"STATE_CHANGE", "MESSAGE", "ENTRY", "SNAPSHOT", "MESSAGE_AS4", "STATE_CHANGE_AS4", "MESSAGE_LOCAL",
		"MESSAGE_AS4_LOCAL", "MESSAGE_ADDPATH", "MESSAGE_AS4_ADDPATH", "MESSAGE_LOCAL_ADDPATH",
		"MESSAGE_AS4_LOCAL_ADDPATH",
	},
}

// TypeName returns the RFC's name of a type and subtype, such as
// "BGP4MP_ET/MESSAGE_AS4"; numbers stand in for what has no name.
func TypeName(typ, subtype uint16) string {
	name := typeNames[typ]
	if name == "" {
		name = strconv.Itoa(int(typ))
	}
	names := subtypeNames[typ]
	if typ == TypeBGP4MPET {
		names = subtypeNames[TypeBGP4MP]
	}
	if int(subtype) < len(names) && names[subtype] != "" {
		return name + "/" + names[subtype]
	}
	return name + "/" + strconv.Itoa(int(subtype))
}

// header is the common header of a record (RFC 6396 §2).
type header struct {
	seconds uint32
	typ     uint16
	subtype uint16
	length  uint32
}

// known reports whether the reader knows the layout of h's subtype.
func (h header) known() bool {
	switch h.typ {
	case TypeBGP4MP, TypeBGP4MPET:
		return h.subtype <= lastBGP4MP
	case TypeTableDump:
		return h.subtype >= TableIPv4 && h.subtype <= lastTableDump
	case TypeTableDumpV2:
		return h.subtype >= PeerIndexTable && h.subtype <= lastTableDumpV2
	}
	return false
}

// registered reports whether h's type is one that IANA ever gave out: types
// that may stand in a file though this reader skips them.
func (h header) registered() bool {
	return h.known() || h.typ <= 13 || h.typ >= 16 && h.typ <= 17 || h.typ >= 32 && h.typ <= 33 ||
		h.typ >= 48 && h.typ <= 49
}

// limit returns the longest body that is believed for h's type.
func (h header) limit() uint32 {
	if h.typ == TypeTableDump || h.typ == TypeTableDumpV2 {
		return maxRIBBody
	}
	return maxMessageBody
}

// as4Subtypes has a bit for each subtype of four-octet ASNs.
const as4Subtypes = 1<<MessageAS4 | 1<<StateChangeAS4 | 1<<MessageAS4Local | 1<<MessageAS4AddPath |
	1<<MessageAS4LocalAddPath

func (h header) as4() bool { return h.subtype < 16 && as4Subtypes>>h.subtype&1 != 0 }

func (h header) stateChange() bool { return h.subtype == StateChange || h.subtype == StateChangeAS4 }
