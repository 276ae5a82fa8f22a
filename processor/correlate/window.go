package correlate

import "detour/processor/flat"

// spread counts distinct things in the present half-window and, of those in
// the previous one, the ones that did not come again.
type spread struct{ cur, prev uint32 }

func (s spread) n() int { return int(s.cur + s.prev) }

// roll begins a half-window that follows the last one, or a later one.
func (s *spread) roll(next bool) {
	s.prev = 0
	if next {
		s.prev = s.cur
	}
	s.cur = 0
}

// windows remembers what was met in the present and in the previous
// half-window, so that distinct things are counted as they come and no union is
// ever computed (DETECTION §9). Half-windows are aligned to engine time.
type windows struct {
	half      int64
	cur, prev flat.Table[uint64, struct{}]
	limit     int     `snapshot:"-"`
	refused   *uint64 `snapshot:"-"`
}

func newWindows(limit int, refused *uint64) windows {
	return windows{
		half: -1 << 62, limit: limit, refused: refused,
	}
}

// roll moves to a half-window and reports whether it is a later one.
func (w *windows) roll(half int64) bool {
	if half <= w.half {
		return false
	}
	if half == w.half+1 {
		w.cur, w.prev = w.prev, w.cur
	} else {
		w.prev.Clear()
	}
	w.cur.Clear()
	w.half = half
	return true
}

// meet counts a thing in s and reports whether the union of both half-windows
// grew.
func (w *windows) meet(s *spread, key uint64) bool {
	if w.cur.Get(key) != nil {
		return false
	}
	if w.cur.Len() >= w.limit {
		*w.refused++
		return false
	}
	w.cur.Put(key)
	s.cur++
	if s.prev > 0 && w.prev.Get(key) != nil {
		s.prev--
		return false
	}
	return true
}

// What is met, in the upper bits of a key.
const (
	metOrigin = 1 + iota
	metContrast
	metPrefix
	metPeer
	metVictim
	metUnshared
	metInvalid
)

const metEdgeFlag = 1 << 3 // beside the kinds, which are fewer than eight

// meetKey packs what was met with which AS; ASNs are bounded well below 2^28.
func meetKey(what int, x asID, item uint32) uint64 {
	return uint64(what)<<60 | uint64(x)<<32 | uint64(item)
}
