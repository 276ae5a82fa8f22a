package node

import (
	"bytes"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"detour/internal/natstest"
	"detour/processor/correlate"
	"detour/route"
	"detour/stream"
)

// TestPeersAreTold reads the table that a processor tells of a recording.
func TestPeersAreTold(t *testing.T) {
	b := newBench(t)
	b.feed("ris")
	nc, _ := b.server.Connect(t)
	sub, err := nc.SubscribeSync(stream.PeersSubject)
	if err != nil {
		t.Fatal(err)
	}
	b.life("a", func(*Node) {
		var reader stream.PeersReader
		ctx := natstest.Context(t, time.Minute)
		for {
			m, err := sub.NextMsgWithContext(ctx)
			if err != nil {
				t.Fatal(err)
			}
			table, err := reader.Take(m.Data)
			if err != nil {
				t.Fatal(err)
			}
			if table == nil || len(table.Peers) == 0 {
				continue
			}
			p := &table.Peers[0]
			if table.Member != "a" || p.Collector != "ris" || p.Ingester != "ris" || p.View == "" || p.Class4 == "" ||
				p.State == "" || p.Heard == 0 {
				t.Errorf("%+v", p)
			}
			return
		}
	})
}

// TestTrustThatChangesIsLogged once, with who and why.
func TestTrustThatChangesIsLogged(t *testing.T) {
	var out bytes.Buffer
	n := &Node{deps: Deps{Log: slog.New(slog.NewTextHandler(&out, nil))}}
	peer := route.Peer{Collector: "rrc00", Addr: netip.MustParseAddr("192.0.2.1"), ASN: 64500}
	seen := func(state correlate.PeerState) *correlate.Coverage {
		return &correlate.Coverage{Peers: []correlate.PeerCoverage{{Peer: peer, State: state, Doubtful: 600}}}
	}
	var told toldPeers
	for i, step := range []struct {
		state correlate.PeerState
		want  string
	}{
		{correlate.StateLive, ""},
		{correlate.StateDistrusted, "shows origins of 600 prefixes that no other peer shows"},
		{correlate.StateDistrusted, ""},
		{correlate.StateDown, "distrusted no longer"},
		{correlate.StateDown, ""},
	} {
		out.Reset()
		told.log(n, seen(step.state))
		if got := out.String(); !strings.Contains(got, step.want) || (step.want == "") != (got == "") ||
			got != "" && (!strings.Contains(got, "asn=64500") || strings.Count(got, "\n") != 1) {
			t.Errorf("step %d: %q", i, got)
		}
	}
}
