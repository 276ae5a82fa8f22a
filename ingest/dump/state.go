package dump

import (
	"net/netip"
	"strconv"
)

var stateNames = [...]string{
	"unknown", "idle", "connect", "active", "opensent", "openconfirm", "established", "clearing", "deleted",
}

// appendState appends the name of a BGP state (RFC 4271 §8.2.2; 7 and 8 are
// Quagga's).
func appendState(dst []byte, s uint16) []byte {
	if int(s) < len(stateNames) {
		return append(dst, stateNames[s]...)
	}
	return strconv.AppendUint(append(dst, "state-"...), uint64(s), 10)
}

func appendNetipAddr(dst []byte, b []byte) []byte {
	a, _ := netip.AddrFromSlice(b)
	return a.AppendTo(dst)
}
