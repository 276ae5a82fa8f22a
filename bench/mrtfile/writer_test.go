package mrtfile_test

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/bench/mrtfile"
	"detour/ingest/mrt"
	"detour/route"
)

const at = 1_561_372_326*route.Second + 123_456

func sessions() []route.Session {
	return []route.Session{
		{Peer: route.Peer{Addr: netip.MustParseAddr("192.0.2.1"), ASN: 64500, LocalASN: 64496}},
		{Peer: route.Peer{Addr: netip.MustParseAddr("198.51.100.9"), ASN: 4_200_000_001, LocalASN: 64496}},
	}
}

// told is what the reader made of a record.
type told struct {
	At        route.Time
	Peer      route.ASN
	Path      []route.ASN
	Announced []string
	Withdrawn []string
}

func read(t *testing.T, data []byte) (list []told) {
	t.Helper()
	r, err := mrt.OpenStream(bytes.NewReader(data), mrt.Options{Name: "made"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rec mrt.Record
	for {
		switch err := r.Next(&rec); {
		case errors.Is(err, io.EOF):
			if r.Report().Damaged() {
				t.Errorf("damaged: %v", r.Report())
			}
			return list
		case err != nil:
			t.Fatal(err)
		}
		one := told{At: rec.Time, Peer: rec.Peer.ASN, Path: append([]route.ASN(nil), rec.Update.Path.ASNs...)}
		for _, n := range rec.Update.Announced {
			one.Announced = append(one.Announced, n.Prefix().String())
		}
		for _, n := range rec.Update.Withdrawn {
			one.Withdrawn = append(one.Withdrawn, n.Prefix().String())
		}
		list = append(list, one)
	}
}

func TestReaderReadsUpdatesAsTheyWereWritten(t *testing.T) {
	var out bytes.Buffer
	w, s := mrtfile.NewWriter(&out), sessions()
	nlri := func(p string) route.NLRI { return route.MustPrefix(p).NLRI(0) }
	for i, u := range []route.Update{
		{
			Engine: at, Path: route.Path{ASNs: []route.ASN{64500, 396531, 701}},
			Announced: []route.NLRI{nlri("203.0.113.0/25"), nlri("0.0.0.0/0"), nlri("10.0.0.0/8")},
		},
		{Engine: at + 1, Withdrawn: []route.NLRI{nlri("203.0.113.128/25")}},
	} {
		u.Kind = route.KindUpdate
		if err := w.Update(&u, &s[i]); err != nil {
			t.Fatal(err)
		}
	}
	want := []told{
		{
			At: at, Peer: 64500, Path: []route.ASN{64500, 396531, 701},
			Announced: []string{"203.0.113.0/25", "0.0.0.0/0", "10.0.0.0/8"},
		},
		{At: at + 1, Peer: 4_200_000_001, Withdrawn: []string{"203.0.113.128/25"}},
	}
	if d := cmp.Diff(want, read(t, out.Bytes())); d != "" {
		t.Error(d)
	}
}

func TestReaderReadsATableAsItWasWritten(t *testing.T) {
	var out bytes.Buffer
	w, s := mrtfile.NewWriter(&out), sessions()
	if err := w.Peers(at, s); err != nil {
		t.Fatal(err)
	}
	routes := []mrtfile.Route{
		{Peer: 0, Session: &s[0], Path: []route.ASN{64500, 65551}},
		{Peer: 1, Session: &s[1], Path: []route.ASN{4_200_000_001, 65551}},
	}
	if err := w.Prefix(at, route.MustPrefix("198.51.100.0/22"), routes); err != nil {
		t.Fatal(err)
	}
	var want []told
	for _, r := range routes {
		want = append(want, told{
			At: at / route.Second * route.Second, Peer: r.Session.ASN, Path: r.Path, Announced: []string{"198.51.100.0/22"},
		})
	}
	if d := cmp.Diff(want, read(t, out.Bytes())); d != "" {
		t.Error(d)
	}
}

func TestWriterRefusesOtherFamilies(t *testing.T) {
	w := mrtfile.NewWriter(io.Discard)
	if err := w.Prefix(at, route.MustPrefix("2001:db8::/32"), nil); !errors.Is(err, mrtfile.ErrUnfit) {
		t.Errorf("error is %v", err)
	}
}
