package main

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/natsd"
	"detour/stream"
)

// asked runs a command on a configuration while tell is called again and again.
func asked(t *testing.T, url string, tell func() error, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "detour.yaml")
	if err := os.WriteFile(file, []byte("nats: {url: "+url+"}\nstreams: {shards: 1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stop, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for {
			if err := tell(); err != nil {
				t.Error(err)
				return
			}
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	var out, errs bytes.Buffer
	code = run(append(args, "--config", file), nil, &out, &errs)
	close(stop)
	<-over
	return code, out.String(), errs.String()
}

func TestPeersAndStatusAskTheCorrelator(t *testing.T) {
	server, err := natsd.Start(t.Context(), natsd.Config{Dir: t.TempDir(), Port: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	nc, err := server.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	peer := func(collector string, asn uint32, class string) stream.Peer {
		return stream.Peer{
			Collector: collector, ASN: 64500, Address: netip.MustParseAddr("192.0.2.1"), View: "adj-rib-in-post",
			State: "live", Class4: class, Class6: "none", Routes4: int(asn), Heard: 1_795_000_000_000_000,
		}
	}
	table := &stream.Peers{Member: "p1", Peers: []stream.Peer{peer("rrc01", 7, "full"), peer("rrc00\n", 8, "distrusted")}}
	table.Peers[1].State, table.Peers[1].Why = "distrusted", "it shows origins of 600 prefixes that no other peer shows"
	cov := &stream.Coverage{Member: "p1", State: "learning", ASNs: 8, Collectors: []stream.CollectorCoverage{
		{Collector: "rrc00", Peers: 8, Live: 8, Learning: 3, Full4: 8},
	}}
	beat := &stream.Heartbeat{Member: "p1", Role: stream.RoleProcess, Units: []stream.UnitState{
		{Unit: stream.CorrelatorUnit, Current: true}, {Unit: 0, Current: true},
	}}
	tell := func() error {
		if err := stream.PublishPeers(nc, table); err != nil {
			return err
		}
		if err := stream.PublishHeartbeat(nc, beat); err != nil {
			return err
		}
		return stream.PublishCoverage(nc, cov)
	}
	url := server.ClientURL()

	code, stdout, stderr := asked(t, url, tell, "peers")
	lines := strings.Split(stdout, "\n")
	if code != exitOK || len(lines) < 5 ||
		!strings.HasPrefix(lines[1], "rrc00_ ") || !strings.HasPrefix(lines[2], "rrc01 ") ||
		!strings.HasSuffix(lines[1], "distrusted: it shows origins of 600 prefixes that no other peer shows") ||
		!strings.Contains(stdout, "2 peers, 1 with a full feed of IPv4, 0 of IPv6") {
		t.Errorf("peers: exit %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr = asked(t, url, tell, "peers", "--json")
	var got stream.Peers
	if err := json.Unmarshal([]byte(stdout), &got); code != exitOK || err != nil || len(got.Peers) != 2 {
		t.Errorf("peers --json: exit %d, %v\n%s%s", code, err, stdout, stderr)
	}
	code, stdout, stderr = asked(t, url, tell, "status")
	if code != exitFailed || !strings.HasPrefix(stdout, "learning, 62 % of peers have a full view; not every route") &&
		!strings.HasPrefix(stdout, "learning, 62 % of peers have a full view\n") || stderr != "" {
		t.Errorf("status: exit %d\n%s%s", code, stdout, stderr)
	}
	cov.State, cov.Mature, cov.Collectors[0].Learning = "complete", true, 0
	code, stdout, stderr = asked(t, url, tell, "status")
	if code != exitOK || !strings.HasPrefix(stdout, "watching: 8 full-feed peers of IPv4, 0 of IPv6\n") {
		t.Errorf("status: exit %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr = asked(t, url, func() error { return nil }, "peers")
	if code != exitFailed || stdout != "" || !strings.Contains(stderr, "is a processor running") {
		t.Errorf("peers of nobody: exit %d\n%s%s", code, stdout, stderr)
	}
}
