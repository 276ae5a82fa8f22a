package dump

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/ingest/mrt"
	"detour/ingest/mrt/mrttest"
)

var update = flag.Bool("update", false, "write the JSON and summary goldens anew")

const samples = "../../testdata/mrt"

// The texts under testdata were printed by Debian's bgpdump 1.6.2 -m.
func TestTextOfSamplesEqualsDebianBGPDump(t *testing.T) {
	texts, _ := filepath.Glob("testdata/*.txt")
	if len(texts) < 10 {
		t.Fatalf("%d texts under testdata, want at least 10", len(texts))
	}
	for _, text := range texts {
		name := strings.TrimSuffix(filepath.Base(text), ".txt")
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile(text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(dumpPath(t, filepath.Join(samples, name)))); diff != "" {
				t.Errorf("text (-bgpdump +ours):\n%s", diff)
			}
		})
	}
}

// rich is a recording that shows every JSON field.
func rich() []byte {
	s := mrttest.IPv4Session(true)
	path := mrttest.Attr(0x40, 2,
		3, 1, 0, 0, 0xfd, 0xe9, // confederation sequence
		4, 2, 0, 0, 0xfd, 0xea, 0, 0, 0xfd, 0xeb, // confederation set
		2, 2, 0, 0, 0xfb, 0xf4, 0, 0, 0xfb, 0xf5,
		1, 2, 0, 0, 0xfb, 0xf6, 0, 0, 0xfb, 0xf7) // set
	attrs := bytes.Join([][]byte{
		mrttest.Attr(0x40, 1, 1), path, mrttest.Attr(0x40, 3, 192, 0, 2, 1),
		mrttest.Attr(0x80, 4, 0xff, 0xff, 0xff, 0xff), mrttest.Attr(0x40, 5, 0, 0, 0, 100), mrttest.Attr(0x40, 6),
		mrttest.Attr(0xc0, 7, 0, 0, 0xfb, 0xf4, 192, 0, 2, 9),
		mrttest.Attr(0xc0, 8, 0xff, 0xff, 0xff, 1, 0xff, 0xff, 0xff, 2, 0xff, 0xff, 0xff, 3, 0xfb, 0xf4, 0, 7),
		mrttest.Attr(0xc0, 32, 0, 0, 0xfb, 0xf4, 0, 0, 0, 1, 0, 0, 0, 2), mrttest.Attr(0xc0, 35, 0, 0, 0xfb, 0xf4),
		mrttest.Attr(0x80, 14, append([]byte{
			0, 2, 1, 32, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7,
			0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0,
		}, mrttest.NLRI("2001:db8:0:1::/64")...)...),
	}, nil)
	return bytes.Join([][]byte{
		mrttest.RecordET(1700000000, 42, 4, s.Message(mrttest.Update(
			mrttest.NLRI("10.9.0.0/16"), attrs, mrttest.NLRI("10.1.0.0/16", "10.2.0.0/16")))),
		mrttest.Record(1700000001, 16, 7, s.Message(mrttest.Update(mrttest.NLRI("10.9.0.0/16"), nil, nil))),
		mrttest.Record(1700000001, 16, 4, s.Message(mrttest.Update(nil, nil, nil))),
		mrttest.Record(1700000001, 16, 4, s.Message(mrttest.Update(nil, // no ORIGIN
			mrttest.Path(true, 64500), mrttest.NLRI("10.3.0.0/16")))),
		mrttest.Record(1700000002, 16, 5, s.StateChange(6, 1)),
		mrttest.Record(1700000002, 16, 5, s.StateChange(7, 99)),
		mrttest.AddPathUpdates()[:200],
		mrttest.AddPathRIB(),
	}, nil)
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func dumpBytes(t *testing.T, b []byte, f Format) []byte {
	t.Helper()
	return dumpText(t, mrt.NewReader(bytes.NewReader(b), mrt.Options{Name: "in", Collector: "rrc00"}), f)
}

func TestJSONKeepsItsNames(t *testing.T) {
	out := dumpBytes(t, rich(), FormatJSON)
	golden(t, "rich.json", out)
	d := json.NewDecoder(bytes.NewReader(out))
	for {
		var v map[string]any
		if err := d.Decode(&v); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("not JSON: %v", err)
		}
	}
}

func TestSummaryAndTextOfEverything(t *testing.T) {
	golden(t, "rich.summary", dumpBytes(t, rich(), FormatSummary))
	golden(t, "rich.bgpdump", dumpBytes(t, rich(), FormatBGPDump))
}

// Every element of the text is in the JSON too, and the other way round.
func TestJSONHoldsWhatTheTextHolds(t *testing.T) {
	for _, name := range []string{"quagga_bgp", "openbgpd_bgp", "bird-mrtdump_rib", "bview.ipv6_unicast_add_path.gz"} {
		r, err := mrt.Open(filepath.Join(samples, name), mrt.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		text := len(bytes.Split(dumpPath(t, filepath.Join(samples, name)), []byte("\n"))) - 1
		d := json.NewDecoder(bytes.NewReader(dumpText(t, r, FormatJSON)))
		n := 0
		for {
			var v struct {
				Type                 string
				Announced, Withdrawn []any
			}
			if err := d.Decode(&v); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			n += len(v.Announced) + len(v.Withdrawn)
			if v.Type == "rib" || v.Type == "state" {
				n++
			}
		}
		if n != text {
			t.Errorf("%s: JSON holds %d elements, text %d", name, n, text)
		}
	}
}

func TestAddressesAreWrittenAsBGPDumpDoes(t *testing.T) {
	tests := []struct {
		hi, lo uint64
		want   string
	}{
		{0, 0, "::"},
		{0, 1, "::1"},
		{0, 2, "::0.0.0.2"},
		{0, 0xffff_c000_0201, "::ffff:192.0.2.1"},
		{0x2001_0db8_0000_0001 << 0, 0x0001_0001_0001_0001, "2001:db8::1:1:1:1:1"},
		{0x2001_0db8_0000_0000, 0, "2001:db8::"},
		{0x2001_0db8_0000_0001, 0, "2001:db8:0:1::"},
		{0x0000_0db8_0000_0000, 0x0001_0000_0000_0000, "0:db8:0:0:1::"},
		{0x2001_0000_0000_0001, 0x0000_0000_0000_0001, "2001:0:0:1::1"},
	}
	for _, tt := range tests {
		if got := string(appendIPv6(nil, tt.hi, tt.lo)); got != tt.want {
			t.Errorf("%x %x: %s, want %s", tt.hi, tt.lo, got, tt.want)
		}
	}
	for _, a := range []uint32{0, 0x01020304, 0xff640a09, 0xffffffff} {
		want := []byte{}
		for i, b := range []byte{byte(a >> 24), byte(a >> 16), byte(a >> 8), byte(a)} {
			if i > 0 {
				want = append(want, '.')
			}
			want = append(want, strings.TrimSpace(string(appendOctet(nil, b)))...)
		}
		if got := appendIPv4(nil, a); !bytes.Equal(got, want) {
			t.Errorf("%x: %s, want %s", a, got, want)
		}
	}
}

func TestTextDoesNotAllocatePerLine(t *testing.T) {
	r, err := mrt.Open(filepath.Join(samples, "quagga_bgp"), mrt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rec mrt.Record
	for rec.Update.Elements() == 0 {
		if err := r.Next(&rec); err != nil {
			t.Fatal(err)
		}
	}
	p := NewPrinter(io.Discard, FormatBGPDump)
	if n := testing.AllocsPerRun(1000, func() {
		if err := p.Record(&rec, ""); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations per record", n)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestPrinterKeepsItsFirstError(t *testing.T) {
	p := NewPrinter(broken{}, FormatSummary)
	_ = p.Report(&mrt.Report{Name: "x"}) // the buffer may hold it
	for range 2 {
		if err := p.Flush(); err != io.ErrClosedPipe {
			t.Errorf("got %v", err)
		}
	}
}

func TestParseFormatRefusesOthers(t *testing.T) {
	if _, err := ParseFormat("xml"); err == nil {
		t.Error("xml accepted")
	}
}
