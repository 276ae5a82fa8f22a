package reference_test

import (
	"net/netip"
	"strings"
	"testing"

	"detour/processor/reference"
	"detour/route"
)

func TestPeersAreNamedByASNAddressOrCollector(t *testing.T) {
	peer := route.Peer{Collector: "rrc00", Addr: netip.MustParseAddr("192.0.2.1"), ASN: 64500}
	six := route.Peer{Collector: "route-views2", Addr: netip.MustParseAddr("2001:db8::1"), ASN: 4_294_967_294}
	for text, want := range map[string][2]bool{
		"64500": {true, false}, "AS64500": {true, false}, "as64500": {true, false}, "AS4294967294": {false, true},
		"192.0.2.1": {true, false}, "::ffff:192.0.2.1": {true, false}, "2001:DB8:0::1": {false, true},
		"rrc00": {true, false}, "route-views2": {false, true}, "rrc0": {false, false}, "AS": {false, false},
		"64501": {false, false}, " rrc00 ": {true, false},
	} {
		list, err := reference.ReadPeers([]string{"rrc99", text})
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]bool{list.Match(&peer), list.Match(&six)}; got != want {
			t.Errorf("%q names %v, want %v", text, got, want)
		}
	}
}

func TestPeersThatCannotBe(t *testing.T) {
	for text, want := range map[string]string{
		"": "names no peer", "4294967296": "below 2^32", "AS99999999999999999999": "below 2^32",
	} {
		if _, err := reference.ReadPeers([]string{text}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestNobodyIsNamedByAnEmptyList(t *testing.T) {
	list, err := reference.ReadPeers(nil)
	if err != nil || list.Match(&route.Peer{}) {
		t.Errorf("%v, %v", list, err)
	}
}
