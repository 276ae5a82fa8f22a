package correlate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/route"
)

// invalidWorld has three watched prefixes of two networks under payloads that
// change at the times given; those of the first moment hold from the start.
func invalidWorld(t testing.TB, lists ...VRPs) (*world, []route.Prefix) {
	cfg := mature()
	cfg.Outside.Watch = watchFile(t, "20.0.0.0/16")
	cfg.Outside.VRPs = lists
	w := newWorld(t, cfg, 2914, 1299, 174)
	list := w.victims(3, 2, "3356")
	return w.begin(), list
}

const good = "20.0.0.0/16 24"

func TestPayloadsThatSwitchMakeRoutesInvalid(t *testing.T) {
	right := []string{good + " 40001", good + " 40002"}
	for name, tc := range map[string]struct {
		then []string
		want []string
	}{
		"another payload for one network": {
			[]string{good + " 40002"},
			[]string{
				"rpki-invalid of AS40001 firing by rpki-invalid: 2 of 1",
				"20.0.0.0/24: rpki-invalid of AS40001 firing, AS40001",
				"rpki-invalid of AS40001 resolved withdrawn by rpki-invalid: 2 of 1",
			},
		},
		"too short a length": {
			[]string{"20.0.0.0/16 23 40001", good + " 40002"},
			[]string{
				"rpki-invalid of AS40001 firing by rpki-invalid: 2 of 1",
				"20.0.0.0/24: rpki-invalid of AS40001 firing, AS40001",
				"rpki-invalid of AS40001 resolved withdrawn by rpki-invalid: 2 of 1",
			},
		},
		"payloads that go away": {[]string{"192.0.2.0/24 24 40001"}, nil},
		"the same again":        {right, nil},
	} {
		t.Run(name, func(t *testing.T) {
			turn := start + 10*route.Minute
			w, _ := invalidWorld(t, VRPs{Set: vrps(t, right...)}, VRPs{From: turn, Set: vrps(t, tc.then...)},
				VRPs{From: turn + route.Hour, Set: vrps(t, right...)})
			w.wait(turn - w.at)
			if got := w.told(); got != nil {
				t.Errorf("told before: %v", got)
			}
			w.wait(2 * route.Hour)
			var got []string
			for _, a := range w.alerts {
				if a.Scope == alert.ScopeIncident && (a.Revision == 1 || a.Status == alert.StatusResolved) ||
					a.Prefix == route.MustPrefix("20.0.0.0/24") && a.Status == alert.StatusFiring {
					got = append(got, line(&a))
				}
				if a.Opened != turn || a.Severity != alert.SeverityWarning {
					t.Errorf("%s: opened at %d, %s", line(&a), a.Opened, a.Severity)
				}
				if closed := turn + route.Hour + route.Minute; a.Closed != 0 && a.Closed != closed {
					t.Errorf("%s: closed at %d, not %d", line(&a), a.Closed, closed)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatWasInvalidFromTheStartIsNoNews(t *testing.T) {
	w, list := invalidWorld(t, VRPs{Set: vrps(t, good+" 64496")})
	w.leaks("2914 1239", 2, list)
	w.wait(route.Hour)
	if got := w.told(); got != nil {
		t.Errorf("told %v", got)
	}
}

// TestNewPartBeyondTheLengthIsInvalid holds that a ROA mistake is told as such,
// and never as a hijack.
func TestNewPartBeyondTheLengthIsInvalid(t *testing.T) {
	turn := start + 10*route.Minute
	right := vrps(t, good+" 40001", good+" 40002")
	for name, lists := range map[string][]VRPs{
		"by the payloads of the start": {{Set: right}},
		"by later ones":                {{Set: vrps(t, "192.0.2.0/24 24 1")}, {From: turn, Set: right}},
	} {
		w, _ := invalidWorld(t, lists...)
		w.wait(20 * route.Minute)
		w.claims("3356 40001", 3, route.MustPrefix("20.0.0.128/25"))
		w.wait(route.Second)
		want := []string{
			"rpki-invalid of AS40001 firing by rpki-invalid: 1 of 1",
			"20.0.0.128/25: rpki-invalid of AS40001 firing, AS40001",
		}
		got := w.told()
		if diff := cmp.Diff(want, got[:min(len(got), 2)]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRouteOfTheUsualOriginIsJudgedByThePayloadsOfItsTime(t *testing.T) {
	turn := start + 10*route.Minute
	w, list := invalidWorld(t, VRPs{Set: vrps(t, "192.0.2.0/24 24 1")}, VRPs{From: turn, Set: vrps(t, good+" 40002")})
	w.withdraw(2914, list[0])
	w.withdraw(1299, list[0])
	w.withdraw(174, list[0])
	w.wait(20 * route.Minute)
	if got := w.incidents(); len(got) == 0 || got[0] != "rpki-invalid of AS40001 firing by rpki-invalid: 1 of 1" {
		t.Fatalf("told %v", got) // list[2] alone: list[0] is not there
	}
	w.claims("3356 40001", 3, list[0])
	w.wait(20 * route.Second)
	if got := w.incidents(); len(got) == 0 || got[len(got)-1] != "rpki-invalid of AS40001 firing by rpki-invalid: 2 of 1" {
		t.Errorf("told %v", got)
	}
}

func TestPayloadsThatAreExchangedMakeRoutesInvalid(t *testing.T) {
	w, _ := invalidWorld(t, VRPs{Set: vrps(t, good+" 40001", good+" 40002")})
	w.wait(10 * route.Minute)
	o := w.c.outside
	o.VRPs = []VRPs{{Set: vrps(t, good+" 40002")}}
	w.c.SetOutside(o)
	w.wait(10 * route.Minute)
	o.VRPs = []VRPs{{Set: vrps(t, good+" 40001", good+" 40002")}}
	w.c.SetOutside(o)
	w.wait(route.Minute) // which looks at them
	w.wait(2 * route.Hour)
	want := []string{
		"rpki-invalid of AS40001 firing by rpki-invalid: 2 of 1",
		"20.0.0.0/24: rpki-invalid of AS40001 firing, AS40001",
		"rpki-invalid of AS40001 resolved withdrawn by rpki-invalid: 2 of 1",
	}
	var got []string
	for _, a := range w.alerts {
		if a.Scope == alert.ScopeIncident && (a.Revision == 1 || a.Status == alert.StatusResolved) ||
			a.Prefix == route.MustPrefix("20.0.0.0/24") && a.Status == alert.StatusFiring {
			got = append(got, line(&a))
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
