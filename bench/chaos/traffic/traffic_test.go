package traffic_test

import (
	"errors"
	"io"
	"os"
	"slices"
	"testing"
	"time"

	"detour/bench/chaos/traffic"
	"detour/ingest/mrt"
	"detour/route"
)

func small() traffic.Shape {
	return traffic.Shape{
		Prefixes: 20_000, Peers: 4, Rate: 2000, Speed: 8, Length: 5 * time.Second, Every: 100 * time.Millisecond,
		LeakAt: time.Second, Leaked: 500,
	}
}

// records hands over what stands in a recording, in order.
func records(t *testing.T, name string, each func(*mrt.Record)) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := mrt.OpenStream(f, mrt.Options{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rec mrt.Record
	for {
		switch err := r.Next(&rec); {
		case errors.Is(err, io.EOF):
			if r.Report().Damaged() {
				t.Errorf("damaged: %v", r.Report())
			}
			return
		case err != nil:
			t.Fatal(err)
		}
		each(&rec)
	}
}

func TestRecordingsHoldWhatIsKnown(t *testing.T) {
	shape := small()
	made, err := traffic.Make(t.TempDir(), shape)
	if err != nil {
		t.Fatal(err)
	}
	segment := traffic.Segment()
	for i, files := range made.Files {
		routes := 0
		records(t, files.Table, func(r *mrt.Record) { routes += r.Update.Elements() })
		if routes < shape.Prefixes*shape.Peers*9/10 {
			t.Errorf("ingester %d: %d routes in its table", i, routes)
		}
		var first, last route.Time
		elements, leaked, hijacked := 0, 0, map[route.Prefix]int{}
		records(t, files.Updates, func(r *mrt.Record) {
			if first == 0 {
				first = r.Time
			}
			if r.Time < last {
				t.Fatalf("time runs back to %v", r.Time.Std())
			}
			last = r.Time
			elements += r.Update.Elements()
			path := r.Update.Path.ASNs
			if at := slices.Index(path, segment.Leaker); at > 0 && path[at-1] == segment.ExportedTo {
				leaked += len(r.Update.Announced)
			}
			for e := range made.Events {
				if len(path) > 0 && path[len(path)-1] == made.Events[e].Hijacker {
					hijacked[made.Events[e].Prefix]++
				}
			}
		})
		if want := traffic.Start; first != want || last != want+40*route.Second {
			t.Errorf("ingester %d: from %v to %v", i, first.Std(), last.Std())
		}
		if elements != made.Elements[i] || elements < 3000 || leaked < 100 {
			t.Errorf("ingester %d: %d elements of %d, %d of the leak", i, elements, made.Elements[i], leaked)
		}
		for _, e := range made.Events {
			if want := map[bool]int{true: 3}[e.Ingester == i]; hijacked[e.Prefix] != want {
				t.Errorf("ingester %d tells %d times of AS%v, want %d", i, hijacked[e.Prefix], e.Hijacker, want)
			}
		}
	}
}
