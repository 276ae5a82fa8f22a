package decode

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/bench/recording"
	"detour/bench/report"
)

const corpus = "../../../shared/corpus"

func TestShortFormReadsTheSameAsOthers(t *testing.T) {
	s, err := Run(t.Context(), Options{Corpus: corpus, Short: true, Say: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	if s.Skipped != "" {
		t.Skip(s.Skipped)
	}
	if len(s.Figures) != 2 || len(s.Tables) < 2 {
		t.Errorf("%d figures, %d tables", len(s.Figures), len(s.Tables))
	}
	if allocs := s.Figures[1]; allocs.Reached != 0 {
		t.Errorf("%v allocations per UPDATE", allocs.Reached)
	}
	r := report.Report{Sections: []*report.Section{s}}
	if err := r.Write(t.TempDir()); err != nil {
		t.Error(err)
	}
}

func TestWithoutCorpusItIsSkipped(t *testing.T) {
	s, err := Run(t.Context(), Options{Corpus: t.TempDir(), Say: func(string) {}})
	if err != nil || !strings.Contains(s.Skipped, "corpus absent") {
		t.Errorf("%+v, %v", s, err)
	}
}

// sample is one committed recording with a known number of UPDATEs.
func sample(t *testing.T) *set {
	t.Helper()
	data, err := os.ReadFile("../../testdata/mrt/quagga_bgp_large_communities")
	if err != nil {
		t.Fatal(err)
	}
	return &set{name: "sample", data: recording.WithoutMicroseconds(data)}
}

func TestDecodersAgreeOnACommittedRecording(t *testing.T) {
	s := sample(t)
	if err := s.check(&own{}, nil); err != nil {
		t.Fatal(err)
	}
	if s.sums.Updates == 0 || s.sums.Bits == 0 || s.lines == 0 {
		t.Errorf("nothing was read: %+v", s.sums)
	}
	if err := s.run(t.Context(), &own{}, 2); err != nil || len(s.gobgp) != 2 {
		t.Errorf("%d rounds, %v", len(s.gobgp), err)
	}
}

func TestOtherSumsAreAnError(t *testing.T) {
	s := sample(t)
	if err := s.check(&own{}, &Sums{Updates: 1}); !errors.Is(err, errSums) {
		t.Errorf("error is %v", err)
	}
	one := Sums{Updates: 1, Announced: 2, ASNs: 3, Bits: 4}
	merged := Sums{Updates: 1, Announced: 1, Withdrawn: 1, ASNs: 5, Bits: 4}
	if err := alike("a", one, "b", merged); err != nil {
		t.Error(err)
	}
	merged.Bits++
	if err := alike("a", one, "b", merged); !errors.Is(err, errSums) {
		t.Errorf("error is %v", err)
	}
}

func TestProgramsOutputIsCounted(t *testing.T) {
	s := sample(t)
	if err := s.check(&own{}, nil); err != nil {
		t.Fatal(err)
	}
	lines := `for i in $(seq %d); do echo BGP4MP; done; :`
	for command, want := range map[string]error{
		strings.ReplaceAll(lines, "%d", strconv.FormatUint(s.lines, 10)): nil, strings.ReplaceAll(lines, "%d", "1"): errSums,
	} {
		o := Options{Decoders: []Decoder{{"made", []string{"sh", "-c", command}}}}
		_, err := runOutside(t.Context(), s, o, 1)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", command, err)
		}
	}
}

func TestDecoderFlag(t *testing.T) {
	got, err := ParseDecoder("mine=path/to/it -m")
	if diff := cmp.Diff(Decoder{"mine", []string{"path/to/it", "-m"}}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for _, bad := range []string{"", "name", "name=", "=command"} {
		if _, err := ParseDecoder(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// The benchmarks are one decoder each, for profiles.

func BenchmarkDev(b *testing.B) {
	dev, _, err := load(corpus)
	walk(b, dev, err, new(own).messages)
}

func BenchmarkBurst(b *testing.B) {
	_, burst, err := load(corpus)
	walk(b, burst, err, new(own).messages)
}

func BenchmarkRecords(b *testing.B) {
	dev, _, err := load(corpus)
	walk(b, dev, err, func(data []byte) (Sums, error) { s, _, err := records(data); return s, err })
}

func BenchmarkGobgp(b *testing.B) {
	dev, _, err := load(corpus)
	walk(b, dev, err, gobgp)
}

func walk(b *testing.B, set *set, err error, walk func([]byte) (Sums, error)) {
	if err != nil {
		b.Skip(err)
	}
	var s Sums
	b.ReportAllocs()
	b.SetBytes(int64(len(set.data)))
	for b.Loop() {
		if s, err = walk(set.data); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(s.Updates), "ns/UPDATE")
}
