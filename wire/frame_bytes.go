package wire

// Bytes finishes the frame under its number: fields in the order of their
// numbers, which are the bytes that the protobuf library writes. The result is
// valid until the next call of Bytes or Reset.
func (b *FrameBuilder) Bytes(number uint64) []byte {
	p := appendBytes(b.out[:0], frmIngester, b.ingester)
	p = appendUint(p, frmEpoch, b.epoch)
	p = appendUint(p, frmNumber, number)
	p = appendUint(p, frmReceived, uint64(b.received))
	p = appendUint(p, frmBase, uint64(b.base))
	p = appendUint(p, frmBaseNumber, b.first)
	p = append(p, b.sessions.raw...)
	p = append(p, b.heads.raw...)
	p = appendBytes(p, frmHeadSession, b.heads.sessions)
	if !b.isShort() {
		p = appendBytes(p, frmRows, b.rows.bytes())
	}
	p = appendBytes(p, frmPath, b.path.bytes())
	p = appendBytes(p, frmCommunities, b.communities)
	p = appendBytes(p, frmLarge, b.large)
	p = appendBytes(p, frmPrefix, b.prefix.bytes())
	p = appendBytes(p, frmPrefix56, b.prefix56)
	p = appendBytes(p, frmPrefix128, b.prefix128)
	p = appendBytes(p, frmPathID, b.pathID)
	p = appendBytes(p, frmOTC, b.otc)
	p = appendBytes(p, frmSegmented, b.segmented)
	p = appendBytes(p, frmSegments, b.segments)
	p = appendBytes(p, frmWide, b.wide)
	p = appendBytes(p, frmWideTimes, b.wideTimes)
	if b.isShort() {
		p = b.appendShortRows(p)
	}
	b.out = p
	return p
}

// isShort reports whether the rows are written short.
func (b *FrameBuilder) isShort() bool { return b.times>>32 == 0 && b.rows.n != 0 }

func (b *FrameBuilder) appendShortRows(p []byte) []byte {
	rows := b.rows.bytes()
	p = appendLen(p, frmShortRows, len(rows)/rowLen*shortRowLen)
	for ; len(rows) >= rowLen; rows = rows[rowLen:] {
		p = append(p, rows[:shortRowLen]...)
	}
	return p
}
