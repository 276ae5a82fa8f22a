package correlate

import (
	"fmt"
	"slices"
	"testing"

	"detour/alert"
	"detour/route"
)

// TestALateCorrelatorOnlyLearnsAtFirst: what a log lacks is not taken for new.
func TestALateCorrelatorOnlyLearnsAtFirst(t *testing.T) {
	for name, tc := range map[string]struct {
		late   bool
		at     route.Time
		leaks  bool
		mature bool
	}{
		"whole log":        {false, start, true, true},
		"late, at once":    {true, start, false, false},
		"late, an hour on": {true, start + route.Hour, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, mature(), 2914, 1299, 174)
			if tc.late {
				w.c.Late()
			}
			list := w.victims(60, 20, "3356")
			w.table("2914 701 396531", nets(5000, 1)...)
			w.table("1299 3356 33154 396531", nets(5000, 1)...)
			w.table("2914 701 396531 30001", nets(5100, 1)...)
			w.event(nil, route.KindEndOfRIB)
			for i := range 4 { // so that the noise is known
				w.at = tc.at - route.Time(4-i)*route.Minute
				w.says("2914 64999 65000", nets(6000+i, 1)...)
			}
			w.at = tc.at
			w.leaks("2914 "+leakPath, 20, list)
			w.flush()
			if leaks := len(w.incidents()) > 0; leaks != tc.leaks || w.c.Stats().Mature != tc.mature {
				t.Errorf("leak told: %t, mature: %t, want %t and %t", leaks, w.c.Stats().Mature, tc.leaks, tc.mature)
			}
			if state := w.c.coverage(w.at).State; (state == alert.CoverageLearning) == tc.mature {
				t.Errorf("coverage is %s", state)
			}
		})
	}
}

// TestFiringNamesWhatFires holds Firing against what was told.
func TestFiringNamesWhatFires(t *testing.T) {
	w := flipWorld(t, 60, 20, 1)
	w.flush()
	if len(w.alerts) < 60 {
		t.Fatalf("%d alerts", len(w.alerts))
	}
	names := func(visit func(func(*alert.Alert))) (list []string) {
		visit(func(a *alert.Alert) {
			list = append(list, fmt.Sprint(a.ID, a.Scope, a.Kind, a.Suspect, a.Prefix, a.ExpectedOrigin, a.Incident))
		})
		slices.Sort(list)
		return slices.Compact(list)
	}
	told := names(func(visit func(*alert.Alert)) {
		for i := range w.alerts {
			visit(&w.alerts[i])
		}
	})
	if got := names(w.c.Firing); !slices.Equal(got, told) {
		t.Errorf("fires: %d %.300q, told %d", len(got), got, len(told))
	}
	w.wait(8 * route.Hour)
	w.c.Firing(func(a *alert.Alert) { t.Errorf("%s fires for ever", a.ID) })
}
