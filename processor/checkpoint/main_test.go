package checkpoint

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// born is when the stream of most tests was created.
var born = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

func metaOf(unit string, sequence uint64) Meta {
	return Meta{
		Unit: unit, Format: 1, Shards: 8, StreamCreated: born, Sequence: sequence,
		Engine: 1_772_000_000_000_000, Elements: 10 * sequence, Member: "a", Made: born.Add(time.Hour),
	}
}

// bodyOf returns n bytes that compress about as well as a state does, and differ by seed.
func bodyOf(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, "%016x", r.Uint64()&0xffff_ffff)
	}
	return b.Bytes()[:n]
}
