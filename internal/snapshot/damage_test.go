package snapshot_test

import (
	"bytes"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/internal/snapshot"
)

var update = flag.Bool("update", false, "write the golden snapshot")

const golden = "testdata/format1.snapshot"

// TestFormat1IsRead reads what was written when format 1 was new. The file is
// written anew only together with another format number.
func TestFormat1IsRead(t *testing.T) {
	if *update {
		if err := os.WriteFile(golden, encode(t, sample()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got := &graph{}
	if err := codec(t, got).Decode(data, got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), got, everything); diff != "" {
		t.Error(diff)
	}
	if !bytes.Equal(encode(t, sample()), data) {
		t.Error("format 1 is written otherwise than it was")
	}
}

func TestCutSnapshotsAreErrors(t *testing.T) {
	data, c := encode(t, sample()), codec(t, &graph{})
	for n := range data {
		if err := c.Decode(data[:n], &graph{}); err == nil {
			t.Fatalf("no error for %d of %d octets", n, len(data))
		}
	}
	if err := c.Decode(append(data, 0), &graph{}); !errors.Is(err, snapshot.ErrDamaged) {
		t.Errorf("an octet more: %v", err)
	}
}

func TestChangedSnapshotsAreNoPanic(t *testing.T) {
	c, data, r := codec(t, &graph{}), encode(t, sample()), rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		bad := bytes.Clone(data)
		for range 1 + r.IntN(3) {
			bad[r.IntN(len(bad))] = byte(r.Uint32())
		}
		tryDecode(t, c, bad)
	}
}

// tryDecode decodes and, where that succeeds, encodes what came of it.
func tryDecode(t testing.TB, c *snapshot.Codec, data []byte) {
	got := &graph{}
	if c.Decode(data, got) != nil {
		return
	}
	if _, err := c.Append(nil, got); err != nil {
		t.Errorf("what was decoded cannot be encoded: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(f, sample()))
	f.Add(encode(f, &graph{}))
	f.Add(encode(f, &oldState{parts: []*oldPart{{name: "a"}}, table: []oldRow{{1, 2, 3}}}))
	c := codec(f, &graph{})
	next := codec(f, &newState{})
	f.Fuzz(func(t *testing.T, data []byte) {
		tryDecode(t, c, data)
		next.Decode(data, &newState{}) //nolint:errcheck // no panic is all that is asked for
	})
}
