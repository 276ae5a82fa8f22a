package correlate

import (
	"slices"

	"detour/alert"
	"detour/route"
)

// State is how far a Correlator can be trusted at this moment, and by which
// measures it judges.
type State struct {
	Now        route.Time
	Coverage   alert.Coverage
	Maturity   Maturity // as configured
	Mature     bool
	MatureAt   route.Time // 0 from the start
	Known      [2]int     // prefixes by family
	Common     [2]int     // of those, held by at least 3 sessions
	FullTable  [2]int     // what counts as a full table
	Origins    bool       // changes of origin are judged
	OriginsAt  route.Time // from this moment; only with Origins
	NoiseReady bool
	Noise      int
	Quorum     [2]int
	Voters     [2]int // distinct full-feed peer ASNs
	Gaps       uint64
	GapAt      route.Time
	Config     Config // with its defaults
	Sessions   []SessionState
}

// SessionState is what is known of one vantage point.
type SessionState struct {
	Peer     route.Peer
	Ingester string
	Up       bool
	Learning bool
	From     route.Time // when it began
	Until    route.Time // when it stopped learning, or must at the latest
	Primed   bool       // a table told its routes
	Votes    [2]bool    // it counts among the full-feed peers
	Routes   [2]int
}

// View returns the state, its sessions in order. It may be called between two
// calls of Range.
func (c *Correlator) View() *State {
	now, _ := c.watermark()
	now = max(now, c.clock())
	v := &State{
		Now: now, Coverage: c.coverage(now), Maturity: c.cfg.Maturity, Mature: c.mature,
		Known: c.census.known, Common: c.census.held, FullTable: [2]int{fullTable4, fullTable6},
		Origins: c.learnUntil != lastTime, NoiseReady: c.leaks.noise.ready, Noise: c.leaks.noise.value,
		Gaps: c.stats.Gaps, GapAt: c.gapAt, Config: c.cfg,
	}
	if v.Origins {
		v.OriginsAt = c.learnUntil
	}
	if e := c.explain; e != nil && e.matured {
		v.MatureAt = e.matureAt
	}
	for f := range v.Quorum {
		v.Quorum[f], v.Voters[f] = c.quorum(f), len(c.sessions.voters[f])
	}
	order := make([]uint32, len(c.sessions.list))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, c.comparePeers)
	for _, i := range order {
		v.Sessions = append(v.Sessions, c.sessionState(&c.sessions.list[i], v.Now))
	}
	return v
}

func (c *Correlator) sessionState(s *session, t route.Time) SessionState {
	v := SessionState{
		Peer: s.peer, Ingester: c.ingesters.names[s.ingester], Up: s.begun && !s.down, Learning: s.begun && s.learning(t),
		From: s.from, Until: s.until, Primed: s.primed, Routes: s.routes,
	}
	if s.busyAt != 0 {
		v.Until = min(s.until, max(s.from+leastLearn, s.busyAt+busyPause))
	}
	for f := range v.Votes {
		v.Votes[f] = c.votes(s, f)
	}
	return v
}

// matures notes when the routes from before became known.
func (e *Explainer) matures(c *Correlator) {
	if e != nil && !e.matured {
		e.matured, e.matureAt = true, c.now
	}
}

// Explainer returns what Config.Explain gave, nil without one.
func (c *Correlator) Explainer() *Explainer { return c.explain }
