package eval

import (
	"fmt"
	"slices"
	"time"

	"detour/internal/scenario"
	"detour/internal/scenario/fulltable"
	"detour/internal/scenario/topo"
	"detour/route"
)

// madeWorld sizes a generated world: a small Internet that full feeds see.
type madeWorld struct {
	ases, peers, prefixes int
	rate                  float64 // route elements a second
}

// madeCut is when cases begin.
const madeCut = 300 * route.Second

// makeWorld generates a world: a table by policy routing, ordinary churn over
// it, and the graph's links as relationship file.
func makeWorld(name string, m madeWorld) (*World, error) {
	g, err := topo.Generate(topo.Config{ASes: m.ases}, 1)
	if err != nil {
		return nil, err
	}
	from := route.TimeOf(time.Date(2020, 7, 17, 21, 0, 0, 0, time.UTC))
	t, err := topo.NewTable(g, topo.TableConfig{Peers: m.peers, Prefixes4: m.prefixes, At: from}, 1)
	if err != nil {
		return nil, err
	}
	rel, err := relationshipsOf(g)
	if err != nil {
		return nil, err
	}
	bg := &scenario.Background{Name: name}
	for _, s := range t.Sessions() {
		bg.Peers = append(bg.Peers, s.Peer)
	}
	t.Each(func(s *route.Session, u *route.Update) bool {
		path := slices.Clone(u.Path.ASNs)
		for _, n := range u.Announced {
			bg.Prime = append(bg.Prime, scenario.Element{At: from, Peer: s.ID, Prefix: n.Prefix(), Path: path, Table: true})
		}
		return true
	})
	churn := fulltable.NewChurn(t, fulltable.ChurnConfig{From: from, To: from + madeCut + keepBehind, Rate: m.rate}, 1)
	for e := range churn.Elements {
		bg.Updates = append(bg.Updates, e)
	}
	if len(bg.Updates) == 0 {
		return nil, fmt.Errorf("generate traffic: there is none")
	}
	return NewWorld(bg, madeCut, rel), nil
}
