package dump

import (
	"encoding/binary"
	"net/netip"
	"strconv"
)

// appendIPv4 appends a dotted quad.
func appendIPv4(dst []byte, a uint32) []byte {
	dst = appendOctet(dst, byte(a>>24))
	dst = appendOctet(append(dst, '.'), byte(a>>16))
	dst = appendOctet(append(dst, '.'), byte(a>>8))
	return appendOctet(append(dst, '.'), byte(a))
}

func appendOctet(dst []byte, b byte) []byte {
	switch {
	case b >= 100:
		return append(dst, '0'+b/100, '0'+b/10%10, '0'+b%10)
	case b >= 10:
		return append(dst, '0'+b/10, '0'+b%10)
	}
	return append(dst, '0'+b)
}

// appendIPv6 appends an address as bgpdump writes it. That is RFC 5952 with two
// exceptions: a single zero group is shortened to "::" too, and all of ::/96
// but :: and ::1 ends in a dotted quad.
func appendIPv6(dst []byte, hi, lo uint64) []byte {
	if hi == 0 && lo>>32 == 0xffff {
		return appendIPv4(append(dst, "::ffff:"...), uint32(lo))
	}
	if hi == 0 && lo>>32 == 0 && lo > 1 {
		return appendIPv4(append(dst, "::"...), uint32(lo))
	}
	from, n := longestZeros(hi, lo)
	for i := 0; i < 8; i++ {
		if i == from {
			if i == 0 {
				dst = append(dst, ':')
			}
			dst = append(dst, ':')
			i += n - 1
			continue
		}
		dst = strconv.AppendUint(dst, uint64(group(hi, lo, i)), 16)
		if i != 7 {
			dst = append(dst, ':')
		}
	}
	return dst
}

func group(hi, lo uint64, i int) uint16 {
	if i < 4 {
		return uint16(hi >> (48 - 16*i))
	}
	return uint16(lo >> (48 - 16*(i-4)))
}

// longestZeros returns the first longest run of zero groups, -1 without one.
func longestZeros(hi, lo uint64) (from, n int) {
	from = -1
	for i := 0; i < 8; {
		run := 0
		for i+run < 8 && group(hi, lo, i+run) == 0 {
			run++
		}
		if run > n {
			from, n = i, run
		}
		i += max(run, 1)
	}
	return from, n
}

// appendAddr appends a peer's address.
func appendAddr(dst []byte, a netip.Addr) []byte {
	if a.Is4() {
		b := a.As4()
		return appendIPv4(dst, binary.BigEndian.Uint32(b[:]))
	}
	b := a.As16()
	return appendIPv6(dst, binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:]))
}
