package processor

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/alert"
	"detour/processor/correlate"
	"detour/route"
)

// lineOf feeds a log to a Line and returns its flags, sorted, and its alerts.
func lineOf(t testing.TB, cfg LineConfig, updates []route.Update) (flags []string, alerts []*alert.Alert, s LineStats) {
	t.Helper()
	cfg.Flags = func(f *Flag) { flags = append(flags, string(f.Line)) }
	l, err := NewLine(cfg, func(a *alert.Alert) { alerts = append(alerts, a) })
	if err != nil {
		t.Fatal(err)
	}
	last := route.Time(0)
	for i := range updates {
		u := &updates[i]
		if u.Engine >= last+route.Second {
			last = u.Engine
			if err := l.Tick(t.Context(), u.Engine); err != nil {
				t.Fatal(err)
			}
		}
		var session *route.Session
		if u.Peer != route.AllPeers {
			session = &sessions[u.Peer]
		}
		if err := l.Add(t.Context(), u, session); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	slices.Sort(flags)
	return flags, alerts, l.Stats()
}

// TestALineTellsWhatItsShardsTell holds a Line against engines that are driven
// one by one.
func TestALineTellsWhatItsShardsTell(t *testing.T) {
	some := false
	rapid.Check(t, func(rt *rapid.T) {
		updates := drawUpdates(rt)
		shards := rapid.SampledFrom([]int{1, 4, 8}).Draw(rt, "shards")
		want, elements := all(t, split("replay", updates, shards, func() bool { return true }), 0)
		cfg := LineConfig{
			Shards:       shards,
			FrameUpdates: rapid.IntRange(0, 5).Draw(rt, "updates a frame"),
			RangeFrames:  rapid.IntRange(0, 5).Draw(rt, "frames a range"),
		}
		flags, _, s := lineOf(t, cfg, updates)
		some = some || len(flags) > 0
		if d := cmp.Diff(want.flags, flags); d != "" {
			rt.Fatalf("flags (-shards +line):\n%s", d)
		}
		if s.Elements != elements || s.Shards.Elements != elements || s.Correlate.Elements != elements {
			rt.Fatalf("elements: added %d, applied %d, judged %d, want %d",
				s.Elements, s.Shards.Elements, s.Correlate.Elements, elements)
		}
		if s.Shards.Records != s.Correlate.Records || s.Correlate.Pending != 0 {
			rt.Fatalf("records stated %d, judged %d, pending %d", s.Shards.Records, s.Correlate.Records, s.Correlate.Pending)
		}
		if s.Shards.Holes+s.Shards.Gaps+s.Shards.Copies+s.Shards.BadFrames != 0 {
			rt.Fatalf("a Line loses nothing, but counts %+v", s.Shards)
		}
	})
	if !some {
		t.Error("no random log gave a flag: nothing was compared")
	}
}

// TestALineJudgesAnUpdateAtOnce holds that with the smallest cuts evidence
// reaches the correlator with the update that gave it.
func TestALineJudgesAnUpdateAtOnce(t *testing.T) {
	u := route.Update{
		Number: 1, Engine: 1e15, Path: route.Path{ASNs: []route.ASN{100, 10, 1}}, Flags: route.FlagHasPath,
		Announced: []route.NLRI{route.MustPrefix("192.0.2.0/24").NLRI(0)},
	}
	for name, c := range map[string]struct {
		frameUpdates, rangeFrames int
		judged                    bool
	}{
		"smallest cuts":   {1, 1, true},
		"large frames":    {0, 1, false},
		"ranges of three": {1, 3, false},
	} {
		cfg := LineConfig{
			FrameUpdates: c.frameUpdates, RangeFrames: c.rangeFrames,
			Correlate: correlate.Config{Mode: correlate.Live},
		}
		l, err := NewLine(cfg, func(*alert.Alert) {})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Add(t.Context(), &u, &sessions[0]); err != nil {
			t.Fatal(err)
		}
		if judged := l.Stats().Correlate.Records > 0; judged != c.judged {
			t.Errorf("%s: evidence judged: %t, want %t", name, judged, c.judged)
		}
		if err := l.Tick(t.Context(), u.Engine); err != nil {
			t.Fatal(err)
		}
		if l.Stats().Correlate.Records == 0 {
			t.Errorf("%s: a tick leaves evidence behind", name)
		}
	}
}

func TestALineEndsWithItsContext(t *testing.T) {
	l, err := NewLine(LineConfig{Shards: 2}, func(*alert.Alert) {})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	u := route.Update{Number: 1, Engine: 1e15, Kind: route.KindGap, Peer: route.AllPeers}
	for name, err := range map[string]error{
		"Add": l.Add(ctx, &u, nil), "Tick": l.Tick(ctx, 1e15), "End": l.End(ctx),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewLine(LineConfig{Shards: 65}, nil); err == nil {
		t.Error("65 shards are taken")
	}
}
