package correlate

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// migrationWorld lets AS111 stand between 6762 and three networks on the way to
// 60 prefixes, all of whose routes are then given to others.
func migrationWorld(t testing.TB) (*world, []route.Prefix) {
	w := newWorld(t, mature(), 2914, 1299, 174)
	list := nets(0, 60)
	for i, p := range list {
		for _, peer := range w.order {
			w.table(fmt.Sprintf("%d 6762 111 %s", peer, tailOf(i)), p)
		}
	}
	w.table("2914 6762 222 30001", nets(5000, 1)...)
	w.table("2914 6762 1239 222 30001", nets(5000, 1)...)
	return w.begin(), list
}

func tailOf(i int) string {
	return fmt.Sprintf("%d %d", []int{3257, 3320, 2828}[i%3], originOf(i, 30))
}

func TestNewNumberOfANetworkIsNoLeak(t *testing.T) {
	for name, tc := range map[string]struct {
		others int // of the 60 prefixes, those whose path changes in another way, too
		want   string
	}{
		"all routes":             {0, "unexpected-transit AS222 resolved asn-migration by asn-migration: 60 of 30"},
		"nine tenths of them":    {6, "unexpected-transit AS222 resolved asn-migration by asn-migration: 60 of 30"},
		"less than nine tenths":  {7, "leak AS222 firing by scale: 60 of 30"},
		"routes of other places": {60, "leak AS222 firing by scale: 60 of 30"},
	} {
		t.Run(name, func(t *testing.T) {
			w, list := migrationWorld(t)
			for i, p := range list {
				path := "2914 6762 222 "
				if i < tc.others {
					path = "2914 6762 1239 222 "
				}
				w.says(path+tailOf(i), p)
			}
			w.wait(1)
			if len(w.alerts) == 0 || line(&w.alerts[0]) != tc.want {
				t.Fatalf("told %v, want %s", w.told(), tc.want)
			}
			if a := w.alerts[0]; a.Kind == alert.KindUnexpectedTransit {
				s := w.c.Stats()
				if a.Severity != alert.SeverityInfo || len(w.alerts) != 1 || s.Migrations != 1 || s.Incidents != 0 {
					t.Errorf("severity %s, %d messages, %+v", a.Severity, len(w.alerts), s)
				}
				want := "AS222 took the place of AS111 on the way to 30 networks: a network with a new number, no leak."
				if a.Summary != want {
					t.Errorf("summary %q", a.Summary)
				}
			}
		})
	}
}

// TestOnlyToCustomersNamesWhoPassedItOn marks routes "only to customers" (RFC
// 9234) by 33154, which 396531 passes on to its provider 701.
func TestOnlyToCustomersNamesWhoPassedItOn(t *testing.T) {
	for name, tc := range map[string]struct {
		file   []string
		path   string
		marked route.ASN
		opens  bool
	}{
		"to a provider":               {[]string{"701>396531"}, "701 396531 33154 3356", 33154, true},
		"to a peer":                   {[]string{"701-396531", "1>396531"}, "701 396531 33154 3356", 33154, true},
		"to a customer":               {[]string{"396531>701", "1>396531"}, "701 396531 33154 3356", 33154, false},
		"marked by somebody else":     {[]string{"701>396531"}, "701 396531 33154 3356", 9, false},
		"marked by the last one":      {[]string{"701>396531"}, "701 396531 33154 3356", 701, false},
		"not marked":                  {[]string{"701>396531"}, "701 396531 33154 3356", 0, false},
		"one marked behind the other": {[]string{"701>396531"}, "701 396531 33154 3356", 3356, true},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := mature()
			cfg.Outside.Relationships = relations(t, tc.file...)
			w := newWorld(t, cfg, 2914, 1299, 174)
			list := w.victims(20, 1, "3356", "701", "33154 3356")
			w.begin()
			for i, p := range list {
				path := pathOf(t, fmt.Sprintf("%d %s 40001", w.order[i%3], tc.path))
				flags := wire.RecordFlags(0)
				if tc.marked != 0 {
					flags = wire.RecordHasOTC
				}
				f := w.firstsOf(path, p, flags)
				e, _ := w.change(path, p, flags)
				e.OTC = tc.marked
				w.update(w.sessions[path[0]], append(f, e))
			}
			w.wait(1)
			got := w.incidents()
			if (len(got) > 0) != tc.opens || tc.opens && got[0] != "leak AS396531 firing by group: 20 of 1" {
				t.Errorf("told %v", got)
			}
		})
	}
}

// TestFlipNamesWhoPassedAMarkedRouteOn does without a file.
func TestFlipNamesWhoPassedAMarkedRouteOn(t *testing.T) {
	w, list := verizon(t, mature(), 20, 1, 0)
	for i, p := range list {
		path := pathOf(t, fmt.Sprintf("%d %s 40001", w.order[i%3], leakPath))
		f := w.firstsOf(path, p, 0)
		e, _ := w.change(path, p, wire.RecordHasOTC)
		e.OTC = 3356
		w.update(w.sessions[path[0]], append(f, e))
	}
	w.wait(1)
	if len(w.alerts) == 0 {
		t.Fatal("nothing is told")
	}
	a := w.alerts[0]
	var otc []string
	for _, e := range a.Evidence {
		if e.Tag == "only-to-customer" {
			otc = append(otc, e.Detail)
		}
	}
	if diff := cmp.Diff([]string{"20 routes were marked for customers only (RFC 9234)"}, otc); diff != "" {
		t.Errorf("%s: evidence (-want +got):\n%s", line(&a), diff)
	}
}
