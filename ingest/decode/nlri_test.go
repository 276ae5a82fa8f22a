package decode_test

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"detour/ingest/decode"
	"detour/route"

	"pgregory.net/rapid"
)

// slowNLRI reads a run octet by octet: the oracle for the loops that load eight
// at a time.
func slowNLRI(run []byte, f route.Family, addPath bool) ([]route.NLRI, bool) {
	var out []route.NLRI
	for len(run) > 0 {
		var id uint32
		if addPath {
			if len(run) < 4 {
				return nil, false
			}
			id = binary.BigEndian.Uint32(run)
			run = run[4:]
		}
		if len(run) == 0 || int(run[0]) > f.MaxBits() || len(run) < 1+(int(run[0])+7)/8 {
			return nil, false
		}
		bits := int(run[0])
		size := (bits + 7) / 8
		var addr [16]byte
		copy(addr[:], run[1:1+size])
		run = run[1+size:]
		a := netip.AddrFrom16(addr)
		if f == route.IPv4 {
			a = netip.AddrFrom4([4]byte(addr[:4]))
		}
		out = append(out, route.PrefixFrom(netip.PrefixFrom(a, bits)).NLRI(id))
	}
	return out, true
}

func TestNLRIAgreesWithSlowReader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom([]route.Family{route.IPv4, route.IPv6}).Draw(t, "family")
		addPath := rapid.Bool().Draw(t, "addPath")
		var run []byte
		for range rapid.IntRange(0, 12).Draw(t, "prefixes") {
			if addPath {
				run = binary.BigEndian.AppendUint32(run, rapid.Uint32().Draw(t, "id"))
			}
			bits := rapid.IntRange(0, f.MaxBits()).Draw(t, "bits")
			// Host bits are left as drawn: they must be cleared.
			run = append(run, byte(bits))
			run = append(run, rapid.SliceOfN(rapid.Byte(), (bits+7)/8, (bits+7)/8).Draw(t, "address")...)
		}
		cut := rapid.IntRange(0, 3).Draw(t, "cut")
		run = run[:max(0, len(run)-cut)]
		if len(run) > 0 && rapid.IntRange(0, 3).Draw(t, "damage") == 0 {
			run[rapid.IntRange(0, len(run)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "octet")
		}
		compareNLRI(t, run, f, addPath)
	})
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func compareNLRI(t fataler, run []byte, f route.Family, addPath bool) {
	t.Helper()
	kept := nlri("9.0.0.0/8")
	want, ok := slowNLRI(run, f, addPath)
	// Exactly as long as it is, so that a load beyond the end would panic.
	got, err := decode.AppendNLRI([]route.NLRI{kept}, run[:len(run):len(run)], f, addPath)
	if (err == nil) != ok {
		t.Fatalf("%x: err %v, want ok %v", run, err, ok)
	}
	if !slices.Equal(append([]route.NLRI{kept}, want...), got) {
		t.Fatalf("%x: want %v and %v, got %v", run, kept, want, got)
	}
	// The same run inside a message, where octets stand before it.
	if f != route.IPv4 || len(run) > 4000 {
		return
	}
	var d decode.Decoder
	var u route.Update
	err = d.Message(update(nil, basic4, run), decode.Session{AS4: true, AddPath4: addPath}, &u)
	if (err == nil) != ok {
		t.Fatalf("%x in a message: err %v, want ok %v", run, err, ok)
	}
	if !slices.Equal(want, u.Announced) {
		t.Fatalf("%x in a message: want %v, got %v", run, want, u.Announced)
	}
}

func TestNLRIOfUnknownFamily(t *testing.T) {
	if _, err := decode.AppendNLRI(nil, ten8, route.Family(9), false); err == nil {
		t.Error("no error")
	}
}

func TestNLRIErrorSaysWhere(t *testing.T) {
	_, err := decode.AppendNLRI(nil, b(docs24, 33, 1), route.IPv4, false)
	var e *decode.Error
	if !errors.As(err, &e) || e.Offset != 4 {
		t.Errorf("got %v, want an error at octet 4", err)
	}
}

func FuzzNLRI(f *testing.F) {
	f.Add(docs24, false, false)
	f.Add(docs6, true, false)
	f.Add(b(0, 0, 0, 1, docs24), false, true)
	f.Add(b(0, 0, 0, 1, 128, make([]byte, 16)), true, true)
	f.Fuzz(func(t *testing.T, run []byte, v6, addPath bool) {
		family := route.IPv4
		if v6 {
			family = route.IPv6
		}
		compareNLRI(t, run, family, addPath)
	})
}
