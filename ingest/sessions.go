package ingest

import (
	"fmt"

	"detour/route"
)

// Sessions gives each peer of an ingester a small number, by first sight. The
// zero value is ready.
type Sessions struct {
	byPeer map[route.Peer]*route.Session
	last   *route.Session // recordings come in runs of one peer
}

// MaxSessions bounds the peers of one ingester.
const MaxSessions = 1 << 16

// Of returns the session of a peer. The pointer stays valid and is the same at
// each call.
func (s *Sessions) Of(p route.Peer) (*route.Session, error) {
	if s.last != nil && s.last.Peer == p {
		return s.last, nil
	}
	se := s.byPeer[p]
	if se == nil {
		if len(s.byPeer) >= MaxSessions {
			return nil, fmt.Errorf("peer %v AS%v is one more than the %d that an ingester keeps", p.Addr, p.ASN, MaxSessions)
		}
		if s.byPeer == nil {
			s.byPeer = map[route.Peer]*route.Session{}
		}
		se = &route.Session{Peer: p, ID: uint32(len(s.byPeer))}
		s.byPeer[p] = se
	}
	s.last = se
	return se, nil
}

// Len returns the number of peers seen.
func (s *Sessions) Len() int { return len(s.byPeer) }
