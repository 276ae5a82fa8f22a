package reference

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"detour/route"
)

// FuzzRelationships holds what was read to what it says of itself: written out
// again it is the same.
func FuzzRelationships(f *testing.F) {
	f.Add([]byte(serial))
	f.Add([]byte("1|4294967295|-1\n4294967294|1|0|mlp\r\n#"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ReadRelationships(bytes.NewReader(text))
		if err != nil {
			return
		}
		var again bytes.Buffer
		n := 0
		r.Links(func(a, b route.ASN, rel Relation) bool {
			n++
			if r.Of(a, b) != rel || r.Of(b, a) != rel.inverse() || rel == Unknown {
				t.Fatalf("%d is %s to %d, and %s back", b, rel, a, r.Of(b, a))
			}
			switch rel {
			case Customer:
				again.WriteString(a.String() + "|" + b.String() + "|-1\n")
			case Provider:
				again.WriteString(b.String() + "|" + a.String() + "|-1\n")
			case Peer:
				again.WriteString(a.String() + "|" + b.String() + "|0\n")
			}
			return true
		})
		second, err := ReadRelationships(&again)
		if err != nil || n != r.Len() || second.Len() != n || second.ASes() != r.ASes() {
			t.Fatalf("%d links, %d yielded, %d read again: %v", r.Len(), n, second.Len(), err)
		}
	})
}

// FuzzVRPs asks for each payload that was read: its prefix is never unknown, and
// valid for its own AS.
func FuzzVRPs(f *testing.F) {
	f.Add([]byte(someVRPs))
	f.Add([]byte(`{"data":[{"asn":"64500","prefix":"::/0","maxLength":128}]}`))
	f.Add([]byte(`[{"prefix":"0.0.0.0/0","asn":"AS0"}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := ReadVRPs(bytes.NewReader(text))
		if err != nil {
			return
		}
		for p, node := range v.byPrefix.All() {
			asked := route.PrefixFrom(p)
			if got := v.Validate(asked, 0); got != InvalidOrigin {
				t.Fatalf("%s is %s for AS 0", p, got)
			}
			for _, e := range v.payloads[node.first : node.first+node.n] {
				if got := v.Validate(asked, e.asn); (got == Valid) != (e.asn != 0) {
					t.Fatalf("%s is %s for its own AS %d", p, got, e.asn)
				}
			}
		}
	})
}

func FuzzNames(f *testing.F) {
	f.Add([]byte(orgs2info))
	f.Add([]byte(`{"AS64500": "A", "as64501\n": "é"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		n, err := ReadNames(bytes.NewReader(text))
		if err != nil {
			return
		}
		for _, s := range n.index.slots {
			if s.asn == 0 {
				continue
			}
			if name := n.Name(s.asn); strings.ToValidUTF8(name, "") != name || len(name) > 3*maxName {
				t.Fatalf("AS%d has the name %q", s.asn, name)
			}
			if n.Org(s.asn) != "" && !n.SameOrg(s.asn, s.asn) {
				t.Fatalf("AS%d is of another organisation than itself", s.asn)
			}
		}
	})
}

func FuzzList(f *testing.F) {
	f.Add([]byte("84.205.64.0/24 # a\n2001:7fb:fe00::/48\n"))
	f.Add([]byte("AS174 # b\n701\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if l, err := ReadList(Beacons, bytes.NewReader(text)); err == nil {
			lists := (*Lists)(nil).With(l)
			for _, p := range l.Prefixes() {
				if !lists.Beacon(p) {
					t.Fatalf("%s is in the list and no beacon", p)
				}
			}
		}
		if l, err := ReadList(Tier1s, bytes.NewReader(text)); err == nil {
			lists := (*Lists)(nil).With(l)
			for _, a := range l.ASNs() {
				if !lists.Tier1(a) {
					t.Fatalf("AS%d is in the list and no tier-1", a)
				}
			}
		}
	})
}

// FuzzWatch finds each watched prefix again.
func FuzzWatch(f *testing.F) {
	text, err := os.ReadFile("testdata/prefixes.yml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("192.0.2.0/24 AS64500 # office\n- 2001:db8::/32\nAS64500\n"))
	f.Add([]byte("[10.0.0.0/8, AS1]"))
	f.Add([]byte("10.0.0.0/8: &a {asn: [1, 2]}\n10.1.0.0/16: {<<: *a, ignore: true}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		w, err := ReadWatch(bytes.NewReader(text), "w")
		if err != nil {
			if len(err.Error()) > 64<<10 {
				t.Fatalf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		for i, e := range w.Prefixes() {
			if w.Match(e.Prefix) != e || e.Line == 0 {
				t.Fatalf("Match(%s) = %v, want %v", e.Prefix, w.Match(e.Prefix), e)
			}
			if i > 0 && !w.Prefixes()[i-1].Prefix.Less(e.Prefix) {
				t.Fatalf("%s is out of order", e.Prefix)
			}
		}
		for _, e := range w.ASNs() {
			if w.ASN(e.ASN) != e {
				t.Fatalf("ASN(%d) = %v, want %v", e.ASN, w.ASN(e.ASN), e)
			}
		}
		if len(w.Ignored()) > notesKept+1 {
			t.Fatalf("%d sentences", len(w.Ignored()))
		}
	})
}

// FuzzUnpack must end, whatever stands where compressed data should.
func FuzzUnpack(f *testing.F) {
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x33\xac\x31\xaa\x31\xe0\x02\x00"))
	f.Add([]byte("BZh91AY&SY"))
	f.Add([]byte(bom + "1|2|0\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, _ = ReadList(Tier1s, bytes.NewReader(text))
	})
}
