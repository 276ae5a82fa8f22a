package pathpic_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"detour/alert"
	"detour/internal/scenario"
	"detour/internal/scenario/fulltable"
	"detour/internal/scenario/topo"
	"detour/processor"
	"detour/processor/correlate"
	"detour/processor/reference"
	"detour/route"
)

// small is a made-up Internet with the networks of known incidents in their
// places, and the table that a dozen peers have of it.
type small struct {
	graph *topo.Graph
	table *topo.Table
	rel   *reference.Relationships
}

func newSmall(t *testing.T, from route.Time) *small {
	t.Helper()
	g, err := topo.Generate(topo.Config{ASes: 2000}, 1)
	if err != nil {
		t.Fatal(err)
	}
	cfg := topo.TableConfig{At: from, Peers: 12, Prefixes4: 9000, Include: []route.ASN{701, 3356, 1299}}
	table, err := topo.NewTable(g, cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	g.Each(func(a, c route.ASN, r topo.Rel) bool {
		switch r { // c is r to a
		case topo.Provider:
			fmt.Fprintf(&file, "%d|%d|-1\n", c, a)
		case topo.Customer:
			fmt.Fprintf(&file, "%d|%d|-1\n", a, c)
		case topo.Peer:
			fmt.Fprintf(&file, "%d|%d|0\n", a, c)
		}
		return true
	})
	rel, err := reference.ReadRelationships(&file)
	if err != nil {
		t.Fatal(err)
	}
	return &small{g, table, rel}
}

// lead is how long there is ordinary traffic before an event, and tail how long
// after it.
const (
	lead = 5 * route.Minute
	tail = 3 * route.Minute
)

// judge gives table, ordinary traffic and an event to shards and correlator, and
// returns what was said.
func (s *small) judge(
	t *testing.T, event iter.Seq[scenario.Element], start, end route.Time, watch *reference.Watch,
) (said []*alert.Alert) {
	t.Helper()
	line, err := processor.NewLine(processor.LineConfig{
		Correlate: correlate.Config{
			Maturity: correlate.MatureYes, // a full table, if a small one
			Outside: correlate.Outside{
				Relationships: s.rel, Lists: reference.DefaultLists(), Watch: watch,
			},
		},
		Watched: func(p route.Prefix, o route.ASN) bool { return watch.Match(p) != nil || watch.ASN(o) != nil },
	}, func(a *alert.Alert) { said = append(said, a) })
	if err != nil {
		t.Fatal(err)
	}
	ctx, from, number := context.Background(), start-lead, uint64(0)
	add := func(session *route.Session, u *route.Update) bool {
		number++
		u.Number = number
		if err := line.Add(ctx, u, session); err != nil {
			t.Fatal(err)
		}
		return true
	}
	s.table.Each(func(session *route.Session, u *route.Update) bool {
		u.Engine, u.Collected = from, from
		return add(session, u)
	})
	add(nil, &route.Update{Kind: route.KindEndOfRIB, Peer: route.AllPeers, Engine: from, Collected: from})
	churn := fulltable.NewChurn(s.table, fulltable.ChurnConfig{From: from, To: end + tail, Rate: 20}, 1)
	now := from
	feed := fulltable.Updates(s.table, number, fulltable.Merge(event, churn.Elements))
	feed(func(session *route.Session, u *route.Update, _ bool) bool {
		for ; now+route.Second <= u.Engine; now += route.Second {
			if err := line.Tick(ctx, now); err != nil {
				t.Fatal(err)
			}
		}
		return add(session, u)
	})
	if err := line.Tick(ctx, end+tail); err != nil {
		t.Fatal(err)
	}
	if err := line.End(ctx); err != nil {
		t.Fatal(err)
	}
	return said
}

// background is the table as a place for events of package scenario.
func (s *small) background(t *testing.T, at route.Time) *scenario.Knowledge {
	t.Helper()
	bg := &scenario.Background{Name: "small"}
	for _, session := range s.table.Sessions() {
		bg.Peers = append(bg.Peers, session.Peer)
	}
	s.table.Each(func(session *route.Session, u *route.Update) bool {
		path := slices.Clone(u.Path.ASNs)
		for _, n := range u.Announced {
			bg.Prime = append(bg.Prime, scenario.Element{
				At: at, Peer: session.ID, Prefix: n.Prefix(), Path: path, Table: true,
			})
		}
		return true
	})
	return scenario.NewKnowledge(bg, at, s.graph)
}

// lastFiring returns the last message of an incident of a kind while it fires.
func lastFiring(t *testing.T, said []*alert.Alert, scope alert.Scope, kind alert.Kind) *alert.Alert {
	t.Helper()
	var found *alert.Alert
	for _, a := range said {
		if a.Scope == scope && a.Kind == kind && a.Status == alert.StatusFiring {
			found = a
		}
	}
	if found == nil {
		for _, a := range said {
			t.Logf("%s %s %s: %s", a.Scope, a.Kind, a.Status, a.Summary)
		}
		t.Fatalf("no %s of scope %s among %d messages", kind, scope, len(said))
	}
	return found
}
