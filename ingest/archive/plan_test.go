package archive

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/ingest/replay"
	"detour/route"
)

func TestWhereFilesAreMissing(t *testing.T) {
	for name, c := range map[string]struct {
		from, to string
		files    []string
		want     []string
	}{
		"none": {
			"2019-06-24 10:02", "2019-06-24 10:14",
			[]string{"2019-06-24 10:00", "2019-06-24 10:05", "2019-06-24 10:10"},
			nil,
		},
		"in front, between and behind": {
			"2019-06-24 09:50", "2019-06-24 10:30",
			[]string{"2019-06-24 10:00", "2019-06-24 10:15"},
			[]string{"09:50-10:00", "10:05-10:15", "10:20-10:30"},
		},
		"an older rhythm": {
			"2001-06-24 10:00", "2001-06-24 11:00",
			[]string{"2001-06-24 10:00", "2001-06-24 10:15", "2001-06-24 10:45"},
			[]string{"10:30-10:45"},
		},
		"all": {"2019-06-24 10:00", "2019-06-24 10:10", nil, nil}, // there is nothing to play
	} {
		var files []File
		for _, text := range c.files {
			files = append(files, File{At: at(t, text), every: 5 * time.Minute})
		}
		var got []string
		for _, h := range holes(files, at(t, c.from), at(t, c.to)) {
			got = append(got, h.From.Format("15:04")+"-"+h.To.Format("15:04"))
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	now := time.Now().UTC()
	newest := []File{{At: now.Add(-12 * time.Minute), every: 5 * time.Minute}}
	if got := holes(newest, newest[0].At, now); len(got) != 0 {
		t.Errorf("files that are not written yet are missing: %v", got)
	}
}

// TestAHoleIsAGap in what a plan gives.
func TestAHoleIsAGap(t *testing.T) {
	s := newServer(t)
	s.updates(t, "10:00", "10:10")
	a := open(t, access(t, s))
	p, err := a.Plan(t.Context(), "rrc00", at(t, "2019-06-24 10:00"), at(t, "2019-06-24 10:15"), false)
	if err != nil {
		t.Fatal(err)
	}
	feed := a.Feed(p)
	var got []string
	for {
		r, err := feed.Next(t.Context())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if r.File != nil {
			got = append(got, "file of "+r.Collector)
			r.File.Close()
			continue
		}
		got = append(got, fmt.Sprint(*r))
	}
	gap := replay.Recording{Event: route.KindGap, At: route.TimeOf(at(t, "2019-06-24 10:10"))}
	if d := cmp.Diff([]string{"file of rrc00", fmt.Sprint(gap), "file of rrc00"}, got); d != "" {
		t.Errorf("the plan gives (-want +got):\n%s", d)
	}
}
