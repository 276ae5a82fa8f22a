package chaos

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/bench/chaos/traffic"
	"detour/route"
)

// hijack is a stored message about a labelled event.
func hijack(id string, revision uint32, suspect route.ASN, arrived time.Time) message {
	return message{arrived: arrived, alert: &alert.Alert{
		ID: id, Revision: revision, Scope: alert.ScopeIncident, Kind: alert.KindHijack, Suspect: suspect,
		Status: alert.StatusFiring, Coverage: alert.Coverage{State: alert.CoverageComplete},
	}}
}

func twoEvents() *traffic.Traffic {
	return &traffic.Traffic{
		Shape:  traffic.Shape{Every: time.Second},
		Events: []traffic.Event{{Hijacker: 1, Due: time.Second}, {Hijacker: 2, Due: 2 * time.Second}},
	}
}

func TestWhatIsToldTwiceSkippedOrUnheardIsSeen(t *testing.T) {
	begin := time.Unix(1000, 0)
	at := func(d time.Duration) time.Time { return begin.Add(d) }
	one := func(revision uint32, d time.Duration) message { return hijack("a", revision, 1, at(d)) }
	other := hijack("b", 1, 2, at(2))
	for name, tc := range map[string]struct {
		list []message
		want []int // doubled, skipped, unheard, missing
	}{
		"all is well": {[]message{one(1, 1), other, one(2, 3)}, []int{0, 0, 0, 0}},
		"twice":       {[]message{one(1, 1), one(1, 2), other}, []int{1, 0, 0, 0}},
		"an old one":  {[]message{one(1, 1), one(2, 2), one(1, 3)}, []int{1, 0, 0, 1}},
		"a hole":      {[]message{one(1, 1), one(3, 2), other}, []int{0, 1, 0, 0}},
		"no first":    {[]message{one(2, 1), other}, []int{0, 1, 0, 0}},
		"unheard":     {[]message{hijack("a", 1, 1, time.Time{}), other}, []int{0, 0, 1, 1}},
	} {
		o := judge(tc.list, twoEvents(), begin)
		got := []int{len(o.doubled), len(o.skipped), o.unheard, len(o.missing)}
		if d := cmp.Diff(tc.want, got); d != "" {
			t.Errorf("%s: doubled, skipped, unheard, missing: %s", name, d)
		}
	}
}

func TestPausesAreThoseOfEventsWithinATime(t *testing.T) {
	begin := time.Unix(1000, 0)
	made := twoEvents()
	o := judge([]message{
		hijack("a", 1, 1, begin.Add(1500*time.Millisecond)), hijack("b", 1, 2, begin.Add(5*time.Second)),
	}, made, begin)
	for _, tc := range []struct{ from, until, want time.Duration }{
		{0, time.Minute, 3 * time.Second}, {0, 2 * time.Second, 500 * time.Millisecond}, {3 * time.Second, time.Minute, 0},
	} {
		if got, _ := o.pause(made, tc.from, tc.until); got != tc.want {
			t.Errorf("from %v until %v: %v, want %v", tc.from, tc.until, got, tc.want)
		}
	}
	if got := o.silence(made, 0, time.Minute); got != 2500*time.Millisecond {
		t.Errorf("silence of %v", got)
	}
}

func TestDifferencesAreCounted(t *testing.T) {
	reference, got := tally{"leak 1": 1, "hijack 2": 2, "loss 3": 1}, tally{"leak 1": 1, "hijack 2": 1, "new": 1}
	if lost := got.lost(reference); !slices.Equal(lost, []string{"hijack 2", "loss 3"}) {
		t.Errorf("lost %v", lost)
	}
	if more := reference.lost(got); !slices.Equal(more, []string{"new"}) {
		t.Errorf("more %v", more)
	}
}

func TestCasesAreChosenByName(t *testing.T) {
	every := len(specs())
	for _, tc := range []struct {
		o    Options
		want int
		err  string
	}{
		{Options{}, every, ""},
		{Options{Short: true}, 3, ""},
		{Options{Short: true, Cases: []string{allCases}}, every, ""},
		{Options{Cases: []string{undisturbed, "processor added"}}, 2, ""},
		{Options{Cases: []string{"processor added", "nonsense"}}, 0, `no case "nonsense"`},
	} {
		list, err := chosen(&tc.o)
		if (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
			t.Errorf("%v: error is %v", tc.o.Cases, err)
			continue
		}
		if n := len(list); err == nil && n != tc.want && n != tc.want+1 { // the undisturbed run may be one
			t.Errorf("%v, short %v: %d cases, want %d", tc.o.Cases, tc.o.Short, n, tc.want)
		}
	}
}
