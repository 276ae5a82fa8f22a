package named

import (
	"fmt"
	"strings"
	"time"

	"detour/internal/scenario"
	"detour/internal/scenario/topo"
	"detour/route"
)

// Class is the kind of thing that happened, as tables group them.
type Class string

// Classes.
const (
	ManyOriginLeak   Class = "leak of many origins"
	FewOriginLeak    Class = "leak of few origins"
	MassOriginChange Class = "origin change of many prefixes"
	FewPrefixHijack  Class = "hijack of few prefixes"
	Loss             Class = "loss of visibility"
	ROAMistake       Class = "ROA mistake"
	Flood            Class = "flood"
	Inside           Class = "fault inside a network"
)

// Scenario is one incident.
type Scenario struct {
	Name  string // date and who: "2018-11-12 MainOne"
	Class Class
	Story string   // what happened, for people
	Facts []Fact   // what accounts state
	Made  []string // what they do not state, or what was scaled: by construction
	IPv6  bool     // it is about IPv6: the world of IPv6
	Churn Churn    // of all other networks meanwhile
	Views []View

	begins time.Time // of the first update, UTC
	tell   func(t *teller) error
}

// Fact is what an account states.
type Fact struct {
	Text, Source string
	Recalled     bool // from memory: no stored text states it
}

// Churn is the ordinary traffic beside a scenario.
type Churn struct {
	Rate        float64     // route elements a second
	Busy        []route.ASN // origins behind BusyPercent of it
	BusyPercent int
}

// Inputs are what a detector is given beside the updates.
type Inputs struct {
	RIB       bool // the table of an hour before
	Relations bool // the relationships of the world
	VRPs      bool // Event.VRPs
	Watch     bool // Event.Watch
}

// String names the inputs as tables do.
func (i Inputs) String() string {
	var words []string
	for _, w := range []struct {
		on   bool
		word string
	}{{i.RIB, "RIB"}, {i.Relations, "relationships"}, {i.VRPs, "VRPs"}, {i.Watch, "watched"}} {
		if w.on {
			words = append(words, w.word)
		}
	}
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, ", ")
}

// View is a scenario with some inputs.
type View struct {
	Inputs
	Knows  string // what can be known with them
	Wants  []Want // what must be said, each of them
	May    []Want // what may be said beside
	Cannot string // why nothing can be said; then Wants is empty
	Most   int    // incidents that may be told at all; 0 is 2
}

// Want is something that is said rightly.
type Want struct {
	Kinds       []string      // of the alert, any of them
	Scope       string        // incident, prefix, or empty for either
	Suspect     route.ASN     // 0: nobody may be named
	ExportedTo  []route.ASN   // any of them; nil is not asked
	LearnedFrom []route.ASN   // any of them; nil is not asked
	Origin      route.ASN     // expected origin; 0 is not asked
	Prefix      *route.Prefix // of a prefix alert, or one that lies in it; nil is not asked
	Share       int           // percent of the bad prefixes that must be counted at the end; 0 is not asked
	Tag         string        // evidence that must be listed at last; empty is not asked
	Within      route.Time    // from the first bad update to the opening; 0 is not asked
}

// String says what is wanted.
func (w *Want) String() string {
	var s strings.Builder
	s.WriteString(strings.Join(w.Kinds, " or "))
	switch {
	case w.Suspect != 0:
		fmt.Fprintf(&s, " by AS%v", w.Suspect)
	case w.Origin != 0:
		fmt.Fprintf(&s, " of AS%v", w.Origin)
	}
	for _, side := range []struct {
		word string
		asns []route.ASN
	}{{"exported to", w.ExportedTo}, {"learned from", w.LearnedFrom}} {
		if len(side.asns) > 0 {
			s.WriteString(" " + side.word)
			for i, a := range side.asns {
				s.WriteString(map[bool]string{true: " ", false: " or "}[i == 0] + "AS" + a.String())
			}
		}
	}
	if w.Prefix != nil {
		s.WriteString(" on " + w.Prefix.String())
	}
	if w.Tag != "" {
		s.WriteString(", " + w.Tag)
	}
	return s.String()
}

// Event is a scenario over a world.
type Event struct {
	Prime    []scenario.Element // table entries beyond those of the table
	Elements []scenario.Element // in the order of time
	Watch    []Watched          // what an operator who is hit would watch
	VRPs     []VRPSet           // in the order of From, the first from the start
	May      []Want             // what may be said beside, of networks that the world chose
	Touched  func(route.ASN) bool

	Start, End               route.Time // of what happens, and of the last element
	Prefixes, Origins, Peers int        // that are bad at some time
}

// Watched is a prefix with its rightful origin.
type Watched struct {
	Prefix route.Prefix
	Origin route.ASN
}

// VRPSet is what the RPKI says from a moment on.
type VRPSet struct {
	From route.Time // 0 is the start
	List []scenario.VRP
}

// Make tells the scenario over a world, which must be of its family. It fails
// where the world has no place for it.
func (s *Scenario) Make(w *World) (*Event, error) {
	if w.IPv6 != s.IPv6 {
		return nil, fmt.Errorf("tell %s: the world is of another family", s.Name)
	}
	t := newTeller(w, s)
	if err := s.tell(t); err != nil {
		return nil, fmt.Errorf("tell %s: %w", s.Name, err)
	}
	return t.done()
}

// World is what scenarios are told over.
type World struct {
	Table *topo.Table
	IPv6  bool
}

// The worlds are smaller than the Internet, so that all scenarios run in
// minutes, and large enough for a table to count as full. By construction.
const (
	worldASes      = 12_000
	worldPrefixes4 = 105_000
	worldPrefixes6 = 24_000
	worldPeers     = 40
)

// vantage are networks that give collectors their table, among others.
func vantage() []route.ASN {
	return []route.ASN{3356, 1299, 2914, 7018, 6939, 701, 3491, 2497, 1103, 4739, 24516}
}

// NewWorld makes the world of one family up: 40 peers, 12,000 networks, and
// 105,000 IPv4 or 24,000 IPv6 prefixes.
func NewWorld(v6 bool) (*World, error) {
	g, err := topo.Generate(topo.Config{ASes: worldASes}, 1)
	if err != nil {
		return nil, fmt.Errorf("make a world: %w", err)
	}
	cfg := topo.TableConfig{Peers: worldPeers, Include: vantage(), Prefixes4: worldPrefixes4}
	if v6 {
		cfg.Prefixes4, cfg.Prefixes6 = worldASes, worldPrefixes6
	}
	t, err := topo.NewTable(g, cfg, 1)
	if err != nil {
		return nil, fmt.Errorf("make a world: %w", err)
	}
	return &World{Table: t, IPv6: v6}, nil
}
