package eval

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/ingest/replay"
	"detour/processor"
)

const corpus = "../../../shared/corpus"

func recording(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(corpus, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("corpus absent: %v", err)
	}
	return path
}

// TestABackgroundIsItsRecording holds that a recording taken apart into elements
// and laid out anew gives the alerts that the recording gives.
func TestABackgroundIsItsRecording(t *testing.T) {
	for _, name := range []string{rrc00y2019, balancerUpdates} {
		file := recording(t, name)
		cfg := replay.Config{Prime: []string{file}, Files: []string{file}}
		setup := Setup{Mature: true}
		var want bytes.Buffer
		l, err := processor.NewLine(setup.config(), func(a *alert.Alert) { want.Write(jsonLine(t, a)) })
		if err != nil {
			t.Fatal(err)
		}
		src, err := replay.New(cfg, l)
		if err != nil {
			t.Fatal(err)
		}
		if err := src.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		bg, err := Load(t.Context(), name, cfg)
		if err != nil {
			t.Fatal(err)
		}
		end := bg.Updates[len(bg.Updates)-1].At
		var got bytes.Buffer
		setup.Tell = func(a *alert.Alert) { got.Write(jsonLine(t, a)) }
		w := NewWorld(bg, end-begins(bg), nil)
		o, err := w.Run(t.Context(), setup, nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(traceOf(l.Stats()), traceOf(o.Line)); d != "" {
			t.Errorf("%s (-recording +background):\n%s", name, d)
		}
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("%s: alerts differ: %d bytes, want %d", name, got.Len(), want.Len())
		}
	}
}

// trace is what the state and the evidence of a run have come to.
type trace struct {
	Elements, Records, Judged, FreshFacts, NearMisses uint64
	Pairs, Edges, Triples, Noise                      int
}

func traceOf(s processor.LineStats) trace {
	c := &s.Correlate
	return trace{
		s.Elements, s.Shards.Records, c.Records, c.FreshFacts, c.NearMisses, c.Pairs, c.Edges, c.Triples, c.Noise,
	}
}

func jsonLine(t testing.TB, a *alert.Alert) []byte {
	data, err := json.Marshal(a)
	if err != nil {
		t.Error(err)
	}
	return append(data, '\n')
}
