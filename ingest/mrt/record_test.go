package mrt

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/ingest/mrt/mrttest"
	"detour/route"
)

// readAll returns one line per record and the report.
func readAll(t testing.TB, b []byte, o Options) ([]string, *Report) {
	t.Helper()
	return drain(t, NewReader(bytes.NewReader(b), o))
}

func drain(t testing.TB, r *Reader) (lines []string, _ *Report) {
	t.Helper()
	var rec Record
	for {
		err := r.Next(&rec)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		lines = append(lines, describe(&rec))
	}
	if err := r.Next(&rec); err != io.EOF {
		t.Fatalf("Next after the end: %v, want EOF", err)
	}
	return lines, r.Report()
}

func describe(rec *Record) string {
	u := &rec.Update
	var s strings.Builder
	fmt.Fprintf(&s, "%d %s|%d", rec.Time, rec.Peer.Addr, rec.Peer.ASN)
	if rec.Local() {
		s.WriteString(" sent")
	}
	switch {
	case rec.Kind == KindState:
		fmt.Fprintf(&s, " state %d→%d kind %d", rec.OldState, rec.NewState, u.Kind)
	case u.Kind == route.KindEndOfRIB:
		s.WriteString(" end-of-rib")
	}
	if rec.Kind == KindRIB {
		fmt.Fprintf(&s, " rib %d originated %d", rec.Sequence, rec.Originated)
	}
	if len(u.Announced) > 0 {
		fmt.Fprintf(&s, " path %d", u.Path.ASNs)
	}
	ids := u.Flags&route.FlagPathIDs != 0
	for sign, ns := range [][]route.NLRI{u.Announced, u.Withdrawn} {
		for _, n := range ns {
			fmt.Fprintf(&s, " %c%s", "+-"[sign], n.Prefix())
			if ids {
				fmt.Fprintf(&s, "#%d", n.PathID)
			}
		}
	}
	return s.String()
}

func join(records ...[]byte) []byte { return bytes.Join(records, nil) }

// plainUpdate is a good record to put between others.
func plainUpdate(seconds uint32, prefix string) []byte {
	m := mrttest.Update(nil, mrttest.Attrs(true, 4200000001, 64496), mrttest.NLRI(prefix))
	return mrttest.Record(seconds, 16, 4, mrttest.IPv4Session(true).Message(m))
}

func wantPlain(seconds int, prefix string) string {
	return fmt.Sprintf("%d000000 198.51.100.7|4200000001 path [4200000001 64496] +%s", seconds, prefix)
}

func TestReaderReadsEverySubtype(t *testing.T) {
	const at = 1700000000
	s2, s4 := mrttest.IPv4Session(false), mrttest.IPv4Session(true)
	s6 := mrttest.IPv6Session(true)
	upd2 := mrttest.Update(mrttest.NLRI("10.9.0.0/16"), mrttest.Attrs(false, 64500, 64496), mrttest.NLRI("10.1.0.0/16"))
	upd4 := mrttest.Update(nil, mrttest.Attrs(true, 4200000001, 64496), mrttest.NLRI("10.1.0.0/16"))
	both := " path [64500 64496] +10.1.0.0/16 -10.9.0.0/16"
	peers := mrttest.PeerIndex(
		mrttest.Peer{Addr: s6.Peer, ASN: 64500}, mrttest.Peer{Addr: s4.Peer, ASN: 4200000001})
	entry := mrttest.Entry{Peer: 1, Originated: 77, Attrs: mrttest.Attrs(true, 4200000001, 64496)}
	tests := []struct {
		name string
		in   []byte
		want string
	}{
		{"message", mrttest.Record(at, 16, 1, s2.Message(upd2)), "1700000000000000 198.51.100.7|64500" + both},
		{
			"message local", mrttest.Record(at, 16, 6, s2.Message(upd2)),
			"1700000000000000 198.51.100.7|64500 sent" + both,
		},
		{"message as4", mrttest.Record(at, 16, 4, s4.Message(upd4)), wantPlain(at, "10.1.0.0/16")},
		{
			"message as4 local", mrttest.Record(at, 16, 7, s4.Message(upd4)),
			"1700000000000000 198.51.100.7|4200000001 sent path [4200000001 64496] +10.1.0.0/16",
		},
		{
			"microseconds", mrttest.RecordET(at, 123456, 4, s4.Message(upd4)),
			"1700000000123456 198.51.100.7|4200000001 path [4200000001 64496] +10.1.0.0/16",
		},
		{
			"ipv6 peer", mrttest.Record(at, 16, 4, s6.Message(upd4)),
			"1700000000000000 2001:db8::7|4200000001 path [4200000001 64496] +10.1.0.0/16",
		},
		{
			"end of rib", mrttest.Record(at, 16, 4, s4.Message(mrttest.Update(nil, nil, nil))),
			"1700000000000000 198.51.100.7|4200000001 end-of-rib",
		},
		{
			"peer up", mrttest.Record(at, 16, 0, s2.StateChange(5, 6)),
			"1700000000000000 198.51.100.7|64500 state 5→6 kind 1",
		},
		{
			"peer down", mrttest.RecordET(at, 5, 5, s4.StateChange(6, 1)),
			"1700000000000005 198.51.100.7|4200000001 state 6→1 kind 2",
		},
		{
			"neither up nor down", mrttest.Record(at, 16, 5, s6.StateChange(1, 3)),
			"1700000000000000 2001:db8::7|4200000001 state 1→3 kind 5",
		},
		{
			"zebra's short state change", mrttest.Record(at, 16, 0, []byte{0xfb, 0xf4, 0xfb, 0xf5, 0, 6, 0, 1}),
			"1700000000000000 0.0.0.0|64500 state 6→1 kind 2",
		},
		{
			"table dump ipv4", mrttest.Record(at, 12, 1, mrttest.TableDump(9, "10.1.0.0/16", 77,
				mrttest.Peer{Addr: s2.Peer, ASN: 64500}, mrttest.Attrs(false, 64500, 64496))),
			"1700000000000000 198.51.100.7|64500 rib 9 originated 77000000 path [64500 64496] +10.1.0.0/16",
		},
		{
			"table dump ipv6", mrttest.Record(at, 12, 2, mrttest.TableDump(9, "2001:db8::/32", 77,
				mrttest.Peer{Addr: s6.Peer, ASN: 64500}, mrttest.Attrs(false, 64500, 64496))),
			"1700000000000000 2001:db8::7|64500 rib 9 originated 77000000 path [64500 64496] +2001:db8::/32",
		},
		{
			"table dump v2", join(mrttest.Record(at, 13, 1, peers),
				mrttest.Record(at, 13, 2, mrttest.RIB(3, "10.1.0.0/16", false, entry))),
			"1700000000000000 198.51.100.7|4200000001 rib 3 originated 77000000 " +
				"path [4200000001 64496] +10.1.0.0/16",
		},
		{
			"table dump v2 ipv6", join(mrttest.Record(at, 13, 1, peers),
				mrttest.Record(at, 13, 4, mrttest.RIB(3, "2001:db8::/32", false, entry))),
			"1700000000000000 198.51.100.7|4200000001 rib 3 originated 77000000 " +
				"path [4200000001 64496] +2001:db8::/32",
		},
		{
			"own route without attributes", join(mrttest.Record(at, 13, 1, peers),
				mrttest.Record(at, 13, 2, mrttest.RIB(3, "10.1.0.0/16", false, mrttest.Entry{Peer: 0, Originated: 1}))),
			"1700000000000000 2001:db8::7|64500 rib 3 originated 1000000 path [] +10.1.0.0/16",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, report := readAll(t, tt.in, Options{})
			if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if report.Damaged() {
				t.Errorf("damaged: %+v", report)
			}
		})
	}
}

func TestReaderReadsEveryAddPathSubtype(t *testing.T) {
	var want []string
	for subtype := 8; subtype <= 11; subtype++ {
		asn, sent := "64500", ""
		if subtype == 9 || subtype == 11 {
			asn = "4200000001"
		}
		if subtype >= 10 {
			sent = " sent"
		}
		for _, at := range []string{"170000000%d000000", "170000001%d000250"} {
			v4, v6 := " 198.51.100.7|"+asn+sent, " 2001:db8::7|"+asn+sent
			want = append(want,
				fmt.Sprintf(at, 0)+v4+" path ["+asn+" 64496] +10.1.2.0/24#7 +10.1.2.0/24#8",
				fmt.Sprintf(at, 1)+v4+" -10.1.2.0/24#7",
				fmt.Sprintf(at, 2)+v6+" path ["+asn+" 64496] +2001:db8:1::/48#7 +2001:db8:1::/48#4294967295",
				fmt.Sprintf(at, 3)+v6+" -2001:db8:1::/48#4294967295")
		}
	}
	got, report := readAll(t, mrttest.AddPathUpdates(), Options{})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if report.Damaged() || report.AddPathMarked != 32 {
		t.Errorf("damaged %v, add-path records %d, want false, 32", report.Damaged(), report.AddPathMarked)
	}
}

func TestReaderReadsAddPathTables(t *testing.T) {
	const at = "1700000000000000 "
	want := []string{
		at + "198.51.100.7|4200000001 rib 0 originated 1699990000000000 path [4200000001 64496] +10.1.2.0/24#7",
		at + "198.51.100.7|4200000001 rib 0 originated 1699990001000000 path [4200000001 64496] +10.1.2.0/24#8",
		at + "2001:db8::7|64500 rib 1 originated 1699990002000000 path [64500 64496] +2001:db8:1::/48#4294967295",
	}
	got, report := readAll(t, mrttest.AddPathRIB(), Options{})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if report.Damaged() || report.AddPathMarked != 2 || report.RIBEntries != 3 {
		t.Errorf("report: %+v", report)
	}
}

func TestReaderReadsPackedTableDumps(t *testing.T) {
	peer := mrttest.Peer{Addr: mrttest.IPv4Session(false).Peer, ASN: 64500}
	attrs := mrttest.Attrs(false, 64500, 64496)
	one := mrttest.TableDumpEntry("10.1.0.0/16", 5, peer, attrs)
	two := mrttest.TableDumpEntry("10.2.0.0/16", 6, peer, attrs)
	body := join([]byte{0, 0, 0, 0}, one, two)
	record := mrttest.Record(1700000000, 12, 1, body)
	record[11] -= 4 // its length leaves view and sequence out
	got, report := readAll(t, join(record, record), Options{})
	line := "1700000000000000 198.51.100.7|64500 rib 0 originated %d000000 path [64500 64496] +10.%d.0.0/16"
	pair := []string{fmt.Sprintf(line, 5, 1), fmt.Sprintf(line, 6, 2)}
	if diff := cmp.Diff(append(pair, pair...), got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if report.Damaged() || report.Packed != 2 {
		t.Errorf("damaged %v, packed %d, want false, 2", report.Damaged(), report.Packed)
	}
}

func TestReaderCountsWhatItSkips(t *testing.T) {
	in := join(
		mrttest.Record(1700000000, 5, 7, make([]byte, 12)),
		mrttest.Record(1700000000, 12, 9, make([]byte, 12)),
		mrttest.Record(1700000000, 13, 3, make([]byte, 12)),
		mrttest.Record(1700000000, 13, 6, make([]byte, 12)),
		mrttest.Record(1700000000, 16, 2, make([]byte, 12)),
		mrttest.Record(1700000000, 4711, 4712, make([]byte, 12)),
		mrttest.Record(1700000000, 16, 4, mrttest.IPv4Session(true).Message(mrttest.BGP(4, nil))),
	)
	got, report := readAll(t, in, Options{})
	want := []TypeCount{
		{Type: 5, Subtype: 7, N: 1},
		{Type: 12, Subtype: 9, N: 1},
		{Type: 13, Subtype: 3, N: 1},
		{Type: 13, Subtype: 6, N: 1},
		{Type: 16, Subtype: 2, N: 1},
		{Type: 64, Other: true, N: 1},
	}
	if diff := cmp.Diff(want, report.Skipped()); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if len(got) > 0 || report.Damaged() || report.Records != 7 || report.OtherMessages != 1 {
		t.Errorf("records %v, report %+v", got, report)
	}
}

func TestReaderMarksMessagesThatTheCollectorSent(t *testing.T) {
	m := mrttest.Update(mrttest.NLRI("10.9.0.0/16"), nil, nil)
	in := mrttest.Record(1, 16, 7, mrttest.IPv4Session(true).Message(m))
	r := NewReader(bytes.NewReader(in), Options{Collector: "c"})
	var rec Record
	if err := r.Next(&rec); err != nil {
		t.Fatal(err)
	}
	want := route.Peer{
		Collector: "c", Addr: mrttest.IPv4Session(true).Peer, ASN: 4200000001, LocalASN: 64501,
		View: route.ViewAdjRIBOut,
	}
	if rec.Peer != want {
		t.Errorf("peer %+v, want %+v", rec.Peer, want)
	}
}
