package bmp

import (
	"encoding/binary"
	"fmt"
	"iter"
	"strings"
	"unicode"
)

// tlvs yields the information TLVs of b (RFC 7854 §4.4), up to one that does not fit.
func tlvs(b []byte) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= 4 {
			typ, n := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
			if n > len(b)-4 || !yield(typ, b[4:4+n]) {
				return
			}
			b = b[4+n:]
		}
	}
}

// TLVs of an Initiation (RFC 7854 §4.3) and a Termination (§4.5).
const (
	tlvString = 0
	tlvDescr  = 1
	tlvName   = 2
	tlvReason = 1
)

// initiation returns a router's sysName, and that with its sysDescr for people.
func initiation(b []byte) (name, description string) {
	var descr string
	for typ, value := range tlvs(b) {
		switch typ {
		case tlvName:
			name = printable(value)
		case tlvDescr:
			descr = printable(value)
		}
	}
	return name, strings.TrimSpace(descr)
}

// termination returns why a router ends a connection.
func termination(b []byte) string {
	why := "without a reason"
	for typ, value := range tlvs(b) {
		switch {
		case typ == tlvReason && len(value) == 2:
			reasons := [...]string{
				"administratively closed", "no reason given", "out of resources", "redundant connection",
				"administratively closed for good",
			}
			reason := int(binary.BigEndian.Uint16(value))
			why = fmt.Sprintf("reason %d", reason)
			if reason < len(reasons) {
				why = reasons[reason]
			}
		case typ == tlvString:
			why += fmt.Sprintf(" (%s)", printable(value))
		}
	}
	return why
}

// maxText bounds texts of routers.
const maxText = 64

// printable returns a router's text cut to maxText and without what a terminal might
// obey.
func printable(b []byte) string {
	b = b[:min(len(b), maxText)]
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(b), "")))
}
