package replay

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/ingest/mrt"
	"detour/route"
)

// feed gives a list: names of files, or events.
type feed struct {
	t    *testing.T
	list []any
	fail error // at the end, instead of io.EOF
}

func (f *feed) Next(context.Context) (*Recording, error) {
	if len(f.list) == 0 {
		if f.fail != nil {
			return nil, f.fail
		}
		return nil, io.EOF
	}
	next := f.list[0]
	f.list = f.list[1:]
	if r, ok := next.(Recording); ok {
		return &r, nil
	}
	name := next.(string)
	file, err := os.Open(name)
	if err != nil {
		f.t.Fatal(err)
	}
	return &Recording{Collector: "c", Name: name, File: file}, nil
}

func TestAFeedIsReadAsOneRecording(t *testing.T) {
	name := samples + "quagga_bgp"
	want, _ := replayed(t, Config{Files: []string{name}})
	got, s := replayed(t, Config{Feeds: []Feed{&feed{t: t, list: []any{os.DevNull, name}}}})
	ignoreTimes := cmp.Transformer("said", func(s said) said { s.at = want.said[0].at; return s })
	if d := cmp.Diff(want.said, got.said, ignoreTimes, cmp.AllowUnexported(said{})); d != "" {
		t.Errorf("feed differs from file (-file +feed):\n%s", d)
	}
	if reports, _ := s.Reports(); len(reports) != 2 || s.Progress().Peers != s.Peers() {
		t.Errorf("%d reports, want 2; %d peers told, %d known", len(reports), s.Progress().Peers, s.Peers())
	}
}

func TestEventsOfAFeedAreHandedOn(t *testing.T) {
	name := recording(t)
	var ended []*mrt.Report
	l, s := replayed(t, Config{
		Feeds: []Feed{&feed{t: t, list: []any{
			name, Recording{Event: route.KindGap, At: second(400)}, Recording{Event: route.KindTick, At: second(500)}, name,
		}}},
		Ended: func(r *mrt.Report) { ended = append(ended, r) },
	})
	half := len(l.said) / 2
	want := said{Kind: route.KindGap, ID: route.AllPeers, Number: uint64(half) + 1, Engine: second(400)}
	got := l.said[half]
	if got.at = want.at; got != want {
		t.Errorf("between the files %+v, want %+v", got, want)
	}
	if last := l.said[len(l.said)-1]; last.Engine != second(500) {
		t.Errorf("engine time %v behind a tick at %v", last.Engine, second(500))
	}
	if reports, _ := s.Reports(); len(ended) != 2 || len(reports) != 0 {
		t.Fatalf("told of %d ends, want 2; %d reports kept, want none", len(ended), len(reports))
	}
	var totals mrt.Totals
	totals.Add(ended[0])
	totals.Add(ended[1])
	if d := cmp.Diff(totals, s.Progress().Read); d != "" || totals.Records == 0 {
		t.Errorf("progress does not tell what was read (-reports +told):\n%s", d)
	}
}

// TestWhatIsBeingReadIsCounted: a recording may go on for days.
func TestWhatIsBeingReadIsCounted(t *testing.T) {
	var counts tally
	name := recording(t)
	s := &Source{cfg: Config{Collector: "c"}}
	in, err := s.open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	counts.begin(in)
	var rec mrt.Record
	if err := in.Next(&rec); err != nil {
		t.Fatal(err)
	}
	if n := counts.totals().Records; n != 0 {
		t.Errorf("%d records before the first second has passed", n)
	}
	if counts.show(); counts.totals().Records != in.Report().Records || counts.totals().Records == 0 {
		t.Errorf("%d records of %d", counts.totals().Records, in.Report().Records)
	}
	counts.end(in)
	if counts.show(); counts.totals().Records != in.Report().Records {
		t.Error("an input that has ended is counted twice")
	}
}

// TestWhatIsOlderThanFromIsState: sessions that end take their routes along, and
// nothing is said of before once what comes is news.
func TestWhatIsOlderThanFromIsState(t *testing.T) {
	const primed = route.FlagTableDump | route.FlagInitialTransfer
	all, _ := replayed(t, Config{Files: []string{recording(t)}})
	l, _ := replayed(t, Config{Files: []string{recording(t)}, From: second(25), To: second(50)})
	end := -1
	for i, e := range l.said {
		if e.Kind == route.KindEndOfRIB && e.ID == route.AllPeers {
			end = i
		}
	}
	if end != 5 { // 4 updates and a session that ended
		t.Fatalf("the end of what was primed stands at %d of %+v", end, l.said)
	}
	for i, e := range l.said {
		was := all.said[min(i, len(all.said)-1)]
		if i > end {
			was = all.said[i-1]
		}
		switch {
		case i == end:
		case i < end && e.Engine != second(25), i > end && (e.Engine != was.Engine || e.Engine >= second(50)):
			t.Errorf("%+v at %v", e, e.Engine)
		case e.Kind != was.Kind || e.Peer != was.Peer:
			t.Errorf("%+v, want what the recording has: %+v", e, was)
		case e.Kind == route.KindUpdate && (e.Flags == primed) != (i < end):
			t.Errorf("%+v stands at %d, the end of what was primed at %d", e, i, end)
		}
	}
	if len(l.said) != end+1+5 {
		t.Errorf("%d were played, want 5: %+v", len(l.said)-end-1, l.said[end:])
	}
}

func TestAFeedThatCannotGoOnEndsTheReplay(t *testing.T) {
	broken := errors.New("no such archive")
	s, err := New(Config{Feeds: []Feed{&feed{t: t, fail: broken}}}, &listener{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the feed", err)
	}
	backwards := Config{Files: []string{"x"}, From: second(2), To: second(1)}
	if _, err := New(backwards, &listener{}); err == nil || !strings.Contains(err.Error(), "must be after from") {
		t.Errorf("times that run backwards are taken: %v", err)
	}
}
