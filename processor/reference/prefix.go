package reference

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"detour/route"
)

// parsePrefix reads a prefix in the usual notation; hostBits tells that text had
// bits beyond its length, which are cleared. The error says what is wrong with
// text and quotes it.
func parsePrefix(text string) (p route.Prefix, hostBits bool, err error) {
	std, err := netip.ParsePrefix(text)
	if err != nil {
		return route.Prefix{}, false, badPrefix(text)
	}
	return route.PrefixFrom(std), std != std.Masked(), nil
}

// parseAnnounced is parsePrefix for what somebody may announce: not IPv4 in IPv6
// notation.
func parseAnnounced(text string) (p route.Prefix, hostBits bool, err error) {
	if std, err := netip.ParsePrefix(text); err == nil && std.Addr().Is4In6() {
		return route.Prefix{}, false, fmt.Errorf("prefix %s is IPv4 in IPv6 notation: write %s/%d",
			shorten(text), std.Addr().Unmap(), max(0, std.Bits()-96))
	}
	return parsePrefix(text)
}

// badPrefix explains in fewer words than net/netip what ails a prefix.
func badPrefix(text string) error {
	before, after, found := strings.Cut(text, "/")
	addr, err := netip.ParseAddr(before)
	switch {
	case err != nil || addr.Zone() != "":
		return fmt.Errorf("%s is no prefix", quote(text))
	case !found:
		return fmt.Errorf("%s has no length: write %s/%d for one address", text, text, addr.BitLen())
	}
	if n, err := strconv.ParseUint(after, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		if int(min(n, 1000)) > addr.BitLen() {
			return fmt.Errorf("prefix %s: length beyond %d", shorten(text), addr.BitLen())
		}
	}
	return fmt.Errorf("%s is no prefix: the length is wrong", quote(text))
}

// shorten keeps a message short whatever stands in the file.
func shorten(text string) string {
	const max = 60
	if len(text) > max {
		return text[:max] + "…"
	}
	return text
}
