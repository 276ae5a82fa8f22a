package reference

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"detour/route"
)

func readVRPText(t testing.TB, text string) *VRPs {
	t.Helper()
	v, err := ReadVRPs(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const someVRPs = `{"metadata": {"roas": 3, "deep": [[{}]]}, "roas": [
	{"prefix": "192.0.2.0/24", "maxLength": 24, "asn": 64500, "ta": "x", "expires": 1},
	{"prefix": "10.0.0.0/8", "maxLength": 16, "asn": "AS64500"},
	{"prefix": "10.1.0.0/16", "maxLength": 24, "asn": "64501"},
	{"prefix": "10.1.0.0/16", "maxLength": 16, "asn": 64502},
	{"prefix": "10.1.0.0/16", "asn": 64503},
	{"prefix": "10.2.0.0/16", "maxLength": 32, "asn": 0},
	{"prefix": "2001:db8::/32", "maxLength": 48, "asn": 64500},
	{"prefix": "2001:db8::/32", "maxLength": 48, "asn": 64500}
], "provider_authorizations": {"ipv4": []}}`

func TestValidate(t *testing.T) {
	v := readVRPText(t, someVRPs)
	if v.Len() != 7 {
		t.Errorf("%d payloads, want 7: repeats count once", v.Len())
	}
	for _, c := range []struct {
		prefix string
		origin route.ASN
		want   Validity
	}{
		{"192.0.2.0/24", 64500, Valid},
		{"192.0.2.0/24", 64501, InvalidOrigin},
		{"192.0.2.0/25", 64500, InvalidLength},
		{"192.0.2.0/25", 64501, InvalidOrigin},
		{"192.0.0.0/16", 64500, NotFound}, // what a payload lies in is not covered by it
		{"198.51.100.0/24", 64500, NotFound},
		{"10.0.0.0/8", 64500, Valid},
		{"10.3.0.0/16", 64500, Valid},
		{"10.3.0.0/17", 64500, InvalidLength},
		{"10.1.0.0/16", 64500, Valid}, // by the payload of the /8
		{"10.1.2.0/24", 64500, InvalidLength},
		{"10.1.2.0/24", 64501, Valid},
		{"10.1.2.0/25", 64501, InvalidLength},
		{"10.1.0.0/16", 64503, Valid}, // without maxLength
		{"10.1.0.0/17", 64503, InvalidLength},
		{"10.2.0.0/16", 64500, Valid},
		{"10.2.0.0/16", 64504, InvalidOrigin},
		{"10.2.0.0/16", 0, InvalidOrigin}, // AS 0 payloads make nothing valid
		{"192.0.2.0/24", 0, InvalidOrigin},
		{"198.51.100.0/24", 0, NotFound},
		{"2001:db8::/32", 64500, Valid},
		{"2001:db8:1::/48", 64500, Valid},
		{"2001:db8:1::/49", 64500, InvalidLength},
		{"2001:db9::/32", 64500, NotFound},
		{"0.0.0.0/0", 64500, NotFound},
		{"::/0", 64500, NotFound},
	} {
		if got := v.Validate(route.MustPrefix(c.prefix), c.origin); got != c.want {
			t.Errorf("Validate(%s, %d) = %s, want %s", c.prefix, c.origin, got, c.want)
		}
	}
}

func TestNothingIsFoundWithoutVRPs(t *testing.T) {
	var none *VRPs
	if got := none.Validate(route.MustPrefix("10.0.0.0/8"), 1); got != NotFound || none.Len() != 0 {
		t.Errorf("nil: %s", got)
	}
	v := readVRPText(t, `{"roas": [{"prefix": "::/0", "asn": 1}]}`)
	if got := v.Validate(route.Prefix{}, 1); got != NotFound {
		t.Errorf("the zero prefix: %s", got)
	}
	if got := readVRPText(t, `[]`).Validate(route.MustPrefix("10.0.0.0/8"), 1); got != NotFound {
		t.Errorf("an empty list: %s", got)
	}
}

func TestFormsOfVRPFiles(t *testing.T) {
	const route4 = `"prefix":"10.0.0.0/8","maxLength":16`
	for name, text := range map[string]string{
		"rpki-client":      `{"metadata":{},"roas":[{"asn":64500,` + route4 + `,"ta":"ripe","expires":1}]}`,
		"Routinator":       `{"metadata":{"vrps":1},"roas":[{"asn":"AS64500",` + route4 + `,"ta":"ripe"}]}`,
		"Routinator, more": `{"roas":[{"asn":"AS64500",` + route4 + `,"source":[{"type":"roa"}]}]}`,
		"RIPE validator 3": `{"data":[{"asn":"64500",` + route4 + `,"trustAnchor":"RIPE"}]}`,
		"array alone":      ` [{"prefix":"10.0.0.0/8","maxLength":"16","asn":"as64500"}] `,
	} {
		v := readVRPText(t, text)
		if v.Len() != 1 || v.Validate(route.MustPrefix("10.1.0.0/16"), 64500) != Valid {
			t.Errorf("%s: %d payloads", name, v.Len())
		}
	}
}

func TestVRPFileErrors(t *testing.T) {
	one := func(element string) string { return `{"roas":[{"asn":1,"prefix":"10.0.0.0/8"},` + element + `]}` }
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "unexpected EOF"},
		{"no JSON", "ASN,IP Prefix\n", "json near byte"},
		{"number", "7", "neither a JSON object nor an array"},
		{"no roas", `{"vrps":[]}`, `no array "roas" or "data"`},
		{"no array", `{"roas":7}`, `"roas" is no array`},
		{"cut", `{"roas":[{"asn":1,"prefix":"10.0.0.0/8"}`, "unexpected EOF"},
		{"tail", `[] x`, "something follows the JSON"},
		{"prefix", one(`{"asn":1,"prefix":"10.0.0.0/33"}`), "payload 2 (byte 73): prefix 10.0.0.0/33: length beyond 32"},
		{"no prefix", one(`{"asn":1}`), `"" is no prefix`},
		{"host bits", one(`{"asn":1,"prefix":"10.0.0.1/8"}`), "prefix 10.0.0.1/8 has bits beyond its length"},
		{"no asn", one(`{"prefix":"10.0.0.0/8"}`), `10.0.0.0/8: "" is no AS number`},
		{"asn", one(`{"prefix":"10.0.0.0/8","asn":-1}`), `"-1" is no AS number`},
		{"short", one(`{"asn":1,"prefix":"10.0.0.0/8","maxLength":7}`), `maxLength "7" is not between 8 and 32`},
		{"long", one(`{"asn":1,"prefix":"10.0.0.0/8","maxLength":33}`), `maxLength "33" is not between 8 and 32`},
		{"fraction", one(`{"asn":1,"prefix":"10.0.0.0/8","maxLength":8.5}`), `maxLength "8.5" is not`},
		{"type", one(`{"asn":1,"prefix":7}`), "payload 2"},
		{"element", one(`7`), "payload 2"},
		{"all", `[7,{},[]]`, "3 problems:"},
		{"many", "[" + strings.Repeat("7,", 99) + "7]", "100 problems:"},
	} {
		_, err := ReadVRPs(strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want it to hold %q", c.name, err, c.want)
		}
	}
}

// plainVRP is a payload for slowly, which is RFC 6811 §2 word by word.
type plainVRP struct {
	Prefix    netip.Prefix `json:"prefix"`
	ASN       uint32       `json:"asn"`
	MaxLength int          `json:"maxLength"`
}

func slowly(list []plainVRP, p netip.Prefix, origin uint32) Validity {
	state := NotFound
	for _, v := range list {
		if v.Prefix.Addr().BitLen() != p.Addr().BitLen() || v.Prefix.Bits() > p.Bits() ||
			!v.Prefix.Contains(p.Addr()) {
			continue
		}
		if state == NotFound {
			state = InvalidOrigin
		}
		if v.ASN != origin || origin == 0 {
			continue
		}
		if p.Bits() <= v.MaxLength {
			return Valid
		}
		state = InvalidLength
	}
	return state
}

// nearPrefixes draws prefixes that often cover each other, in both families.
func nearPrefixes() *rapid.Generator[netip.Prefix] {
	return rapid.Custom(func(t *rapid.T) netip.Prefix {
		fill := rapid.SampledFrom([]byte{0x00, 0x0a, 0x80, 0xff})
		var b [16]byte
		if rapid.Bool().Draw(t, "IPv4") {
			for i := range 4 {
				b[i] = fill.Draw(t, "byte")
			}
			bits := rapid.IntRange(0, 32).Draw(t, "bits")
			return netip.PrefixFrom(netip.AddrFrom4([4]byte(b[:4])), bits).Masked()
		}
		for i := range 16 {
			b[i] = fill.Draw(t, "byte")
		}
		if rapid.IntRange(0, 3).Draw(t, "mapped") == 0 {
			copy(b[:], "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff")
		}
		return netip.PrefixFrom(netip.AddrFrom16(b), rapid.IntRange(0, 128).Draw(t, "bits")).Masked()
	})
}

func TestValidateAgreesWithRFC6811ReadSlowly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		origin := rapid.Uint32Range(0, 3)
		prefixes := nearPrefixes()
		var list []plainVRP
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			p := prefixes.Draw(t, "prefix")
			list = append(list, plainVRP{
				Prefix:    p,
				ASN:       origin.Draw(t, "asn"),
				MaxLength: rapid.IntRange(p.Bits(), p.Addr().BitLen()).Draw(t, "maxLength"),
			})
		}
		text, err := json.Marshal(map[string]any{"roas": append([]plainVRP{}, list...)})
		if err != nil {
			t.Fatal(err)
		}
		v, err := ReadVRPs(strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		asked := []netip.Prefix{prefixes.Draw(t, "asked")}
		for _, e := range list { // the payloads themselves, and a half of each
			asked = append(asked, e.Prefix)
			if e.Prefix.Bits() < e.Prefix.Addr().BitLen() {
				asked = append(asked, netip.PrefixFrom(e.Prefix.Addr(), e.Prefix.Bits()+1))
			}
		}
		for _, p := range asked {
			o := origin.Draw(t, "origin")
			got, want := v.Validate(route.PrefixFrom(p), route.ASN(o)), slowly(list, p, o)
			if got != want {
				t.Fatalf("Validate(%s, %d) = %s, want %s", p, o, got, want)
			}
		}
	})
}

func TestValidityNames(t *testing.T) {
	got := fmt.Sprint(NotFound, Valid, InvalidOrigin, InvalidLength, Validity(9))
	if want := "not-found valid invalid-origin invalid-length unknown"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
