package obs

import (
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// gather returns every series of detour as "name{a=b,…}" with its value; of a
// histogram the number of observations.
func gather(t *testing.T, r *Registry) map[string]float64 {
	t.Helper()
	all, err := r.prom.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range all {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			name := f.GetName() + "{" + strings.Join(labels, ",") + "}"
			out[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	maps.DeleteFunc(out, func(name string, _ float64) bool { return !strings.HasPrefix(name, "detour_") })
	return out
}

// bare leaves out what every registry tells of itself.
func bare(all map[string]float64) map[string]float64 {
	maps.DeleteFunc(all, func(name string, _ float64) bool { return strings.HasPrefix(name, "detour_obs_") })
	return all
}

func TestSourcesAreAskedAtEachScrapeUntilRemoved(t *testing.T) {
	r := NewRegistry()
	n := 0.0
	remove := r.Add(func(emit Emit) {
		n++
		emit(LogFrames, n, "ris-1")
		emit(NATSConnected, 1)
	})
	r.Add(func(emit Emit) { emit(LogFrames, 7, "ris-2") })
	gather(t, r)
	want := map[string]float64{
		"detour_log_frames_total{ingester=ris-1}": 2,
		"detour_log_frames_total{ingester=ris-2}": 7,
		"detour_nats_connected{}":                 1,
	}
	if d := cmp.Diff(want, bare(gather(t, r))); d != "" {
		t.Error(d)
	}
	remove()
	want = map[string]float64{"detour_log_frames_total{ingester=ris-2}": 7}
	if d := cmp.Diff(want, bare(gather(t, r))); d != "" {
		t.Error(d)
	}
}

func TestOneBadValueDoesNotHideTheOthers(t *testing.T) {
	r := NewRegistry()
	r.Add(func(emit Emit) {
		emit(LogFrames, 1)                    // no label
		emit(LogFrames, 2, "a")               //
		emit(LogFrames, 3, "a")               // again
		emit(LogStored, 4, "a")               // no histogram
		emit(LogFrames, 5, "bad \xff\xfe it") // not UTF-8
		for i := range maxSeries + 10 {
			emit(IngestEngine, 1, strings.Repeat("x", i))
		}
	})
	all := gather(t, r)
	for name, want := range map[string]float64{
		"detour_log_frames_total{ingester=a}":             2,
		"detour_log_frames_total{ingester=bad \uFFFD it}": 5,
		"detour_obs_rejected_total{reason=labels}":        1,
		"detour_obs_rejected_total{reason=duplicate}":     1,
		"detour_obs_rejected_total{reason=kind}":          1,
		"detour_obs_rejected_total{reason=limit}":         10,
	} {
		if got, ok := all[name]; !ok || got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

func TestHistogramsCountByBucketAndGoOnAfterAReturn(t *testing.T) {
	r := NewRegistry()
	h := r.Histogram(LogStored, "a")
	for _, d := range []time.Duration{
		-time.Second, 250 * time.Microsecond, 251 * time.Microsecond, time.Second, time.Minute, time.Hour,
	} {
		h.Observe(d)
	}
	total, sum, below := h.read()
	if total != 6 || sum != 3661.000501 {
		t.Errorf("total %d, sum %v", total, sum)
	}
	for bound, want := range map[float64]uint64{0.00025: 2, 0.0005: 3, 0.5: 3, 1: 4, 30: 4, 60: 5} {
		if below[bound] != want {
			t.Errorf("%d at or below %v, want %d", below[bound], bound, want)
		}
	}
	if r.Histogram(LogStored, "a") != h {
		t.Error("another histogram for the same labels")
	}
	if r.Histogram(LogStored, "b") == h {
		t.Error("the same histogram for other labels")
	}
	if got := bare(gather(t, r))["detour_log_send_to_stored_seconds{ingester=a}"]; got != 6 {
		t.Errorf("%v observations are told", got)
	}
}

func TestHistogramsTakeObservationsFromEverywhere(t *testing.T) {
	var h Histogram
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 1000 {
				h.Observe(time.Duration(i) * time.Millisecond)
			}
		})
	}
	group.Wait()
	if total, _, _ := h.read(); total != 8000 {
		t.Errorf("%d observations, want 8000", total)
	}
}

func TestObservingAllocatesNothing(t *testing.T) {
	h := NewRegistry().Histogram(JudgeRange)
	if n := testing.AllocsPerRun(100, func() { h.Observe(time.Millisecond) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkObserve(b *testing.B) {
	var h Histogram
	for b.Loop() {
		h.Observe(3 * time.Millisecond)
	}
}
