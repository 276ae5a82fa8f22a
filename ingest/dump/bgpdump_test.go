package dump

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"detour/ingest/mrt"
	"detour/ingest/mrt/mrttest"
)

const corpus = "../../../shared/corpus"

// different says in how far a file's text may differ from bgpdump's, and why.
// docs/reference/bgpdump-differences.md explains the reasons.
type different struct {
	theirs, ours int // lines that only one side has
	reason       string
	lines        []string // every line that only bgpdump has contains one of these
}

var (
	as0Aggregator = "AGGREGATOR of AS 0 is discarded"
	type5         = "obsolete type 5 is only counted"
	multicast     = "multicast is only counted"
)

var differences = map[string]different{
	"bgpipe.sample.mrt": {96, 0, "unmarked ADD-PATH is refused", []string{"|206.126.236.214|57695|"}},

	"ris.bview.20020722.2337.gz":            {8, 8, as0Aggregator, []string{"|0 0.0.0.0|"}},
	"routeviews.jinx.rib.20140530.2200.bz2": {6, 6, as0Aggregator, []string{"|0 0.0.0.0|"}},
	"openbgpd_rib_table":                    {1, 1, as0Aggregator, []string{"|0 253.232.192.168|"}},
	"ris.updates.et-header.2015.gz": {
		22, 22, as0Aggregator + "; AS 0 in AS_PATH is treated as a withdrawal",
		[]string{"|0 0.0.0.0|", " 0|IGP|"},
	},

	"ris.rrc00.bview.20000111.0032.gz":   {0, 452017, "packed TABLE_DUMP is read", nil},
	"ris.rrc00.updates.19990903.1041.gz": {65315, 0, type5, []string{"BGP|"}},
	"ris.rrc00.updates.19991214.1621.gz": {55516, 0, type5, []string{"BGP|"}},
	"ris.rrc00.updates.20000102.2014.gz": {6359, 0, type5, []string{"BGP|"}},
	"ris.rrc00.updates.20000325.0345.gz": {2046, 0, type5, []string{"BGP|"}},

	"ris.updates.20070211.0141.gz":             {151, 0, multicast, []string{"|195.66.224.138|2914|"}},
	"routeviews.eqix.updates.20080706.2357.gz": {1, 0, multicast, []string{"|206.223.115.12|2914|"}},
	"routeviews.updates.20011026.1322.mrt":     {171, 0, multicast, []string{"BGP4MP|"}},

	"ris.updates.nlri_mask_trailing_bits.gz": {
		1, 0, "an NLRI cut short makes the message undecodable", []string{"11.13.0.0/13"},
	},
}

func corpusFiles(t *testing.T) (files []string) {
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

// debian returns what Debian's bgpdump -m prints for a file.
func debian(t *testing.T, path string) io.ReadCloser {
	t.Helper()
	bin, err := exec.LookPath("bgpdump")
	if err != nil {
		t.Skip("bgpdump absent: install Debian's bgpdump 1.6.2 to compare with it")
	}
	cmd := exec.Command(bin, "-m", "-v", path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Wait(); err != nil {
			t.Errorf("bgpdump %s: %v", path, err)
		}
	})
	return out
}

func dumpText(t *testing.T, r *mrt.Reader, f Format) []byte {
	t.Helper()
	var out bytes.Buffer
	p := NewPrinter(&out, f)
	var rec mrt.Record
	for {
		err := r.Next(&rec)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Record(&rec, "in"); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Report(r.Report()); err != nil {
		t.Fatal(err)
	}
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func dumpPath(t *testing.T, path string) []byte {
	t.Helper()
	r, err := mrt.Open(path, mrt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return dumpText(t, r, FormatBGPDump)
}

func lines(t *testing.T, r io.Reader) (out []string) {
	t.Helper()
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		out = append(out, s.Text())
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// without returns the lines of a that are not in b, as many times as they are
// missing there, and those that are, in order.
func without(a, b []string) (only, common []string) {
	have := make(map[string]int, len(b))
	for _, l := range b {
		have[l]++
	}
	for _, l := range a {
		if have[l] > 0 {
			have[l]--
			common = append(common, l)
		} else {
			only = append(only, l)
		}
	}
	return only, common
}

// compare holds our text against theirs: what is common must stand in the same
// order, what is not must be allowed, to the line.
func compare(t *testing.T, theirs, ours []string, allowed different) {
	t.Helper()
	var onlyTheirs, onlyOurs []string
	if allowed.ours == 0 {
		onlyTheirs, onlyOurs = skipped(theirs, ours)
	} else {
		var common1, common2 []string
		onlyTheirs, common1 = without(theirs, ours)
		onlyOurs, common2 = without(ours, theirs)
		for i := range common1 {
			if common1[i] != common2[i] {
				t.Fatalf("order differs at common line %d\ntheirs %s\nours   %s", i+1, common1[i], common2[i])
			}
		}
	}
	if len(onlyTheirs) != allowed.theirs || len(onlyOurs) != allowed.ours {
		t.Errorf("only theirs %d lines, only ours %d; allowed %d, %d (%s)",
			len(onlyTheirs), len(onlyOurs), allowed.theirs, allowed.ours, allowed.reason)
		show(t, "theirs", onlyTheirs)
		show(t, "ours", onlyOurs)
	}
	for _, l := range onlyTheirs {
		if !slices.ContainsFunc(allowed.lines, func(part string) bool { return strings.Contains(l, part) }) {
			t.Fatalf("%q is not a case of %q", l, allowed.reason)
		}
	}
}

// skipped walks both texts and returns the lines of a that b lacks, and the
// rest of b from the first line on that a does not have there.
func skipped(a, b []string) (onlyA, restB []string) {
	i := 0
	for _, l := range a {
		if i < len(b) && b[i] == l {
			i++
		} else {
			onlyA = append(onlyA, l)
		}
	}
	return onlyA, b[i:]
}

func show(t *testing.T, whose string, ls []string) {
	t.Helper()
	for _, l := range ls[:min(len(ls), 3)] {
		t.Logf("only %s: %s", whose, l)
	}
}

func TestTextEqualsDebianBGPDump(t *testing.T) {
	if testing.Short() {
		t.Skip("short: bgpdump needs half a minute for the corpus")
	}
	for _, path := range corpusFiles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			theirs := lines(t, debian(t, path))
			compare(t, theirs, lines(t, bytes.NewReader(dumpPath(t, path))), differences[filepath.Base(path)])
		})
	}
}

func TestTextEqualsTheOraclesOfTheCorpus(t *testing.T) {
	const suffix = ".bgpdump-m.txt.gz"
	oracles, _ := filepath.Glob(filepath.Join(corpus, "oracle", "*"+suffix))
	if len(oracles) == 0 {
		t.Skip("corpus absent: no texts under " + corpus + "/oracle")
	}
	compared := 0
	for _, oracle := range oracles {
		name := "ris." + strings.TrimSuffix(filepath.Base(oracle), suffix)
		path := filepath.Join(corpus, "mrt", name)
		if _, err := os.Stat(path); err != nil {
			continue // the corpus holds the text, not the recording
		}
		compared++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := os.Open(oracle)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			z, err := gzip.NewReader(f)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, lines(t, z), lines(t, bytes.NewReader(dumpPath(t, path))), differences[name])
		})
	}
	if compared < 7 {
		t.Errorf("compared %d texts, want at least 7", compared)
	}
}

func TestAddPathTextEqualsDebianBGPDump(t *testing.T) {
	for name, b := range map[string][]byte{
		"updates": mrttest.AddPathUpdates(), "rib": mrttest.AddPathRIB(),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name+".mrt")
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			allowed := different{}
			if name == "updates" {
				// bgpdump takes the collector for the peer in the two LOCAL subtypes.
				allowed = different{24, 24, "peer of LOCAL_ADDPATH", []string{"1|64501|"}}
			}
			compare(t, lines(t, debian(t, path)), lines(t, bytes.NewReader(dumpPath(t, path))), allowed)
		})
	}
}
