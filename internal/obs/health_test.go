package obs

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadyWhileNothingFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		h := NewHealth("nats", "streams")
		if ready, list := h.Ready(); ready || len(list) != 2 {
			t.Errorf("ready is %v at the start, with %v", ready, list)
		}
		time.Sleep(time.Second) // sleep: of the test's own clock
		h.Set("nats", OK, "")
		h.Set("streams", OK, "")
		h.Set("tables", Degraded, "prefixes of shard 3 are full")
		time.Sleep(time.Second) // sleep: of the test's own clock
		h.Set("tables", Degraded, "paths of shard 3 are full")
		ready, list := h.Ready()
		want := []Condition{
			{"tables", Degraded, "paths of shard 3 are full", begin.Add(time.Second)},
			{"nats", OK, "", begin.Add(time.Second)},
			{"streams", OK, "", begin.Add(time.Second)},
		}
		if d := cmp.Diff(want, list); d != "" || !ready {
			t.Errorf("ready %v\n%s", ready, d)
		}
		h.Set("nats", Failing, strings.Repeat("ä", maxReason))
		ready, list = h.Ready()
		if ready || list[0].Name != "nats" || len(list[0].Reason) > maxReason+len("…") {
			t.Errorf("ready %v, %v", ready, list)
		}
		h.Remove("nats")
		if ready, _ := h.Ready(); !ready {
			t.Error("a condition that was removed still counts")
		}
	})
}

func TestConditionsAreBounded(t *testing.T) {
	h := NewHealth()
	for i := range 2 * maxConditions {
		h.Set(strings.Repeat("x", i), OK, "")
	}
	if _, list := h.Ready(); len(list) != maxConditions {
		t.Errorf("%d conditions", len(list))
	}
}

func TestLivesWhileEveryPulseBeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHealth()
		shard, judge := h.Pulse("shard-0", time.Minute), h.Pulse("correlator", time.Minute)
		time.Sleep(50 * time.Second) // sleep: of the test's own clock
		judge.Beat()
		if live, stuck := h.Live(); !live {
			t.Errorf("%v is stuck too early", stuck)
		}
		time.Sleep(11 * time.Second) // sleep: of the test's own clock
		live, stuck := h.Live()
		if d := cmp.Diff([]string{"shard-0"}, stuck); d != "" || live {
			t.Errorf("live %v\n%s", live, d)
		}
		shard.Beat()
		if live, _ := h.Live(); !live {
			t.Error("stuck after a beat")
		}
		shard.Stop()
		time.Sleep(time.Hour) // sleep: of the test's own clock
		if _, stuck := h.Live(); len(stuck) != 1 || stuck[0] != "correlator" {
			t.Errorf("%v is stuck, want the correlator alone", stuck)
		}
	})
}

func TestHealthIsAMetric(t *testing.T) {
	r, h := NewRegistry(), NewHealth("nats")
	h.Set("tables", Degraded, "full")
	h.Pulse("shard-0", time.Minute)
	r.Add(h.Source())
	all := gather(t, r)
	for name, want := range map[string]float64{
		"detour_health_ready{}":                     0,
		"detour_health_condition{condition=nats}":   2,
		"detour_health_condition{condition=tables}": 1,
	} {
		if got, ok := all[name]; !ok || got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if _, ok := all["detour_health_pulse_age_seconds{owner=shard-0}"]; !ok {
		t.Error("the pulse is not told")
	}
}
