package wire

// MaxName bounds a name in octets: that of an ingester or a collector, and the
// zone of an address. A reader keeps names, so that a bound of their number
// bounds memory only together with one of their length.
const MaxName = 255

// maxAddr is the longest address: 16 octets and a zone.
const maxAddr = 16 + MaxName

// FrameIngester returns the ingester's name with which a frame begins, also
// where the rest of it cannot be decoded. ok is false when it begins with
// something else.
func FrameIngester(b []byte) (name []byte, ok bool) {
	if len(b) == 0 || len(b) > MaxFrame {
		return nil, false
	}
	tag, v, _, err := readField(b, 0)
	if err != nil || tag != frmIngester<<3|typeBytes || span(v).len() > MaxName || !validString(b, span(v)) {
		return nil, false
	}
	return view(b, span(v)), true
}
