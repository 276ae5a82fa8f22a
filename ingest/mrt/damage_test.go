package mrt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/ingest/mrt/mrttest"
)

const at = 1700000000

func TestReaderGoesOnAfterDamage(t *testing.T) {
	a, b, c := plainUpdate(at, "10.1.0.0/16"), plainUpdate(at+1, "10.2.0.0/16"), plainUpdate(at+2, "10.3.0.0/16")
	wa, wb, wc := wantPlain(at, "10.1.0.0/16"), wantPlain(at+1, "10.2.0.0/16"), wantPlain(at+2, "10.3.0.0/16")
	length := func(n uint32) []byte {
		x := bytes.Clone(b)
		binary.BigEndian.PutUint32(x[8:], n)
		return x
	}
	flip := func(place int, to byte) []byte {
		x := bytes.Clone(b)
		x[place] = to
		return x
	}
	size := uint32(len(b) - headerLen)
	tests := []struct {
		name    string
		in      []byte
		want    []string
		bad     Reason
		resyncs uint64
		tail    int64
	}{
		{"length of 2 GiB", join(a, length(1<<31-1), c), []string{wa, wc}, ReasonLength, 1, 0},
		{"length too long by 7", join(a, length(size+7), c), []string{wa, wb, wc}, ReasonTrailing, 1, 0},
		{
			"length takes the next record in", join(a, length(size+uint32(len(c))), c),
			[]string{wa, wb, wc},
			ReasonTrailing, 1, 0,
		},
		{"length too short", join(a, length(size-3), c), []string{wa, wc}, ReasonMessage, 1, 0},
		{"length zero", join(a, length(0), c), []string{wa, wc}, ReasonShort, 1, 0},
		{"length past the end", join(a, length(60000), c), []string{wa, wc}, ReasonCut, 1, 0},
		{"type that no file holds", join(a, flip(4, 0x99), c), []string{wa, wc}, reasonNone, 0, 0},
		{
			"rubbish between records", join(a, []byte("rubbish, more rubbish, and then some"), c),
			[]string{wa, wc},
			ReasonLength, 1, 0,
		},
		{"marker", join(a, flip(headerLen+20+3, 0), c), []string{wa, wc}, ReasonMessage, 0, 0},
		{"address family", join(a, flip(headerLen+11, 9), c), []string{wa, wc}, ReasonFamily, 0, 0},
		{"cut in the last record", join(a, b, c[:len(c)-5]), []string{wa, wb}, reasonNone, 0, int64(len(c) - 5)},
		{"cut in the last header", join(a, b, c[:7]), []string{wa, wb}, reasonNone, 0, 7},
		{"nothing but rubbish", []byte(strings.Repeat("rubbish!", 40)), nil, ReasonLength, 0, 320},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, report := readAll(t, tt.in, Options{})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if tt.bad != reasonNone && report.Bad[tt.bad].N == 0 {
				t.Errorf("no %v counted: %v", tt.bad, report.Bad)
			}
			if report.Resyncs.N != tt.resyncs || report.TailBytes != tt.tail {
				t.Errorf("resyncs %d, tail %d; want %d, %d", report.Resyncs.N, report.TailBytes, tt.resyncs, tt.tail)
			}
			skippedOnly := tt.bad == reasonNone && tt.resyncs == 0 && tt.tail == 0
			if report.Damaged() == skippedOnly {
				t.Errorf("damaged %v", report.Damaged())
			}
		})
	}
}

func TestReaderGoesOnAfterDamagedTables(t *testing.T) {
	peers := mrttest.Record(at, 13, 1, mrttest.PeerIndex(mrttest.Peer{Addr: mrttest.IPv4Session(true).Peer, ASN: 1}))
	entry := mrttest.Entry{Attrs: mrttest.Attrs(true, 1, 64496)}
	rib := func(p string, e ...mrttest.Entry) []byte {
		return mrttest.Record(at, 13, 2, mrttest.RIB(0, p, false, e...))
	}
	good := rib("10.1.0.0/16", entry)
	bad := func(place int, to byte) []byte {
		x := rib("10.2.0.0/16", entry, entry)
		x[headerLen+place] = to
		return x
	}
	const line = "1700000000000000 198.51.100.7|1 rib 0 originated 0 path [1 64496] +10.%.0.0/16"
	one, two := strings.Replace(line, "%", "1", 1), strings.Replace(line, "%", "2", 1)
	tests := []struct {
		name    string
		in      []byte
		want    []string
		bad     Reason
		resyncs uint64
	}{
		{"no peer index table", join(good), nil, ReasonNoPeerIndex, 0},
		{"peer index out of range", join(peers, bad(9, 7), good), []string{two, one}, ReasonPeerIndex, 0},
		{"prefix too long", join(peers, bad(4, 33), good), []string{one}, ReasonPrefix, 0},
		{"entry longer than the record", join(peers, bad(15, 200), good), []string{one}, ReasonEntry, 0},
		{"fewer entries than said", join(peers, bad(8, 3), good), []string{two, two, one}, ReasonEntry, 0},
		{"more entries than said", join(peers, bad(8, 1), good), []string{two, one}, ReasonTrailing, 0},
		{"attribute of an entry", join(peers, bad(17, 0xff), good), []string{two, one}, reasonNone, 0},
		{
			"peer index table cut", join(peers, mrttest.Record(at, 13, 1, []byte{1, 2, 3, 4, 0, 0, 0, 9}), good),
			[]string{one},
			ReasonShort, 0,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, report := readAll(t, tt.in, Options{})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if tt.bad != reasonNone && report.Bad[tt.bad].N != 1 {
				t.Errorf("%v counted %d times, want 1: %v", tt.bad, report.Bad[tt.bad].N, report.Bad)
			}
			if !report.Damaged() || report.Resyncs.N != tt.resyncs {
				t.Errorf("damaged %v, resyncs %d", report.Damaged(), report.Resyncs.N)
			}
		})
	}
}

func TestReaderRefusesUnmarkedAddPath(t *testing.T) {
	for _, ids := range [][2]uint32{{1, 2}, {7, 8}, {0x010203, 0x010204}, {0x08000001, 0x08000002}} {
		nlri := join(mrttest.NLRIWithID(ids[0], "10.1.2.0/24"), mrttest.NLRIWithID(ids[1], "10.1.3.0/24"))
		m := mrttest.Update(nil, mrttest.Attrs(true, 4200000001, 64496), nlri)
		bad := mrttest.Record(at, 16, 4, mrttest.IPv4Session(true).Message(m))
		var held []Bad
		got, report := readAll(t, join(bad, plainUpdate(at, "10.1.0.0/16")), Options{
			Quarantine: func(b Bad) { held = append(held, b) },
		})
		if diff := cmp.Diff([]string{wantPlain(at, "10.1.0.0/16")}, got); diff != "" {
			t.Errorf("ids %x: records (-want +got):\n%s", ids, diff)
		}
		if report.AddPathUnmarked() != 1 || !report.Damaged() {
			t.Errorf("ids %x: unmarked %d, damaged %v", ids, report.AddPathUnmarked(), report.Damaged())
		}
		if len(held) != 1 || held[0].Reason != ReasonAddPath || held[0].Subtype != 4 {
			t.Errorf("ids %x: quarantined %+v", ids, held)
		}
	}
}

func TestReaderKeepsADefaultRouteAmongOthers(t *testing.T) {
	nlri := mrttest.NLRI("0.0.0.0/0", "10.1.0.0/16", "128.0.0.0/1")
	m := mrttest.Update(nil, mrttest.Attrs(true, 4200000001, 64496), nlri)
	got, report := readAll(t, mrttest.Record(at, 16, 4, mrttest.IPv4Session(true).Message(m)), Options{})
	want := []string{wantPlain(at, "0.0.0.0/0 +10.1.0.0/16 +128.0.0.0/1")}
	if diff := cmp.Diff(want, got); diff != "" || report.Damaged() {
		t.Errorf("damaged %v, records (-want +got):\n%s", report.Damaged(), diff)
	}
}

func TestReaderNeverTurnsBadMessagesIntoWithdrawals(t *testing.T) {
	m := mrttest.Update(mrttest.NLRI("10.1.0.0/16"), mrttest.Attrs(true, 1, 2), []byte{33, 1, 2, 3, 4, 5})
	got, report := readAll(t, mrttest.Record(at, 16, 4, mrttest.IPv4Session(true).Message(m)), Options{})
	if len(got) != 0 || report.Withdrawn != 0 || report.BadRecords() != 1 {
		t.Errorf("records %v, withdrawn %d, bad %d", got, report.Withdrawn, report.BadRecords())
	}
}

func TestReaderMemoryFollowsBytesNotLengths(t *testing.T) {
	h := mrttest.Record(at, 13, 2, nil)
	binary.BigEndian.PutUint32(h[8:], maxRIBBody)
	r := NewReader(bytes.NewReader(join(h, make([]byte, 1000))), Options{})
	var rec Record
	for r.Next(&rec) == nil {
	}
	if len(r.w.buf) > readSize {
		t.Errorf("buffer of %d bytes for 1012 bytes of input", len(r.w.buf))
	}
	if r.Report().TailBytes != 1012 {
		t.Errorf("tail %d, want 1012", r.Report().TailBytes)
	}
}

func TestReaderReadsTheLargestRIBRecord(t *testing.T) {
	attrs := append(mrttest.Attrs(true, 1, 64496), 0xd0, 99, 0xfd, 0x00)
	attrs = append(attrs, make([]byte, 0xfd00)...)
	var entries []mrttest.Entry
	for range 250 {
		entries = append(entries, mrttest.Entry{Attrs: attrs})
	}
	in := join(
		mrttest.Record(at, 13, 1, mrttest.PeerIndex(mrttest.Peer{Addr: mrttest.IPv4Session(true).Peer, ASN: 1})),
		mrttest.Record(at, 13, 2, mrttest.RIB(0, "10.1.0.0/16", false, entries...)),
		plainUpdate(at, "10.1.0.0/16"))
	r := NewReader(bytes.NewReader(in), Options{})
	got, report := drain(t, r)
	if len(got) != 251 || report.Damaged() {
		t.Errorf("%d records, damaged %v", len(got), report.Damaged())
	}
	if len(r.w.buf) > maxRIBBody+1<<20 {
		t.Errorf("buffer of %d bytes", len(r.w.buf))
	}
}

type failing struct{ after []byte }

var errBroken = errors.New("disk on fire")

func (f *failing) Read(p []byte) (int, error) {
	if len(f.after) == 0 {
		return 0, errBroken
	}
	n := copy(p, f.after)
	f.after = f.after[n:]
	return n, nil
}

func TestReaderReturnsInputTroubleAfterWhatWasRead(t *testing.T) {
	a := plainUpdate(at, "10.1.0.0/16")
	r := NewReader(&failing{after: join(a, a[:20])}, Options{Name: "f"})
	var rec Record
	if err := r.Next(&rec); err != nil {
		t.Fatalf("first record: %v", err)
	}
	for range 2 {
		if err := r.Next(&rec); !errors.Is(err, errBroken) {
			t.Fatalf("got %v, want %v", err, errBroken)
		}
	}
}
