package processor

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/processor/correlate"
	"detour/route"
)

// clocks are those that a router may have.
var clocks = map[string]func(route.Time) route.Time{
	"right":          func(t route.Time) route.Time { return t },
	"a day ahead":    func(t route.Time) route.Time { return t + 24*route.Hour },
	"a day behind":   func(t route.Time) route.Time { return t - 24*route.Hour },
	"zero":           func(route.Time) route.Time { return 0 },
	"before zero":    func(route.Time) route.Time { return -1 << 62 },
	"beyond all":     func(route.Time) route.Time { return 1 << 62 },
	"off by minutes": func(t route.Time) route.Time { return t + 10*route.Minute },
}

func withClock(updates []route.Update, clock func(route.Time) route.Time) []route.Update {
	out := slices.Clone(updates)
	for i := range out {
		out[i].Collected = clock(out[i].Engine)
	}
	return out
}

// TestACollectorsClockChangesNothing: evidence and flags are the same bytes, and
// so are alerts; a counter tells.
func TestACollectorsClockChangesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		updates := drawUpdates(rt)
		news := uint64(0)
		for i := range updates {
			if u := &updates[i]; u.Kind == route.KindUpdate && u.Flags&route.FlagTableDump == 0 {
				news++
			}
		}
		want, flags, skewed := evidenceOf(rt, updates)
		if skewed != 0 {
			rt.Fatalf("%d updates with the right time are skewed", skewed)
		}
		for name, clock := range clocks {
			got, other, skewed := evidenceOf(rt, withClock(updates, clock))
			if !bytes.Equal(want, got) || !slices.Equal(flags, other) {
				rt.Fatalf("%s: evidence or flags differ", name)
			}
			if off := name != "right" && name != "off by minutes"; off && skewed != news || !off && skewed != 0 {
				rt.Fatalf("%s: %d of %d updates are skewed", name, skewed, news)
			}
		}
	})
	cfg := LineConfig{Correlate: correlate.Config{Outside: correlate.Outside{Watch: watchOf(t, "104.16.0.0/12 AS13335")}}}
	cfg.Watched = watchedIn(cfg.Correlate.Outside.Watch)
	alerts := func(clock func(route.Time) route.Time) string {
		_, list, _ := lineOf(t, cfg, withClock(leak(), clock))
		data, err := json.MarshalIndent(list, "", " ")
		if err != nil || len(list) == 0 {
			t.Fatalf("%d alerts, %v", len(list), err)
		}
		return string(data)
	}
	want := alerts(clocks["right"])
	for name, clock := range clocks {
		if d := cmp.Diff(want, alerts(clock)); d != "" {
			t.Errorf("%s: alerts (-right +got):\n%s", name, d)
		}
	}
}

// evidenceOf runs one shard over a log, a frame an update.
func evidenceOf(t *rapid.T, updates []route.Update) (evidence []byte, flags []string, skewed uint64) {
	cfg := Config{Shards: 1, Flags: func(f *Flag) { flags = append(flags, string(f.Line)) }}
	e := newEngine(cfg)
	for i, f := range split("i", updates, 1, func() bool { return true })[0].frames {
		if err := e.apply(uint64(i)+1, 0, f); err != nil {
			t.Fatal(err)
		}
		evidence = append(evidence, e.finishRange(1, uint64(i)+1, uint64(i)+2)...)
		e.startRange()
	}
	return evidence, flags, e.counters.Skewed
}
