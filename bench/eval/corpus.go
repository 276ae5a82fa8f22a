package eval

import (
	"context"
	"fmt"
	"os"
	"slices"

	"detour/ingest/replay"
	"detour/processor/reference"
	"detour/route"
)

// The corpus files that the suite knows.
const (
	balancerUpdates = "csv/derived.balancer-20230920.updates.rrc06.mrt.gz"
	balancerTable   = "csv/derived.balancer-20230920.priming.mrt.gz"
	routeViews2024  = "mrt/routeviews.updates.20241028.0000.bz2"
	rrc00y2019      = "mrt/ris.rrc00.updates.20190101.0000.gz"
	asRel2018       = "asrel/20180101.as-rel.txt.gz"
	asRel2023       = "asrel/20230101.as-rel.txt.bz2"
	telegram        = "incident/derived.telegram-hijack-20260616.ripestat.mrt.gz"
	peering         = "incident/peering-experiment-202204/2022-04-14-16_00_00-updates.json"
	tableTransfer   = "mrt/ris.updates.et-header.2015.gz"
)

// The worlds, by the number of their peers.
const (
	world5  = "5 peers"
	world29 = "29 peers"
	world76 = "76 peers"
	// worldMade is made up, for those who have no recordings.
	worldMade = "12 peers, generated"
	// worldMany has as many peers as a whole project's collectors.
	worldMany = "400 peers, generated"
)

// worldSpec says what a world is made of.
type worldSpec struct {
	prime, files []string
	rel          string
	cut          route.Time // where cases begin
}

func specOf(name string) worldSpec {
	switch name {
	case world5: // a table of a day, and three hours of updates
		return worldSpec{[]string{balancerTable}, []string{balancerUpdates}, asRel2023, 480 * route.Second}
	case world29: // a quarter of an hour that is its own table
		return worldSpec{[]string{routeViews2024}, []string{routeViews2024}, asRel2023, 480 * route.Second}
	case world76: // five minutes that are their own table
		return worldSpec{[]string{rrc00y2019}, []string{rrc00y2019}, asRel2018, 120 * route.Second}
	}
	return worldSpec{}
}

// needs is what the corpus must hold; nothing for a world that is made up.
func (w worldSpec) needs() []string {
	if w.rel == "" {
		return nil
	}
	return append(append([]string{w.rel}, w.prime...), w.files...)
}

// has reports whether the corpus holds a file.
func (s *suite) has(name string) bool {
	_, err := os.Stat(s.file(name))
	return err == nil
}

func (s *suite) hasAll(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !s.has(name) })
}

// world returns a world, read at first use.
func (s *suite) world(ctx context.Context, name string) (*World, error) {
	s.mu.Lock()
	l := s.worlds[name]
	if l == nil {
		l = &lazy[*World]{}
		s.worlds[name] = l
	}
	s.mu.Unlock()
	l.once.Do(func() { l.v, l.err = s.loadWorld(ctx, name) })
	return l.v, l.err
}

// setting returns a world and how a detector is set up for it: taken for
// mature, and with the world's relationships.
func (s *suite) setting(ctx context.Context, name string, mature, rel bool) (*World, Setup, error) {
	w, err := s.world(ctx, name)
	if err != nil {
		return nil, Setup{}, err
	}
	setup := Setup{Mature: mature}
	if rel {
		setup.Rel = w.Rel
	}
	return w, setup, nil
}

// anyWorld is the world of five peers, or a generated one where that is absent.
func (s *suite) anyWorld(ctx context.Context) (*World, error) {
	if s.hasAll(specOf(world5).needs()) {
		return s.world(ctx, world5)
	}
	return s.world(ctx, worldMade)
}

func (s *suite) loadWorld(ctx context.Context, name string) (*World, error) {
	switch name {
	case worldMade:
		return makeWorld(name, madeWorld{ases: 8000, peers: 12, prefixes: 30_000, rate: 60})
	case worldMany:
		return makeWorld(name, madeWorld{ases: 2000, peers: 400, prefixes: 6000, rate: 1000})
	}
	spec := specOf(name)
	rel, err := s.relationships(spec.rel)
	if err != nil {
		return nil, err
	}
	bg, err := Load(ctx, name, replay.Config{Prime: s.paths(spec.prime), Files: s.paths(spec.files)})
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", name, err)
	}
	s.say("%s: %d table entries, %d updates", name, len(bg.Prime), len(bg.Updates))
	return NewWorld(bg, spec.cut, rel), nil
}

func (s *suite) relationships(name string) (*reference.Relationships, error) {
	rel, err := reference.OpenRelationships(s.file(name))
	if err != nil {
		return nil, fmt.Errorf("load relationships: %w", err)
	}
	return rel, nil
}

func (s *suite) paths(names []string) (out []string) {
	for _, n := range names {
		out = append(out, s.file(n))
	}
	return out
}
