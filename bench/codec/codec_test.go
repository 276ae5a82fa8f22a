package codec

import (
	"errors"
	"testing"

	"detour/bench/report"
	"detour/route"
)

const corpus = "../../../shared/corpus"

func TestShortFormComparesBothCodecs(t *testing.T) {
	for _, dir := range []string{corpus, t.TempDir()} {
		s, err := Run(t.Context(), Options{Corpus: dir, Short: true, Say: func(string) {}})
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Figures) != 1 || len(s.Tables) == 0 {
			t.Errorf("%d figures, %d tables", len(s.Figures), len(s.Tables))
		}
		r := report.Report{Sections: []*report.Section{s}}
		if err := r.Write(t.TempDir()); err != nil {
			t.Error(err)
		}
	}
}

func TestChangedUpdatesAreFound(t *testing.T) {
	change := map[string]func(u *route.Update){
		"number":      func(u *route.Update) { u.Number++ },
		"path":        func(u *route.Update) { u.Path.ASNs = append(u.Path.ASNs, 1) },
		"communities": func(u *route.Update) { u.Communities = u.Communities[4:] },
		"prefix":      func(u *route.Update) { u.Announced[0].Bits-- },
		"next hop":    func(u *route.Update) { u.NextHop.Bytes[3]++ },
	}
	for name, f := range change {
		tr := made(10)
		c := comparer{t: tr}
		for i := range tr.updates {
			u := clean(&tr.updates[i])
			if i == 1 {
				f(&u)
			}
			c.next(&u)
		}
		if !errors.Is(c.end(), errChanged) {
			t.Errorf("%s: not found", name)
		}
	}
	c := comparer{t: made(2)}
	if !errors.Is(c.end(), errChanged) {
		t.Error("missing updates are not found")
	}
}

func TestFramesAllocateNothingOnceWarm(t *testing.T) {
	tr := made(500)
	e, err := check(tr)
	if err != nil {
		t.Fatal(err)
	}
	c := newFrames()
	run := func() {
		c.encode(tr, nil)
		_ = c.decode(e.frames, nil)
	}
	run()
	if n := testing.AllocsPerRun(3, run); n > 1 { // the closure of encode
		t.Errorf("%v allocations", n)
	}
}
