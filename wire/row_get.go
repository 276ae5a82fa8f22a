package wire

// rowReader reads the rows of a frame that has been decoded.
type rowReader struct {
	frame *Frame
	done  int
	wide  int // of Frame.wide
}

// next returns the values of the next row.
func (r *rowReader) next() (v [lanes]uint64) {
	w := r.frame.rows[r.done]
	r.done++
	for k := range v {
		if v[k] = w >> (8 * k) & 0xff; v[k] == wideLane {
			v[k] = r.frame.wide[r.wide]
			r.wide++
		}
	}
	return v
}
