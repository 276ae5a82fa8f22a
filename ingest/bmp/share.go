package bmp

import (
	"net/netip"
	"sync"

	"detour/route"
)

// shares bounds how many of an ingester's sessions each router may take over all its
// connections: the desk forgets none, so that one that names ever new peers would
// leave no room for the others. The zero value is ready; a nil one bounds nothing.
type shares struct {
	mu    sync.Mutex
	taken map[netip.Addr]map[route.Peer]struct{} // no more than the desk keeps
}

// sharesOf is how many times MaxPeers a router may name: each peer has two views, and
// AS numbers change.
const sharesOf = 4

// may reports whether a router may have a session for p.
func (s *shares) may(p route.Peer, maxPeers int) bool {
	if s == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	mine := s.taken[p.Router]
	_, known := mine[p]
	return known || len(mine) < sharesOf*maxPeers
}

// took notes a session that the desk has given.
func (s *shares) took(p route.Peer) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken == nil {
		s.taken = map[netip.Addr]map[route.Peer]struct{}{}
	}
	if s.taken[p.Router] == nil {
		s.taken[p.Router] = map[route.Peer]struct{}{}
	}
	s.taken[p.Router][p] = struct{}{}
}
