package correlate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"detour/processor/reference"
	"detour/route"
	"detour/wire"
)

// beacons is the list of lists with one beacon.
func beacons(t testing.TB, prefixes ...route.Prefix) *reference.Lists {
	var text strings.Builder
	for _, p := range prefixes {
		fmt.Fprintln(&text, p)
	}
	list, err := reference.ReadList(reference.Beacons, strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	return (*reference.Lists)(nil).With(list)
}

// TestWhatNeverOpensALeak plays the leak of verizon with one thing changed each
// time, which alone keeps it quiet (DETECTION §4, §9).
func TestWhatNeverOpensALeak(t *testing.T) {
	const n, m = 40, 20
	leak := "2914 " + leakPath
	for name, tc := range map[string]struct {
		cfg   Config
		play  func(w *world, list []route.Prefix)
		opens bool
	}{
		"nothing changed: it opens": {mature(), func(w *world, list []route.Prefix) { w.leaks(leak, m, list) }, true},
		"no contrast: the peer had no route": {mature(), func(w *world, list []route.Prefix) {
			w.leaks("7018 "+leakPath, m, list)
		}, false},
		"blackholed": {mature(), func(w *world, list []route.Prefix) {
			for i, p := range list {
				w.announce(wire.RecordRTBH, fmt.Sprint(leak, " ", originOf(i, m)), p)
			}
		}, false},
		"in maintenance": {mature(), func(w *world, list []route.Prefix) {
			for i, p := range list {
				w.announce(wire.RecordMaintenance, fmt.Sprint(leak, " ", originOf(i, m)), p)
			}
		}, false},
		"initial transfer": {mature(), func(w *world, list []route.Prefix) {
			for i, p := range list {
				w.announce(wire.RecordLearning, fmt.Sprint(leak, " ", originOf(i, m)), p)
			}
		}, false},
		"table": {mature(), func(w *world, list []route.Prefix) {
			for i, p := range list {
				w.table(fmt.Sprint(leak, " ", originOf(i, m)), p)
			}
		}, false},
		"the session came up again": {mature(), func(w *world, list []route.Prefix) {
			w.event(w.sessions[2914], route.KindPeerUp)
			w.leaks(leak, m, list)
		}, false},
		"a beacon each": {
			Config{Maturity: MatureYes, Outside: Outside{Lists: beacons(t, route.MustPrefix("20.0.0.0/16"))}},
			func(w *world, list []route.Prefix) { w.leaks(leak, m, list) }, false,
		},
		"pairs that are known already": {mature(), func(w *world, list []route.Prefix) {
			for i := range m { // newcomers to these prefixes, not to their origins
				w.table(fmt.Sprintf("1299 %s %d", leakPath, originOf(i, m)), nets(7000+i, 1)...)
			}
			w.leaks(leak, m, list)
		}, false},
		"one next hop without flips": {mature(), func(w *world, list []route.Prefix) {
			w.leaks("2914 701 396531 6453", m, list) // a new provider of a big cone
		}, false},
		"over a gap in the path": {mature(), func(w *world, list []route.Prefix) {
			w.leaks("2914 701 396531 _ 3356", m, list)
		}, false},
		"slower than two windows": {mature(), func(w *world, list []route.Prefix) {
			w.pace = 13 * route.Second
			w.leaks(leak, m, list[:30])
			w.pace = 1
		}, true},
		"much slower than two windows": {mature(), func(w *world, list []route.Prefix) {
			w.pace = 20 * route.Second
			w.leaks(leak, m, list)
			w.pace = 1
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w, list := verizon(t, tc.cfg, n, m, 0)
			w.sessions[7018] = peerSession(9, 7018)
			w.table("7018 3356 65001", nets(6000, 1)...) // its session has begun
			w.event(w.sessions[7018], route.KindEndOfRIB)
			tc.play(w, list)
			w.wait(10 * route.Minute)
			if got := w.incidents(); (len(got) > 0) != tc.opens {
				t.Errorf("incidents %v", got)
			}
		})
	}
}

// TestValleyAloneOpensNothing lets routes of one next hop cross between two
// providers, as one in ten ordinary routes does by the file.
func TestValleyAloneOpensNothing(t *testing.T) {
	for from, opens := range map[string]bool{"3257 3257": false, "3257 3320": true} {
		cfg := mature()
		cfg.Outside.Relationships = relations(t, "6762>9121", "3257>9121", "3320>9121")
		w := newWorld(t, cfg, 2914, 1299, 174)
		list := w.victims(40, 20, "6762 3320", "3257", "2828")
		w.begin()
		for i, p := range list {
			w.says(fmt.Sprintf("2914 6762 9121 %s %d", strings.Fields(from)[i%2], originOf(i, 20)), p)
		}
		w.wait(route.Minute)
		if got := w.incidents(); (len(got) > 0) != opens {
			t.Errorf("from %s: incidents %v", from, got)
		}
	}
}

func TestShapeAsksForSeveralNextHops(t *testing.T) {
	for name, tc := range map[string]struct {
		through map[string]int // facts through each next hop
		opens   bool
	}{
		"80 % through one":       {map[string]int{"3257": 48, "3320": 6, "2828": 6}, true},
		"more than 80 %":         {map[string]int{"3257": 49, "3320": 6, "2828": 5}, false},
		"two next hops":          {map[string]int{"3257": 30, "3320": 30}, false},
		"three, but one unknown": {map[string]int{"3257": 30, "3320": 15, "_": 15}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, mature(), 2914, 1299, 174)
			list := w.victims(60, 50, "6762 3320", "3257", "2828")
			w.table("2914 6762 9121 30001", nets(5100, 1)...)
			w.begin()
			at := 0
			for _, next := range slices.Sorted(maps.Keys(tc.through)) {
				for range tc.through[next] {
					w.says(fmt.Sprintf("2914 6762 9121 %s %d", next, originOf(at, 50)), list[at])
					at++
				}
			}
			w.wait(route.Minute)
			if got := w.incidents(); (len(got) > 0) != tc.opens {
				t.Errorf("incidents %v", got)
			}
		})
	}
}

func TestHalfOfTheFactsMustFlip(t *testing.T) {
	for others, opens := range map[int]bool{5: true, 6: false} {
		w, list := verizon(t, mature(), 20, 20, 0)
		w.leaks("2914 701 396531 6453", 20, list[:others])
		for i, p := range list[others : others+5] {
			w.says(fmt.Sprintf("2914 %s %d", leakPath, originOf(others+i, 20)), p)
		}
		w.wait(route.Minute)
		if got := w.incidents(); (len(got) > 0) != opens {
			t.Errorf("5 flips and %d others: incidents %v", others, got)
		}
	}
}

// TestFlipsAreHalfOfBothHalfWindows lets ordinary facts come a half-window
// before the flips.
func TestFlipsAreHalfOfBothHalfWindows(t *testing.T) {
	for others, opens := range map[int]bool{10: true, 11: false} {
		w, list := verizon(t, mature(), 30, 30, 0)
		w.leaks("2914 701 396531 6453", 30, list[:others])
		w.wait(start + route.Minute - w.at)
		for i, p := range list[others : others+10] {
			w.says(fmt.Sprintf("2914 %s %d", leakPath, originOf(others+i, 30)), p)
		}
		w.wait(route.Minute)
		if got := w.incidents(); (len(got) > 0) != opens {
			t.Errorf("10 flips after %d others: incidents %v", others, got)
		}
	}
}

func TestWhoStandsNextToTheOnlyVantagePointIsNotJudgedByScale(t *testing.T) {
	for peers, opens := range map[int]bool{1: false, 2: false, 3: true} {
		w := newWorld(t, mature(), 2914, 1299, 174)
		list := w.victims(60, 30, "3257", "3320", "2828")
		w.table("2914 9121 30001", nets(5100, 1)...)
		w.begin()
		for i, p := range list {
			w.says(fmt.Sprintf("%d 9121 %d %d", w.order[i%peers], []int{3257, 3320, 2828}[i/3%3], originOf(i, 30)), p)
		}
		w.wait(route.Minute)
		if got := w.incidents(); (len(got) > 0) != opens {
			t.Errorf("%d peers: incidents %v", peers, got)
		}
	}
}

// TestColdEngineAsksForMore plays a leak in a world whose table is too small to
// be the whole one.
func TestColdEngineAsksForMore(t *testing.T) {
	file := relations(t, "701>396531", "33154>396531")
	for name, tc := range map[string]struct {
		cfg      Config
		observed int // pairs of a next AS and an origin behind the leaker, of one origin
		size     int
		opens    bool
	}{
		"never seen in any role":      {Config{}, 0, 100, false},
		"seen 19 times":               {Config{}, 19, 100, false},
		"seen 20 times, below ratio":  {Config{}, 20, 19, false},
		"seen 20 times, at the ratio": {Config{}, 20, 20, true},
		"in the file, below ratio":    {Config{Outside: Outside{Relationships: file}}, 0, 9, false},
		"in the file, at the ratio":   {Config{Outside: Outside{Relationships: file}}, 0, 10, true},
		"mature by word":              {mature(), 0, 10, true},
		"not mature by word":          {Config{Maturity: MatureNo}, 0, 100, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.cfg, 2914, 1299, 174)
			list := w.victims(tc.size, tc.size, "3356")
			w.table("2914 701 396531", nets(5000, 1)...)
			w.table("1299 3356 33154 396531", nets(5000, 1)...)
			for i, p := range nets(5100, tc.observed) {
				w.table(fmt.Sprintf("2914 701 396531 %d 30001", 20001+i), p)
			}
			w.begin()
			w.leaks("2914 "+leakPath, tc.size, list)
			w.wait(route.Minute)
			if got := w.incidents(); (len(got) > 0) != tc.opens {
				t.Errorf("incidents %v", got)
			}
		})
	}
}

// TestNothingOpensInTheFirstWindow holds that one whole half-window must have
// been judged before anything opens: till then the noise is unknown.
func TestNothingOpensInTheFirstWindow(t *testing.T) {
	for halves, opens := range map[int]bool{0: false, 1: false, 2: true} {
		w := newWorld(t, mature(), 2914, 1299, 174)
		list := w.victims(10, 5, "3356")
		w.table("2914 701 396531", nets(5000, 1)...)
		w.table("1299 3356 33154 396531", nets(5000, 1)...)
		w.event(nil, route.KindEndOfRIB)
		for i := range halves {
			w.at = start - route.Time(halves-i)*route.Minute
			w.says("2914 64999 65000", nets(9000+i, 1)...)
		}
		w.at = start + 1
		w.leaks("2914 "+leakPath, 5, list)
		w.wait(route.Minute)
		if got := w.incidents(); (len(got) > 0) != opens {
			t.Errorf("%d half-windows before: incidents %v", halves, got)
		}
	}
}

// TestNoiseRaisesTheThresholdOfScale lets other ASes gather origins in the
// half-windows before.
func TestNoiseRaisesTheThresholdOfScale(t *testing.T) {
	for noisy, opens := range map[int]bool{15: true, 40: false} {
		w := newWorld(t, mature(), 2914, 1299, 174)
		list := w.victims(100, 100, "6762 3320", "3257", "2828")
		w.table("2914 6762 9121 30001", nets(5100, 1)...)
		w.begin()
		for half := range 8 { // someone becomes the provider of as many networks
			w.at = start + route.Time(half)*route.Minute
			for i, p := range list[:noisy] {
				w.says(fmt.Sprintf("1299 %d %d", 50001+half, originOf(i, 100)), p)
			}
		}
		w.at = start + 8*route.Minute
		for i, p := range list[:60] {
			w.says(fmt.Sprintf("2914 6762 9121 %d %d", []int{3257, 3320, 2828}[i%3], originOf(i, 100)), p)
		}
		w.wait(1)
		if got := w.incidents(); (len(got) > 0) != opens {
			t.Errorf("noise of %d networks, estimate %d: incidents %v", noisy, w.c.leaks.noise.value, got)
		}
	}
}
