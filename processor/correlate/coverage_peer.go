package correlate

import "detour/route"

// PeerCoverage is what is seen of one peer.
type PeerCoverage struct {
	Peer     route.Peer `json:"peer"`
	Ingester string     `json:"ingester"`
	State    PeerState  `json:"state"`
	Class    [2]Class   `json:"class"`            // by family, IPv4 first
	Routes   [2]int     `json:"routes"`           // that it holds
	Since    route.Time `json:"since,omitzero"`   // it shows routes, or the state has an end
	Last     route.Time `json:"last,omitzero"`    // heard
	Doubtful int        `json:"doubts,omitempty"` // prefixes with an origin that no other peer shows
}

// PeerState is the state of a peer's session.
type PeerState string

// States of a peer, the first that holds.
const (
	StateIgnored    PeerState = "ignored"
	StateDistrusted PeerState = "distrusted"
	StateDown       PeerState = "down"
	StateSilent     PeerState = "silent" // its ingester is
	StateStale      PeerState = "stale"  // it is, for long
	StateLearning   PeerState = "learning"
	StateLive       PeerState = "live"
)

func (c *Correlator) peerCoverage(s *session, now route.Time) PeerCoverage {
	p := PeerCoverage{
		Peer: s.peer, Ingester: c.ingesters.names[s.ingester], State: s.state(now), Routes: s.routes,
		Last: s.lastAt, Doubtful: s.doubts.alone,
	}
	if s.begun {
		p.Since = s.from
	}
	for family := range p.Class {
		f := c.feedOf(s, family, now)
		p.Class[family] = f.class()
	}
	return p
}

func (s *session) state(now route.Time) PeerState {
	switch {
	case s.ignored:
		return StateIgnored
	case s.distrusted:
		return StateDistrusted
	case s.down:
		return StateDown
	case s.silent:
		return StateSilent
	case s.stale:
		return StateStale
	case s.begun && s.learning(now):
		return StateLearning
	}
	return StateLive
}
