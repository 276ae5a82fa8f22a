package decode

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/route"
)

// usualBlock holds every attribute that the short cuts know, a path of nine ASNs
// and, behind the block, one prefix.
var usualBlock = []byte{
	0x40, 1, 1, 0,
	0x40, 2, 38, 2, 9, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1, 0, 0, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7,
	0, 0, 0, 8, 0, 0, 0, 9,
	0x40, 3, 4, 192, 0, 2, 1,
	0x80, 4, 4, 0, 0, 0, 0,
	0x40, 5, 4, 0, 0, 0, 100,
	0x40, 6, 0,
	0xc0, 7, 8, 0, 0, 0, 9, 192, 0, 2, 2,
	0xc0, 8, 4, 0, 1, 0, 2,
	0x80, 9, 4, 192, 0, 2, 3,
	0x80, 10, 4, 192, 0, 2, 4,
	0xc0, 32, 12, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3,
	24, 198, 51, 100,
}

// outcome is all that reading a block leaves behind.
type outcome struct {
	OK       bool
	Seen     [4]uint64
	Others   bool
	Fault    Error
	Err      Error
	Counters Counters
	Update   route.Update
}

func readBlock(buf []byte, end int, read func(*Decoder, *block, []byte, int, *route.Update) bool) (o outcome) {
	var d Decoder
	k := block{session: Session{AS4: true}, message: true, reachable: true}
	o.OK = read(&d, &k, buf, end, &o.Update)
	o.Seen, o.Others, o.Fault, o.Err, o.Counters = k.seen, k.others, k.fault, d.err, d.Counters
	o.Update.Path.ASNs = append([]route.ASN{}, o.Update.Path.ASNs...)
	return o
}

// TestShortCutsReadTheSame changes octets of a block, cuts it and swaps pieces of
// it, and reads it with the short cuts and without.
func TestShortCutsReadTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		buf := append([]byte{}, usualBlock...)
		end := len(buf) - 4
		for range r.IntN(3) {
			buf[r.IntN(len(buf))] ^= 1 << r.IntN(8)
		}
		switch r.IntN(4) {
		case 0:
			end = r.IntN(len(buf) + 1)
		case 1:
			buf = buf[:end]
		case 2:
			copy(buf[52+r.IntN(20):end], append([]byte{}, buf[52+r.IntN(40):end]...))
		}
		end = min(end, len(buf))
		got := readBlock(buf, end, func(d *Decoder, k *block, b []byte, end int, u *route.Update) bool {
			return d.attributes(k, b, 0, end, u)
		})
		want := readBlock(buf, end, func(d *Decoder, k *block, b []byte, end int, u *route.Update) bool {
			return d.others(k, b, 0, end, u)
		})
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("% x to %d: %s", buf, end, cmp.Diff(want, got))
		}
	}
}
