package route

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func TestPrefixConvertsBothWays(t *testing.T) {
	for _, s := range []string{
		"0.0.0.0/0", "10.0.0.0/8", "192.0.2.1/32", "::/0", "2001:db8::/32", "2001:db8::1/128", "::ffff:0.0.0.0/96",
	} {
		if got := MustPrefix(s).String(); got != s {
			t.Errorf("%s becomes %s", s, got)
		}
	}
	if got := MustPrefix("10.1.2.3/8"); got != MustPrefix("10.0.0.0/8") {
		t.Errorf("host bits stay: %v", got)
	}
	if PrefixFrom(netip.Prefix{}) != (Prefix{}) {
		t.Error("an invalid prefix is not zero")
	}
}

func drawPrefix(t *rapid.T, name string) netip.Prefix {
	if rapid.Bool().Draw(t, name+" is v4") {
		b := [4]byte(rapid.SliceOfN(rapid.ByteRange(0, 3), 4, 4).Draw(t, name))
		return netip.PrefixFrom(netip.AddrFrom4(b), rapid.IntRange(0, 32).Draw(t, name+" bits")).Masked()
	}
	b := [16]byte(rapid.SliceOfN(rapid.ByteRange(0, 3), 16, 16).Draw(t, name))
	return netip.PrefixFrom(netip.AddrFrom16(b), rapid.IntRange(0, 128).Draw(t, name+" bits")).Masked()
}

// TestContainsIsNetip holds Contains, NLRI and Netip against net/netip.
func TestContainsIsNetip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := drawPrefix(t, "p"), drawPrefix(t, "q")
		a, b := PrefixFrom(p), PrefixFrom(q)
		want := p.Addr().Is4() == q.Addr().Is4() && p.Bits() <= q.Bits() && p.Contains(q.Addr())
		if got := a.Contains(b); got != want {
			t.Fatalf("%v contains %v: %v, want %v", p, q, got, want)
		}
		if a.Netip() != p || a.NLRI(7).Prefix() != a {
			t.Fatalf("%v does not come back", p)
		}
		if a != b && a.Less(b) == b.Less(a) || a == b && a.Less(b) {
			t.Fatalf("order of %v and %v", p, q)
		}
	})
}

func TestPublicASNs(t *testing.T) {
	for asn, want := range map[ASN]bool{
		0: false, 1: true, 23455: true, ASTrans: false, 64495: true, 64496: false, 64512: false, 65535: false,
		65536: false, 65551: false, 65552: false, 131071: false, 131072: true, 396531: true,
		4199999999: true, 4200000000: false, 4294967295: false,
	} {
		if got := asn.Public(); got != want {
			t.Errorf("AS%v public: %v, want %v", asn, got, want)
		}
	}
}

func TestResetEmptiesAndKeepsMemory(t *testing.T) {
	u := Update{Number: 7, Path: Path{ASNs: []ASN{1}}, Announced: make([]NLRI, 3, 8), Communities: []byte{1}}
	u.Reset()
	if u.Elements() != 0 || len(u.Path.ASNs) != 0 || cap(u.Announced) != 8 || u.Number != 0 || u.Communities != nil {
		t.Errorf("after Reset: %+v", u)
	}
}
