package rib

// slot is the state of one route: which path, the longest unique length that
// was normal here, whether it is down, whether a fact stands about it
// (docs/state.md §1). The zero slot never had a route.
type slot uint32

const (
	nodeBits          = 26
	nodeMask          = 1<<nodeBits - 1
	longestShift      = nodeBits
	longestMax        = 15
	slotDown     slot = 1 << 30
	slotState    slot = 1 << 31
)

func (s slot) node() Node    { return Node(s & nodeMask) }
func (s slot) longest() int  { return int(s>>longestShift) & longestMax }
func (s slot) down() bool    { return s&slotDown != 0 }
func (s slot) up() bool      { return s.node() != 0 && !s.down() }
func (s slot) stated() bool  { return s&(slotState|slotDown) == slotState }
func (s slot) lost() bool    { return s&(slotState|slotDown) == slotDown && s.node() != 0 }
func (s slot) byReset() bool { return s&(slotState|slotDown) == slotState|slotDown }

// raise notes unique as a normal length.
func (s *slot) raise(unique int) {
	if n := min(unique, longestMax); n > s.longest() {
		*s = *s&^(longestMax<<longestShift) | slot(n)<<longestShift
	}
}

// set gives the slot a path that is up and about which nothing is stated.
func (s *slot) set(n Node) {
	*s = *s&^(nodeMask|slotDown|slotState) | slot(n)
}

// take marks the route as withdrawn; its path stays for contrast.
func (s *slot) take() { *s = *s&^slotState | slotDown }

// reset marks a route as gone with its session, whatever became of it before.
func (s *slot) reset() {
	if s.node() != 0 {
		*s |= slotDown | slotState
	}
}
