package eval

import (
	"sort"

	"detour/internal/scenario"
	"detour/processor/reference"
	"detour/route"
)

// World is a background that cases are laid over. It is read-only and shared.
type World struct {
	Name  string
	Peers []route.Peer
	Rel   *reference.Relationships // for making cases; a detector has it only where a Setup says so
	Know  *scenario.Knowledge      // as of Cut
	Cut   route.Time               // where cases begin

	bg       *scenario.Background
	sessions []*route.Session
	prime    []packed
	updates  []packed // up to keep behind the cut
}

// keepBehind is how much of a background behind the cut is kept for cases.
const keepBehind = 10 * route.Minute

// NewWorld prepares bg, whose cases begin cut after its first update. rel may
// be nil; then no case can be made.
func NewWorld(bg *scenario.Background, cut route.Time, rel *reference.Relationships) *World {
	first := begins(bg)
	w := &World{Name: bg.Name, Peers: bg.Peers, Rel: rel, Cut: first + cut, bg: bg}
	end := sort.Search(len(bg.Updates), func(i int) bool { return bg.Updates[i].At >= w.Cut+keepBehind })
	bg.Updates = bg.Updates[:end]
	w.prime, w.updates = pack(bg.Prime), pack(bg.Updates)
	for i, p := range bg.Peers {
		w.sessions = append(w.sessions, &route.Session{Peer: p, ID: uint32(i)})
	}
	if rel != nil {
		w.Know = scenario.NewKnowledge(bg, w.Cut, NewRelations(rel))
	}
	return w
}

// begins is the time of the first update, of the table where there is none.
func begins(bg *scenario.Background) route.Time {
	for _, list := range [][]scenario.Element{bg.Updates, bg.Prime} {
		if len(list) > 0 {
			return list[0].At
		}
	}
	return 0
}
