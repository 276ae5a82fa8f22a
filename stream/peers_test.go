package stream

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/internal/natstest"
	"detour/route"
)

func manyPeers(n int) []Peer {
	list := make([]Peer, n)
	for i := range list {
		list[i] = Peer{
			Collector: "rrc00", Address: netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)}), ASN: route.ASN(i + 1),
			View: "adj-rib-in-post", State: "live", Class4: "full", Class6: "none", Routes4: i, Since: 7, Heard: 8,
		}
	}
	return list
}

// TestATableOfPeersIsToldInParts sends tables of any size and reads them back.
func TestATableOfPeersIsToldInParts(t *testing.T) {
	nc, _ := natstest.Start(t)
	sub, err := nc.SubscribeSync(PeersSubject)
	if err != nil {
		t.Fatal(err)
	}
	var r PeersReader
	for table, n := range []int{0, 1, peersInPart, peersInPart + 1, 2000, MaxPeers + 1} {
		want := &Peers{Member: "p1", Sequence: 5, Watermark: 6, Table: uint64(table), Peers: manyPeers(n)}
		if err := PublishPeers(nc, want); err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		var got *Peers
		for got == nil {
			m, err := sub.NextMsgWithContext(natstest.Context(t, time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Data) > maxPeersPart/2 {
				t.Errorf("a part has %d octets", len(m.Data))
			}
			if got, err = r.Take(m.Data); err != nil {
				t.Fatal(err)
			}
		}
		told := want.Peers[:min(n, MaxPeers)]
		if got.Total != n || got.Member != "p1" || got.Table != uint64(table) ||
			len(got.Peers) != len(told) || len(told) > 0 && !cmp.Equal(got.Peers, told, cmp.Comparer(sameAddr)) {
			t.Errorf("%d peers: total %d, read %d", n, got.Total, len(got.Peers))
		}
	}
}

func sameAddr(a, b netip.Addr) bool { return a == b }

func TestPartsOfATableThatIsNotWhole(t *testing.T) {
	part := func(member string, table uint64, n, of int) []byte {
		data, err := json.Marshal(&Peers{Member: member, Table: table, Part: n, Parts: of, Peers: manyPeers(1)})
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	var r PeersReader
	for i, step := range []struct {
		data []byte
		want int // peers of the table; 0 none
	}{
		{part("a", 1, 1, 2), 0}, // its beginning was not heard
		{part("a", 2, 0, 2), 0},
		{part("b", 9, 0, 1), 1}, // of another member, in between
		{part("a", 2, 1, 2), 2},
		{part("a", 3, 0, 3), 0},
		{part("a", 3, 2, 3), 0}, // one is missing
		{part("a", 4, 0, 2), 0},
		{part("a", 5, 1, 2), 0}, // of another table
	} {
		got, err := r.Take(step.data)
		if err != nil {
			t.Fatal(err)
		}
		if n := 0; got != nil && len(got.Peers) != step.want || got == nil && step.want != n {
			t.Errorf("step %d: %+v", i, got)
		}
	}
	for text, want := range map[string]string{
		"x":                                 "parse peers",
		`{"part":0,"parts":0}`:              "part 0 of 0",
		`{"part":-1,"parts":1}`:             "part -1",
		`{"part":0,"parts":1000}`:           "of 1000",
		strings.Repeat(" ", maxPeersPart+1): "octets",
		fmt.Sprintf(`{"part":0,"parts":1,"peers":[%s{}]}`, strings.Repeat("{},", peersInPart)): "with 513 peers",
	} {
		if _, err := r.Take([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
}
