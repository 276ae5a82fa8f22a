package bmp_test

import (
	"strings"
	"testing"

	"detour/ingest/bmp"
	bt "detour/ingest/bmp/bmptest"
)

// ipv6 is an UPDATE of IPv6 NLRI.
func ipv6(nlri ...byte) []byte {
	attrs := []byte{0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xfb, 0xf5, 0x80, 14, byte(5 + 16 + len(nlri)), 0, 2, 1, 16}
	attrs = append(append(append(attrs, make([]byte, 16)...), 0), nlri...)
	return bt.BGP(2, []byte{0, 0, 0, byte(len(attrs))}, attrs)
}

func TestPathIdentifiersOfIPv6ThatNobodyTellsOf(t *testing.T) {
	other := bt.Hello("r")
	with := func(asn uint32) []byte { return bt.Open(asn, bt.Family(2), bt.FourOctet(asn), bt.AddPath(2, 3)) }
	without := func(asn uint32) []byte { return bt.Open(asn, bt.Family(2), bt.FourOctet(asn)) }
	for name, c := range map[string]struct {
		open func(uint32) []byte
		nlri []byte
		want string // the end of the second line
	}{
		"told":     {with, []byte{0, 0, 0, 1, 32, 0x20, 1, 0xd, 0xb8}, "[64501] 2001:db8::/32#1 (initial)"},
		"not told": {without, []byte{0, 0, 0, 1, 32, 0x20, 1, 0xd, 0xb8}, ""},
		"none":     {without, []byte{32, 0x20, 1, 0xd, 0xb8}, "[64501] 2001:db8::/32 (initial)"},
	} {
		lines, st := serve(t, bmp.RouterConfig{}, other, peer.Up(c.open(own), c.open(theirs)), peer.Routes(ipv6(c.nlri...)))
		switch {
		case c.want == "" && len(lines) == 0 && st.Skipped["hidden-path-ids"] == 1:
		case c.want != "" && len(lines) == 3 && strings.HasSuffix(lines[1], " "+c.want):
		default:
			t.Errorf("%s: %q, skipped %v", name, lines, st.Skipped)
		}
	}
}

// TestHabitsOfRouters covers what routers write otherwise than the RFCs say.
func TestHabitsOfRouters(t *testing.T) {
	plain, withID := bt.Prefix("192.0.2.0/24"), bt.PathPrefix(1, "192.0.2.0/24")
	narrow := bt.Open(64501)
	old := peer
	old.ASN = 64501
	frr := bt.Message(bt.Initiation, bt.TLV(1, "FRRouting 8.4.4"), bt.TLV(2, "frr"))
	other := bt.Message(bt.Initiation, bt.TLV(1, "Otherwise 1.0"), bt.TLV(2, "frr"))
	paths := func(asn uint32) []byte { return bt.Open(asn, bt.FourOctet(asn), bt.AddPath(1, 3)) }
	noNextHop := bt.BGP(2, []byte{0, 0, 0, 13}, []byte{0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xfb, 0xf5}, plain)
	for name, c := range map[string]struct {
		stream [][]byte
		want   string // the end of the line of the route; empty for none
	}{
		"four octets without the A flag, of a peer that sends two": {
			[][]byte{other, old.Up(openOut, narrow), old.Routes(bt.Update(4, []uint32{64501, 64999}, plain))},
			"[64501 64999] 192.0.2.0/24 (initial)",
		},
		"two octets without the A flag, of a peer that sends two": {
			[][]byte{other, old.Up(openOut, narrow), old.Routes(bt.Update(2, []uint32{64501, 64999}, plain))},
			"[64501 64999] 192.0.2.0/24 (initial)",
		},
		"two octets without the A flag, of a peer that sends four": {
			[][]byte{other, peer.Up(openOut, openIn), peer.Routes(bt.Update(2, []uint32{64501, 64999}, plain))},
			"[] -192.0.2.0/24 (initial)", // RFC 7606
		},
		"no path to tell how wide it is": {
			[][]byte{other, old.Up(openOut, narrow), old.Routes(bt.BGP(2, []byte{0, 4}, plain, []byte{0, 0}))},
			"[] -192.0.2.0/24 (initial)",
		},
		"the router's own AS in front": {
			[][]byte{other, peer.Up(openOut, openIn), peer.Routes(bt.Update(4, []uint32{own, theirs, 64999}, plain))},
			"[4200000001 64999] 192.0.2.0/24 (initial)",
		},
		"FRR leaves path identifiers out": {
			[][]byte{frr, peer.Up(paths(own), paths(theirs)), peer.Routes(bt.Update(4, path, plain))},
			"[4200000001 64999] 192.0.2.0/24 (initial)",
		},
		"others write them": {
			[][]byte{other, peer.Up(paths(own), paths(theirs)), peer.Routes(bt.Update(4, path, withID))},
			"[4200000001 64999] 192.0.2.0/24#1 (initial)",
		},
		"a Loc-RIB without next hops": {
			[][]byte{other, locRIB.Up(openOut, openOut), locRIB.Routes(noNextHop)},
			"[64501] 192.0.2.0/24 (initial)",
		},
		"a peer without next hops": {
			[][]byte{other, peer.Up(openOut, openIn), peer.Routes(noNextHop)},
			"[] -192.0.2.0/24 (initial)", // RFC 7606
		},
		"a Loc-RIB with path identifiers that its OPENs do not tell of": {
			[][]byte{
				other, locRIB.Up(openOut, openOut), locRIB.Routes(bt.Update(4, path, plain)),
				locRIB.Routes(bt.Update(4, path, withID)), locRIB.Routes(bt.Update(4, path, plain)),
			},
			"[4200000001 64999] 192.0.2.0/24 (initial)",
		},
		"one default route": {
			[][]byte{other, peer.Up(openOut, openIn), peer.Routes(bt.Update(4, path, bt.Prefix("0.0.0.0/0"), plain))},
			"[4200000001 64999] 0.0.0.0/0 192.0.2.0/24 (initial)",
		},
	} {
		lines, st := serve(t, bmp.RouterConfig{}, c.stream...)
		if len(lines) != 3 || !strings.HasSuffix(lines[1], " "+c.want) {
			t.Errorf("%s: %q\nwant %q\n%+v", name, lines, c.want, st.Decode)
		}
	}
}
