package mrt

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// long makes the test of damaged corpus files thorough.
var long = flag.Bool("long", false, "damage the corpus files at many more places")

const corpus = "../../../shared/corpus"

// corpusFiles returns the recordings of the corpus, or skips the test.
func corpusFiles(t testing.TB) (files []string) {
	t.Helper()
	for _, pattern := range []string{"mrt/*", "mrt/small/*", "csv/derived*.mrt.gz", "incident/derived*.mrt.gz"} {
		found, _ := filepath.Glob(filepath.Join(corpus, pattern))
		for _, f := range found {
			if info, err := os.Stat(f); err == nil && info.Mode().IsRegular() {
				files = append(files, f)
			}
		}
	}
	if len(files) == 0 {
		t.Skip("corpus absent: no recordings under " + corpus)
	}
	return files
}

// plain returns a corpus file, decompressed.
func plain(t testing.TB, path string) []byte {
	t.Helper()
	r, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r.w.src)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func corpusFile(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(corpus, name)
	if _, err := os.Stat(path); err != nil {
		t.Skip("corpus absent: " + name)
	}
	return path
}

// The sums are those on which nine other decoders agree for the same files.
func TestReaderSumsAgreeWithOtherDecoders(t *testing.T) {
	var updates, announced, withdrawn, asns, bits uint64
	for _, f := range []string{"mrt/routeviews.updates.20241028.0000.bz2", "mrt/ris.rrc00.updates.20190101.0000.gz"} {
		r, err := Open(corpusFile(t, f), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var rec Record
		for r.Next(&rec) == nil {
			u := &rec.Update
			for _, a := range u.Path.ASNs {
				asns += uint64(a)
			}
			for i := range u.Announced {
				bits += uint64(u.Announced[i].Bits)
			}
			for i := range u.Withdrawn {
				bits += uint64(u.Withdrawn[i].Bits)
			}
		}
		report := r.Report()
		if report.Damaged() {
			t.Errorf("%s: damaged: %+v", f, report)
		}
		updates += report.Updates
		announced += report.Announced
		withdrawn += report.Withdrawn
		r.Close()
	}
	got := [5]uint64{updates, announced, withdrawn, asns, bits}
	want := [5]uint64{163305, 417185, 25644, 64462593184, 10417387}
	if got != want {
		t.Errorf("updates, announced, withdrawn, sum of ASNs, sum of lengths\n got %d\nwant %d", got, want)
	}
}

func TestReaderDoesNotAllocatePerElement(t *testing.T) {
	for _, f := range []string{
		"mrt/ris.rrc00.updates.20190101.0000.gz", "mrt/ris.bview.20020722.2337.gz",
		"mrt/routeviews.jinx.rib.20140530.2200.bz2",
	} {
		b := plain(t, corpusFile(t, f))
		r := NewReader(bytes.NewReader(b), Options{})
		var rec Record
		for range 15000 { // buffers grow to their size
			if err := r.Next(&rec); err != nil {
				t.Fatal(err)
			}
		}
		elements := 0
		per := testing.AllocsPerRun(1, func() {
			for range 15000 {
				if err := r.Next(&rec); err != nil {
					t.Fatal(err)
				}
				elements += rec.Update.Elements()
			}
		})
		if per > 20 {
			t.Errorf("%s: %v allocations for %d elements, want at most 20", f, per, elements/2)
		}
	}
}

// outcome is what must be true of every input, however damaged.
func outcome(t *testing.T, name string, r *Reader) (elements uint64, _ *Report) {
	t.Helper()
	var rec Record
	for {
		err := r.Next(&rec)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if len(r.w.buf) > maxRIBBody+1<<20 {
		t.Errorf("%s: buffer of %d bytes", name, len(r.w.buf))
	}
	report := r.Report()
	return report.Announced + report.Withdrawn + report.RIBEntries + report.StateChanges, report
}

// Every file is cut and has bytes flipped at seeded random places. Whatever
// stood outside of the damage has to be read, and a cut has to be reported.
func TestReaderReadsWhatIsLeftOfDamagedFiles(t *testing.T) {
	rounds, most := 3, 4<<20
	if *long {
		rounds, most = 60, 256<<20
	}
	for _, path := range corpusFiles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			b := plain(t, path)
			if len(b) > most {
				b = b[:most]
			}
			rng := rand.New(rand.NewPCG(1, uint64(len(b))))
			whole, _ := outcome(t, "whole", NewReader(bytes.NewReader(b), Options{}))
			for range rounds {
				cutAt(t, b, rng.IntN(len(b)), whole)
				flipAt(t, b, rng, whole)
			}
		})
	}
	runtime.GC()
}

func cutAt(t *testing.T, b []byte, n int, whole uint64) {
	var ends []int // where records end
	for p := 0; p+headerLen <= len(b); {
		p += headerLen + int(be32(b[p+8:]))
		ends = append(ends, p)
	}
	got, report := outcome(t, "cut", NewReader(bytes.NewReader(b[:n]), Options{}))
	_, between := slices.BinarySearch(ends, n)
	if n > 0 && !between && !report.Damaged() {
		t.Errorf("cut at %d: not reported as damaged", n)
	}
	if got > whole {
		t.Errorf("cut at %d: %d elements, more than the %d of the whole", n, got, whole)
	}
}

// flipAt changes single bytes a good distance apart and asks that nearly all of
// the other records are still there.
func flipAt(t *testing.T, b []byte, rng *rand.Rand, whole uint64) {
	broken := bytes.Clone(b)
	flips := 1 + len(b)/(1<<20)
	for range flips {
		broken[rng.IntN(len(broken))] ^= byte(1 + rng.IntN(255))
	}
	got, report := outcome(t, "flipped", NewReader(bytes.NewReader(broken), Options{}))
	// A flip can cost the record it hits and, through a length, one more; the
	// peer index table costs everything. Records hold up to thousands of elements.
	lost := int64(whole) - int64(got)
	noPeers := report.Bad[ReasonPeerIndex].N+report.Bad[ReasonNoPeerIndex].N > 0
	if report.Records > 1000 && lost > int64(flips)*5000 && !noPeers {
		t.Errorf("%d flips lost %d of %d elements: %d resyncs, %d bytes passed over, tail %d",
			flips, lost, whole, report.Resyncs.N, report.ResyncBytes, report.TailBytes)
	}
}

// Damage inside of compression ends the input there; nothing hangs or panics,
// and it is said.
func TestOpenReadsDamagedCompression(t *testing.T) {
	var gz bytes.Buffer
	z := gzip.NewWriter(&gz)
	if _, err := z.Write(bytes.Repeat(plainUpdate(at, "10.1.0.0/16"), 20000)); err != nil {
		t.Fatal(err)
	}
	z.Close()
	inputs := map[string][]byte{"built.gz": gz.Bytes()}
	for _, f := range []string{"mrt/routeviews.jinx.updates.20150401.0000.bz2", "mrt/ris.updates.20100722.2015.gz"} {
		b, err := os.ReadFile(filepath.Join(corpus, f))
		if err == nil {
			inputs[f] = b
		}
	}
	for name, b := range inputs {
		rng := rand.New(rand.NewPCG(2, 2))
		for range 40 {
			n := rng.IntN(len(b) - 1)
			r, err := OpenStream(bytes.NewReader(b[:n]), Options{})
			if err != nil {
				t.Fatalf("%s cut at %d: %v", name, n, err)
			}
			if _, report := outcome(t, name, r); n > 4 && !report.Damaged() {
				t.Errorf("%s cut at %d of %d: not reported as damaged", name, n, len(b))
			}
			r.Close()
			broken := bytes.Clone(b)
			broken[4+rng.IntN(len(b)-4)] ^= byte(1 + rng.IntN(255))
			if r, err = OpenStream(bytes.NewReader(broken), Options{}); err != nil {
				t.Fatalf("%s flipped: %v", name, err)
			}
			outcome(t, name, r)
			r.Close()
		}
	}
}
