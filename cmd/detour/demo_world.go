package main

import (
	"bytes"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"detour/internal/scenario/fulltable"
	"detour/internal/scenario/topo"
	"detour/processor/reference"
	"detour/route"
)

// demoSeed makes every demo of a size the same.
const demoSeed = 1

// demoWorld is what is made up: networks, their table, the leak over it, and
// what a detour would have read of it from files.
type demoWorld struct {
	table *topo.Table
	leak  *fulltable.Verizon
	facts fulltable.VerizonFacts
	rel   *reference.Relationships
	names *reference.Names

	own atomic.Int64 // elements of the busy network in its hour
}

// demoTableAt is when the table was taken.
var demoTableAt = time.Date(2019, 6, 24, 10, 30, 0, 0, time.UTC)

// Sizes of the real thing; a smaller table gives a smaller leak.
const (
	demoNetworks    = 75_000
	demoLeaked      = 20_000
	demoLeakOrigins = 2400
	demoRamp        = route.Minute
)

func makeDemoWorld(o demoOptions) (*demoWorld, error) {
	g, err := topo.Generate(topo.Config{ASes: min(demoNetworks, o.prefixes/10)}, demoSeed)
	if err != nil {
		return nil, err
	}
	w := &demoWorld{}
	if w.rel, err = demoRelationships(g); err != nil {
		return nil, err
	}
	if w.names, err = reference.ReadNames(strings.NewReader(demoNames)); err != nil {
		return nil, err
	}
	w.table, err = topo.NewTable(g, topo.TableConfig{
		Collector: "demo", At: route.TimeOf(demoTableAt), Peers: o.peers, Prefixes4: o.prefixes,
	}, demoSeed)
	if err != nil {
		return nil, err
	}
	leaked := min(demoLeaked, o.prefixes/20)
	w.leak, err = fulltable.NewVerizon(w.table, fulltable.VerizonConfig{
		Prefixes: leaked, Origins: leaked * demoLeakOrigins / demoLeaked, Ramp: demoRamp,
	}, demoSeed)
	if err != nil {
		return nil, err
	}
	w.facts = w.leak.Facts()
	return w, nil
}

// demoRelationships gives the graph as a file of relationships would.
func demoRelationships(g *topo.Graph) (*reference.Relationships, error) {
	var file bytes.Buffer
	if err := g.WriteRelationships(&file); err != nil {
		return nil, err
	}
	rel, err := reference.ReadRelationships(&file)
	if err != nil {
		return nil, fmt.Errorf("read the demo's relationships: %w", err)
	}
	return rel, nil
}

// demoNames are the networks of the story by the names they go by.
const demoNames = `{
	"396531": "Allegheny Technologies", "33154": "DQE Communications", "701": "Verizon", "13335": "Cloudflare",
	"3356": "Level 3", "174": "Cogent", "1299": "Telia", "2914": "NTT", "3257": "GTT", "6453": "Tata",
	"6939": "Hurricane Electric", "7018": "AT&T", "714": "Apple", "2906": "Netflix", "8075": "Microsoft",
	"15169": "Google", "16509": "Amazon", "20940": "Akamai", "32934": "Facebook", "54113": "Fastly", "63949": "Linode"
}`
