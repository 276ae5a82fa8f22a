package route_test

import (
	"testing"

	"pgregory.net/rapid"

	"detour/route"
)

func TestTimeTextIsUTCWithMicroseconds(t *testing.T) {
	for text, want := range map[string]string{
		"2019-06-24T10:32:06Z":             "2019-06-24T10:32:06.000000Z",
		"2019-06-24T12:32:06.5+02:00":      "2019-06-24T10:32:06.500000Z",
		"2019-06-24T10:32:06.123456789Z":   "2019-06-24T10:32:06.123456Z",
		"1970-01-01T00:00:00.000000Z":      "1970-01-01T00:00:00.000000Z",
		"2020-07-17T21:12:00.000001-00:00": "2020-07-17T21:12:00.000001Z",
	} {
		var got route.Time
		if err := got.UnmarshalText([]byte(text)); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if b, _ := got.MarshalText(); string(b) != want {
			t.Errorf("%s became %s, want %s", text, b, want)
		}
	}
	if err := new(route.Time).UnmarshalText([]byte("24.6.2019")); err == nil {
		t.Error("a date that is not RFC 3339 was read")
	}
}

func TestPrefixTextIsThatOfString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := route.Prefix{Family: route.IPv4, Bits: uint8(rapid.IntRange(0, 32).Draw(t, "bits4"))}
		if rapid.Bool().Draw(t, "v6") {
			p.Family, p.Bits = route.IPv6, uint8(rapid.IntRange(0, 128).Draw(t, "bits6"))
		}
		hi, lo := route.Mask(p.Bits)
		p.Hi = rapid.Uint64().Draw(t, "hi") & hi
		if p.Lo = rapid.Uint64().Draw(t, "lo") & lo; p.Family == route.IPv4 {
			p.Hi, p.Lo = p.Hi>>32<<32, 0
		}
		text, _ := p.MarshalText()
		if string(text) != p.String() {
			t.Fatalf("text %s, string %s", text, p)
		}
		var back route.Prefix
		if err := back.UnmarshalText(text); err != nil || back != p {
			t.Fatalf("%s came back as %v, %v", text, back, err)
		}
	})
}

func TestZeroPrefixIsEmptyText(t *testing.T) {
	text, _ := route.Prefix{}.MarshalText()
	if len(text) != 0 {
		t.Errorf("text %q", text)
	}
	p := route.MustPrefix("192.0.2.0/24")
	if err := p.UnmarshalText(nil); err != nil || p != (route.Prefix{}) {
		t.Errorf("empty text gave %v, %v", p, err)
	}
	if err := p.UnmarshalText([]byte("192.0.2.0/33")); err == nil {
		t.Error("a /33 of IPv4 was read")
	}
}
