package alert_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/alert"
	"detour/route"
)

// exact lets cmp compare addresses by value.
var exact = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

func drawFlag(t *rapid.T) *alert.Flag {
	asn := rapid.Custom(func(t *rapid.T) route.ASN { return route.ASN(rapid.Uint32().Draw(t, "asn")) })
	path := rapid.Custom(func(t *rapid.T) route.ASN {
		if rapid.IntRange(0, 4).Draw(t, "break") == 0 {
			return 0
		}
		return asn.Draw(t, "hop")
	})
	prefix := netip.PrefixFrom(drawAddr(t, "network"), rapid.IntRange(0, 32).Draw(t, "bits"))
	f := &alert.Flag{
		Version:         rapid.IntRange(-1, 12).Draw(t, "version"),
		Kind:            alert.Kind(rapid.String().Draw(t, "kind")),
		Prefix:          route.PrefixFrom(prefix),
		ExpectedOrigin:  asn.Draw(t, "expected"),
		AnnouncedOrigin: asn.Draw(t, "announced"),
		Peer:            alert.Peer{Collector: rapid.String().Draw(t, "collector"), ASN: asn.Draw(t, "peer")},
		Time:            route.Time(rapid.Int64Range(0, 4e15).Draw(t, "time")),
		Before:          rapid.SliceOfN(path, 0, 6).Draw(t, "before"),
		After:           rapid.SliceOfN(path, 0, 6).Draw(t, "after"),
		Newcomers:       rapid.SliceOfN(asn, 0, 4).Draw(t, "newcomers"),
		Unique:          rapid.Uint8().Draw(t, "unique"),
		Longest:         rapid.Uint8().Draw(t, "longest"),
		MoreSpecific:    rapid.Bool().Draw(t, "more specific"),
		Ingester:        rapid.String().Draw(t, "ingester"),
		Update:          rapid.Uint64().Draw(t, "update"),
	}
	if rapid.Bool().Draw(t, "has address") {
		f.Peer.Address = drawAddr(t, "address")
		if f.Peer.Address.Is6() && rapid.Bool().Draw(t, "has zone") {
			f.Peer.Address = f.Peer.Address.WithZone(rapid.String().Draw(t, "zone"))
		}
	}
	return f
}

func drawAddr(t *rapid.T, label string) netip.Addr {
	size := rapid.SampledFrom([]int{4, 16}).Draw(t, label+" size")
	addr, _ := netip.AddrFromSlice(rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, label))
	return addr
}

func TestAppendJSONEqualsEncodingJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFlag(t)
		want, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		got := f.AppendJSON([]byte("before"))
		if diff := cmp.Diff("before"+string(want), string(got)); diff != "" {
			t.Fatalf("(-encoding/json +AppendJSON):\n%s", diff)
		}
	})
}

func TestFlagComesBackAsItWas(t *testing.T) {
	for name, f := range map[string]*alert.Flag{"full": fullFlag(), "least": leastFlag()} {
		t.Run(name, func(t *testing.T) {
			var back alert.Flag
			if err := json.Unmarshal(f.AppendJSON(nil), &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(f, &back, exact); diff != "" {
				t.Errorf("(-sent +read):\n%s", diff)
			}
		})
	}
}

func TestAppendJSONDoesNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 1024)
	for name, f := range map[string]*alert.Flag{"full": fullFlag(), "least": leastFlag()} {
		if n := testing.AllocsPerRun(100, func() { buf = f.AppendJSON(buf[:0]) }); n != 0 {
			t.Errorf("%s flag: %v allocations", name, n)
		}
	}
}

func TestFlagsOnTheWire(t *testing.T) {
	lines := fullFlag().AppendJSON(nil)
	lines = leastFlag().AppendJSON(append(lines, '\n'))
	golden(t, "flags.jsonl", append(lines, '\n'))
}

func TestFlagValidateNamesWhatIsWrong(t *testing.T) {
	for name, spoil := range map[string]func(*alert.Flag){
		"version":              func(f *alert.Flag) { f.Version = 0 },
		"kind of alerts only":  func(f *alert.Flag) { f.Kind = alert.KindLeak },
		"prefix":               func(f *alert.Flag) { f.Prefix = route.Prefix{} },
		"collector":            func(f *alert.Flag) { f.Peer.Collector = "" },
		"update":               func(f *alert.Flag) { f.Update = 0 },
		"time":                 func(f *alert.Flag) { f.Time = 0 },
		"path":                 func(f *alert.Flag) { f.After = nil },
		"newcomer that is a 0": func(f *alert.Flag) { f.Newcomers = []route.ASN{0} },
	} {
		f := fullFlag()
		if err := f.Validate(); err != nil {
			t.Fatalf("a good flag is refused: %v", err)
		}
		if spoil(f); f.Validate() == nil {
			t.Errorf("%s: a bad flag passes", name)
		}
	}
}

func FuzzFlagReadBack(f *testing.F) {
	f.Add(fullFlag().AppendJSON(nil))
	f.Add(leastFlag().AppendJSON(nil))
	f.Add([]byte(`{"path_after":[null,1],"time":"2019-06-24T10:32:06+02:00"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		var first, second alert.Flag
		if json.Unmarshal(line, &first) != nil {
			return
		}
		once := first.AppendJSON(nil)
		if err := json.Unmarshal(once, &second); err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, once)
		}
		if twice := second.AppendJSON(nil); !bytes.Equal(once, twice) {
			t.Fatalf("written twice, it differs:\n%s\n%s", once, twice)
		}
	})
}

func BenchmarkFlagAppendJSON(b *testing.B) {
	f, buf := fullFlag(), make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = f.AppendJSON(buf[:0])
	}
	b.SetBytes(int64(len(buf)))
}
