//go:build linux

package speaker

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"detour/ingest/live"
)

// signs skips where the kernel knows no TCP MD5.
func signs(t *testing.T) {
	t.Helper()
	lc := net.ListenConfig{Control: func(network, _ string, c syscall.RawConn) error {
		return sign(c, network, netip.MustParseAddr(a), "x")
	}}
	l, err := lc.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if errors.Is(err, syscall.ENOPROTOOPT) || errors.Is(err, syscall.EOPNOTSUPP) {
		t.Skipf("this kernel has no TCP MD5: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
}

// TestPasswords: BIRD has the same one, or another, and either side connects.
func TestPasswords(t *testing.T) {
	signs(t)
	static := "protocol static one { ipv4; route 11.0.0.0/8 blackhole; }"
	t.Run("it connects", func(t *testing.T) {
		n := passive(a, 64501)
		n.Password = "of both"
		s, at := listening(t, n)
		bird(t, static, calls(at), `password "of both";`)
		s.taken.wait(t, a, "it holds one", holds(1))
	})
	t.Run("we connect", func(t *testing.T) {
		at := port(t, a)
		bird(t, static, waits(at), `password "of both";`)
		s := run(t, Config{Neighbors: []Neighbor{
			{Address: netip.MustParseAddr(a), ASN: 64501, Port: at, Password: "of both"},
		}})
		s.taken.wait(t, a, "it holds one", holds(1))
	})
	t.Run("over IPv6", func(t *testing.T) {
		at := port(t, "::1")
		n := passive("::1", 64501)
		n.Password = "of both"
		s := run(t, Config{Listen: fmt.Sprintf("[::1]:%d", at), Neighbors: []Neighbor{n}})
		bird(t, static, fmt.Sprintf("local ::1 as 64501; neighbor ::1 port %d as 64999;", at), `password "of both";`)
		s.taken.wait(t, "::1", "it holds one", holds(1))
	})
	t.Run("another", func(t *testing.T) {
		n := passive(a, 64501)
		n.Password = "ours"
		s, at := listening(t, n)
		d := bird(t, static, calls(at), `password "theirs";`)
		tool := find(t, "bird2", "birdc", "/usr/sbin/birdc")
		tries := func(got string) bool { return strings.Contains(got, "Connect ") }
		d.ask(tries, tool, "-s", "ctl", "show", "protocols", "peer")
		if got := s.Stats(); got.Connects != 0 || got.Ups != 0 {
			t.Errorf("%+v", got.Counters)
		}
	})
	t.Run("another, and we connect", func(t *testing.T) {
		at := port(t, a)
		bird(t, static, waits(at), `password "theirs";`)
		s := run(t, Config{Neighbors: []Neighbor{
			{Address: netip.MustParseAddr(a), ASN: 64501, Port: at, Password: "ours"},
		}})
		s.event(t, live.EventNote, "i/o timeout")
	})
}
