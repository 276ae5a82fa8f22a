//go:build !linux

package speaker

import (
	"errors"
	"net/netip"
	"syscall"
)

func canSign(netip.Addr) error { return errors.New("TCP MD5 is supported on Linux only") }

func sign(_ syscall.RawConn, _ string, peer netip.Addr, _ string) error { return canSign(peer) }

func setTTL(syscall.RawConn, string, int) error {
	return errors.New("setting the TTL is supported on Linux only")
}
