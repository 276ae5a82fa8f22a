package fulltable

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"detour/internal/scenario"
	"detour/route"
)

func TestMergeKeepsTimeAndLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var lists [][]scenario.Element
		var want []scenario.Element
		for n := range rapid.IntRange(0, 4).Draw(t, "sources") {
			var list []scenario.Element
			at := route.Time(0)
			for range rapid.IntRange(0, 10).Draw(t, "elements") {
				at += route.Time(rapid.IntRange(0, 3).Draw(t, "gap"))
				list = append(list, scenario.Element{At: at, Peer: uint32(n)})
			}
			lists = append(lists, list)
			want = append(want, list...)
		}
		slices.SortStableFunc(want, func(a, b scenario.Element) int { return int(a.At - b.At) })
		var got []scenario.Element
		switch len(lists) {
		case 0:
			got = slices.Collect(Merge())
		case 1:
			got = slices.Collect(Merge(slices.Values(lists[0])))
		default:
			rest := Merge(slices.Values(lists[1]))
			for _, l := range lists[2:] {
				rest = Merge(rest, slices.Values(l))
			}
			got = slices.Collect(Merge(slices.Values(lists[0]), rest))
		}
		if !slices.EqualFunc(got, want, func(a, b scenario.Element) bool { return a.At == b.At && a.Peer == b.Peer }) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

// TestUpdatesSayWhatTheirElementsSay takes updates apart again.
func TestUpdatesSayWhatTheirElementsSay(t *testing.T) {
	table := table(t, 8)
	leak := leak(t, table, VerizonConfig{Prefixes: 1000, Origins: 200, Hold: 10 * route.Minute})
	churn := NewChurn(table, ChurnConfig{From: leak.Facts().Start, To: leak.Facts().Gone, Rate: 50}, 1)
	story := Merge(leak.Elements, churn.Elements)
	var want, got []scenario.Element
	for e := range story {
		want = append(want, e)
	}
	number, most := uint64(10), 0
	Updates(table, number, story)(func(s *route.Session, u *route.Update, bad bool) bool {
		if number++; u.Number != number || u.Peer != s.ID || u.Engine != u.Collected {
			t.Fatalf("update %d, want %d: %+v", u.Number, number, u)
		}
		e := scenario.Element{At: u.Engine, Peer: u.Peer, Bad: bad}
		for _, n := range u.Withdrawn {
			e.Prefix = n.Prefix()
			got = append(got, e)
		}
		if len(u.Announced) > 0 {
			e.Path = slices.Clone(u.Path.ASNs)
		}
		for _, n := range u.Announced {
			e.Prefix = n.Prefix()
			got = append(got, e)
		}
		if len(u.Announced) > 0 && (u.MPAnnounced != len(u.Announced) || u.NextHop.Len != 4) {
			t.Fatalf("%+v", u)
		}
		most = max(most, u.Elements())
		return true
	})
	same := func(a, b scenario.Element) bool {
		return a.At == b.At && a.Peer == b.Peer && a.Prefix == b.Prefix && a.Bad == b.Bad && slices.Equal(a.Path, b.Path)
	}
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("%d elements come back as %d others", len(want), len(got))
	}
	if most < 5 {
		t.Errorf("no update has more than %d prefixes", most)
	}
}
