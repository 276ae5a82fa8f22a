package decode_test

import (
	"reflect"
	"testing"

	"detour/ingest/decode"
	"detour/route"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func sessionOf(bits uint8) decode.Session {
	return decode.Session{AS4: bits&1 != 0, AddPath4: bits&2 != 0, AddPath6: bits&4 != 0}
}

// FuzzMessage holds what is true of any octets at all. The header is made good,
// so that the fuzzer spends its time behind it.
func FuzzMessage(f *testing.F) {
	for _, seed := range [][]byte{
		update(nil, nil, nil),
		update(ten8, b(basic4, reach6, unreach6), docs24),
		update(nil, b(origin, attr(wellKnown, 2, seg2(2, 10, trans)), nextHop, attr(optTransitive, 7, 91, 160, 1, 2, 3, 4),
			attr(optTransitive, 17, seg4(2, 196615)), attr(optTransitive, 18, 0, 3, 0, 7, 1, 2, 3, 4)), ten8),
		update(nil, b(origin, path4), ten8),
		update(nil, b(basic4, attr(wellKnown, 1, 1), optional, 14, 9), ten8),
	} {
		f.Add(seed[19:], uint8(1))
		f.Add(seed[19:], uint8(6))
	}
	f.Fuzz(func(t *testing.T, body []byte, bits uint8) {
		if len(body) > 65535-19 {
			return
		}
		s := sessionOf(bits)
		msg := message(2, body)
		var d decode.Decoder
		var u route.Update
		err := d.Message(msg[:len(msg):len(msg)], s, &u)
		checkUpdate(t, &d, &u, len(msg), err)

		// A used Update and Decoder give the same.
		again := route.Update{Number: 9, NextHop: hop6(), Communities: msg}
		_ = d.Message(update(nil, b(basic4, reach6), b(docs24, ten8)), wide, &again)
		if e2 := d.Message(msg, s, &again); (e2 == nil) != (err == nil) {
			t.Fatalf("first %v, then %v", err, e2)
		}
		if !same(u, again) {
			t.Fatalf("a second decoding differs:\n%s", cmp.Diff(u, again, cmpopts.EquateEmpty()))
		}
	})
}

func FuzzAttributes(f *testing.F) {
	f.Add(basic4, uint8(1))
	f.Add(b(origin, path4, attr(optional, 14, 16, next6)), uint8(1))
	f.Add(b(origin, path4, reach6), uint8(1))
	f.Add(b(origin, attr(wellKnown, 2, seg2(2, 10, trans)), nextHop, attr(optTransitive, 17, seg4(2, 196615))), uint8(0))
	f.Fuzz(func(t *testing.T, attrs []byte, bits uint8) {
		var d decode.Decoder
		var u route.Update
		err := d.Attributes(attrs[:len(attrs):len(attrs)], sessionOf(bits), &u)
		checkUpdate(t, &d, &u, len(attrs), err)
		if u.Elements() != 0 {
			t.Fatal("a RIB entry gave routes")
		}
	})
}

// same is cmp.Equal with EquateEmpty, fast enough for a fuzzer.
func same(a, b route.Update) bool {
	for _, u := range []*route.Update{&a, &b} {
		u.Path.ASNs, u.Path.Segments = clip(u.Path.ASNs), clip(u.Path.Segments)
		u.Announced, u.Withdrawn = clip(u.Announced), clip(u.Withdrawn)
	}
	return reflect.DeepEqual(a, b)
}

// clip turns an empty slice into nil.
func clip[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return s
}

func checkUpdate(t *testing.T, d *decode.Decoder, u *route.Update, size int, err error) {
	t.Helper()
	if err != nil {
		if !same(route.Update{}, *u) {
			t.Fatalf("an error left something: %+v", u)
		}
		return
	}
	if n := u.Elements(); n > size {
		t.Fatalf("%d elements of %d octets", n, size)
	}
	if u.MPAnnounced > len(u.Announced) || u.MPWithdrawn > len(u.Withdrawn) {
		t.Fatal("bounds beyond the routes")
	}
	for _, list := range [][]route.NLRI{u.Announced, u.Withdrawn} {
		for _, n := range list {
			if n.Prefix() != route.PrefixFrom(n.Prefix().Netip()) {
				t.Fatalf("%v has host bits or a wrong length", n)
			}
		}
	}
	total := 0
	for i, s := range u.Path.Segments {
		total += int(s.Count)
		if i > 0 && s.Type == route.ASSequence && u.Path.Segments[i-1].Type == s.Type {
			t.Fatal("adjacent sequences are not joined")
		}
	}
	if len(u.Path.Segments) > 0 && total != len(u.Path.ASNs) ||
		len(u.Path.Segments) == 1 && u.Path.Segments[0].Type == route.ASSequence {
		t.Fatalf("segments %v do not fit %d ASNs", u.Path.Segments, len(u.Path.ASNs))
	}
	if len(u.Announced) > 0 && u.Flags&hasBasic != hasBasic {
		t.Fatal("announced without ORIGIN or AS_PATH")
	}
	if u.Flags&route.FlagTreatAsWithdraw != 0 && (len(u.Announced) > 0 || len(u.Path.ASNs) > 0) {
		t.Fatal("treated as withdraw, yet announced")
	}
	if u.Kind == route.KindEndOfRIB && (u.Elements() > 0 || d.EndOfRIB == 0) {
		t.Fatal("an End-of-RIB marker with routes or without a family")
	}
}
