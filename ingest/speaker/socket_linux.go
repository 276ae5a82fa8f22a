package speaker

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// canSign says why TCP MD5 cannot be used with a peer.
func canSign(peer netip.Addr) error {
	if peer.Zone() != "" {
		return errors.New("TCP MD5 is not supported with link-local addresses")
	}
	return nil
}

// sign has a socket sign what it sends to peer, and take only what peer has signed
// (RFC 2385). On a listening socket it is called once for each peer.
func sign(c syscall.RawConn, network string, peer netip.Addr, password string) error {
	sig := unix.TCPMD5Sig{Keylen: uint16(len(password))}
	copy(sig.Key[:], password)
	if strings.HasSuffix(network, "6") {
		sig.Addr.Family = unix.AF_INET6
		a := peer.As16() // an IPv4 address is mapped
		copy(sig.Addr.Data[6:], a[:])
	} else {
		sig.Addr.Family = unix.AF_INET
		a := peer.As4()
		copy(sig.Addr.Data[2:], a[:])
	}
	return control(c, fmt.Sprintf("set the TCP MD5 password of %v", peer), func(fd int) error {
		return unix.SetsockoptTCPMD5Sig(fd, unix.IPPROTO_TCP, unix.TCP_MD5SIG, &sig)
	})
}

// setTTL sets the TTL, or hop limit, of what a socket sends.
func setTTL(c syscall.RawConn, network string, ttl int) error {
	return control(c, fmt.Sprintf("set TTL %d", ttl), func(fd int) error {
		if strings.HasSuffix(network, "6") {
			return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS, ttl)
		}
		return unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_TTL, ttl)
	})
}

func control(c syscall.RawConn, what string, set func(fd int) error) error {
	var failed error
	if err := c.Control(func(fd uintptr) { failed = set(int(fd)) }); err != nil {
		failed = err
	}
	if failed != nil {
		return fmt.Errorf("%s: %w", what, failed)
	}
	return nil
}
