package correlate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"detour/alert"
	"detour/route"
)

// TestPartsThatALeakBroughtAreNobodysLoss lets a leak end after two hours. Of
// what it carried, new parts of prefixes are gone for good, and prefixes that
// were there before are lost indeed if they go with it.
func TestPartsThatALeakBroughtAreNobodysLoss(t *testing.T) {
	for name, tc := range map[string]struct {
		bits  int // of what is leaked, and lost
		watch []string
		loses bool
	}{
		"new parts":             {23, nil, false},
		"prefixes":              {22, nil, true},
		"new parts, watched":    {23, []string{"AS40001"}, false},
		"prefixes, watched":     {22, []string{"AS40001"}, true},
		"a new part in a watch": {23, []string{"30.0.0.0/22"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := mature()
			if tc.watch != nil {
				cfg.Outside.Watch = watchFile(t, tc.watch...)
			}
			w := newWorld(t, cfg, manyPeers(12)...)
			var list []route.Prefix
			for i := range 60 {
				p := route.MustPrefix(fmt.Sprintf("30.%d.0.0/22", i))
				list = append(list, p)
				for _, peer := range w.order {
					w.table(fmt.Sprintf("%d 3356 %d", peer, originOf(i, 20)), p)
				}
			}
			w.table("101 701 396531", nets(5000, 1)...)
			w.table("102 3356 33154 396531", nets(5000, 1)...)
			w.begin()
			for i := range list {
				list[i].Bits = uint8(tc.bits)
				for _, peer := range w.order {
					w.says(fmt.Sprintf("%d %s %d", peer, leakPath, originOf(i, 20)), list[i])
				}
			}
			w.wait(2 * route.Hour)
			if leaks := w.incidents(); len(leaks) == 0 || !strings.Contains(leaks[0], "leak") {
				t.Fatalf("no leak: %v", leaks)
			}
			for i, p := range list {
				w.withdraws(p, w.order...)
				w.visibility(p, originOf(i, 20), 0, 12)
			}
			w.announced(40001, 5)
			w.wait(10 * route.Minute)
			lost := slices.ContainsFunc(w.alerts, func(a alert.Alert) bool { return a.Kind == alert.KindVisibilityLoss })
			if lost != tc.loses {
				t.Errorf("told of a loss: %v, want %v", lost, tc.loses)
			}
			w.wait(route.Hour)
			if n := w.c.Stats().Incidents; !tc.loses && n != 0 {
				t.Errorf("%d incidents left behind", n)
			}
			for _, e := range w.c.prefixes.entries {
				if e.parts > e.refs || !tc.loses && e.parts > 0 {
					t.Errorf("%v is a part in %d of %d incidents", e.prefix, e.parts, e.refs)
				}
			}
		})
	}
}
