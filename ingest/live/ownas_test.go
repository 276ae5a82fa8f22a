package live

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/route"
)

func TestARoutersOwnASInFrontOfWhatItReceivedIsTakenOff(t *testing.T) {
	ebgp := route.Peer{ASN: 64501, LocalASN: 64500}
	seq := func(counts ...uint16) (list []route.Segment) {
		for _, n := range counts {
			list = append(list, route.Segment{Type: route.ASSequence, Count: n})
		}
		return list
	}
	set := []route.Segment{{Type: route.ASSet, Count: 2}}
	for name, c := range map[string]struct {
		peer       route.Peer
		path, want route.Path
	}{
		"own, then the peer's": {ebgp, asns(64500, 64501, 64999), asns(64501, 64999)},
		"nothing behind it":    {ebgp, asns(64500, 64501), asns(64501)},
		"with segments": {
			ebgp,
			route.Path{ASNs: asns(64500, 64501, 1, 2).ASNs, Segments: seq(3, 1)},
			route.Path{ASNs: asns(64501, 1, 2).ASNs, Segments: seq(2, 1)},
		},
		"a set is no hop": {
			ebgp,
			route.Path{ASNs: asns(64500, 64501).ASNs, Segments: set},
			route.Path{ASNs: asns(64500, 64501).ASNs, Segments: set},
		},
		"the peer's in front":        {ebgp, asns(64501, 64500), asns(64501, 64500)},
		"own, then another's":        {ebgp, asns(64500, 64502), asns(64500, 64502)},
		"own alone":                  {ebgp, asns(64500), asns(64500)},
		"no path":                    {ebgp, asns(), asns()},
		"iBGP":                       {route.Peer{ASN: 64500, LocalASN: 64500}, asns(64500, 64500), asns(64500, 64500)},
		"the own AS is not known":    {route.Peer{ASN: 64501}, asns(0, 64501), asns(0, 64501)},
		"what the router has chosen": {loc(ebgp), asns(64500, 64501), asns(64500, 64501)},
	} {
		got := c.path
		trimOwnAS(&got, &c.peer)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func asns(list ...route.ASN) route.Path { return route.Path{ASNs: append([]route.ASN{}, list...)} }

func loc(p route.Peer) route.Peer {
	p.View = route.ViewLocRIB
	return p
}
