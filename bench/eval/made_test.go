package eval

import (
	"bytes"
	"testing"

	"detour/internal/scenario"
)

// TestACaseIsLaidOverItsWorld holds that everything of a background and of a
// case reaches the state, new peers included, and that a run repeats.
func TestACaseIsLaidOverItsWorld(t *testing.T) {
	w, err := makeWorld("small", madeWorld{ases: 1000, peers: 5, prefixes: 2000, rate: 20})
	if err != nil {
		t.Fatal(err)
	}
	c, err := scenario.Leak(w.Know, scenario.LeakParams{
		Role: scenario.MidProviders, Prefixes: 40, Peers: 2, FullFeed: true, Waves: 2,
	}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.NewPeers) == 0 || len(c.Prime) == 0 {
		t.Fatal("the case brings no peer of its own: nothing is tested")
	}
	o, err := w.Run(t.Context(), Setup{Mature: true, Shards: 3}, c)
	if err != nil {
		t.Fatal(err)
	}
	until := max(w.Cut+least, c.Elements[len(c.Elements)-1].At+settle)
	want := uint64(len(w.bg.Prime) + len(c.Prime) + len(c.Elements))
	for i := range w.bg.Updates {
		if w.bg.Updates[i].At < until {
			want++
		}
	}
	s := &o.Line
	if s.Elements != want || s.Shards.Elements != want || s.Correlate.Elements != want || s.Shards.UnknownPeer != 0 {
		t.Errorf("elements: added %d, applied %d, judged %d, want %d; %d of unknown peers",
			s.Elements, s.Shards.Elements, s.Correlate.Elements, want, s.Shards.UnknownPeer)
	}
	if s.Correlate.Pending != 0 || s.Correlate.Records != s.Shards.Records || s.Degraded {
		t.Errorf("%+v", s)
	}
	if o.FirstBad < w.Cut || o.Bad.Elements <= o.Quiet.Elements || o.Quiet.Elements <= o.Primed.Elements {
		t.Errorf("first bad %v, cut %v; elements when primed %d, quiet %d, leaked %d", o.FirstBad, w.Cut,
			o.Primed.Elements, o.Quiet.Elements, o.Bad.Elements)
	}
	a, err := alertLog(t.Context(), w, Setup{Shards: 1}, c)
	if err != nil {
		t.Fatal(err)
	}
	b, err := alertLog(t.Context(), w, Setup{Shards: 4, FrameUpdates: 3}, c)
	if err != nil {
		t.Fatal(err)
	}
	if len(a) == 0 || !bytes.Equal(a, b) {
		t.Errorf("two layouts give %d and %d bytes of alerts", len(a), len(b))
	}
}

// TestFewerPeersAreTheFullest holds what the load of ten peers is measured on.
func TestFewerPeersAreTheFullest(t *testing.T) {
	w, err := makeWorld("small", madeWorld{ases: 1000, peers: 5, prefixes: 1500, rate: 20})
	if err != nil {
		t.Fatal(err)
	}
	few := w.fewer(2)
	if len(few.Peers) != 2 || few.Cut != w.Cut || len(few.bg.Prime) == 0 || len(few.bg.Prime) >= len(w.bg.Prime) {
		t.Fatalf("%d peers, %d of %d table entries", len(few.Peers), len(few.bg.Prime), len(w.bg.Prime))
	}
	for _, e := range few.bg.Prime {
		if few.Peers[e.Peer].ASN != e.Path[0] {
			t.Fatalf("peer %v sends %v", few.Peers[e.Peer].ASN, e.Path)
		}
	}
}
