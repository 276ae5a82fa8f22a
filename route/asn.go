package route

import "strconv"

// ASN is a four-octet autonomous system number (RFC 6793). Zero means "none"
// or "unknown".
type ASN uint32

// ASTrans stands for a four-octet ASN on a two-octet session (RFC 6793 §9).
const ASTrans ASN = 23456

// String returns the number in asplain form (RFC 5396).
func (a ASN) String() string { return strconv.FormatUint(uint64(a), 10) }

// Public reports whether a may stand for a network on the Internet. It is
// false for AS 0, AS_TRANS and the documentation, private-use and reserved
// ranges of the IANA special-purpose AS number registry (RFC 5398, 6996, 7300,
// 7607).
func (a ASN) Public() bool {
	switch {
	case a < 64496:
		return a != 0 && a != ASTrans
	case a < 131072: // 64496–65551 special, 65552–131071 reserved
		return false
	default:
		return a < 4200000000
	}
}
