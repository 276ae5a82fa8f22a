package processor

import (
	"testing"

	"detour/route"
)

// toldAt is one update or event of the first peer.
func toldAt(n uint64, at route.Time, kind route.Kind, flags route.Flags, ann, wd []string) route.Update {
	u := route.Update{Number: n, Engine: at, Collected: at, Kind: kind, Peer: 0, Flags: flags}
	for _, p := range ann {
		u.Announced = append(u.Announced, route.MustPrefix(p).NLRI(0))
	}
	for _, p := range wd {
		u.Withdrawn = append(u.Withdrawn, route.MustPrefix(p).NLRI(0))
	}
	if len(ann) > 0 {
		u.Path.ASNs = []route.ASN{100, 10, 1}
		u.Flags |= route.FlagHasPath
	}
	return u
}

func driven(t *testing.T, list []route.Update) *engine {
	var o told
	l := split("x", list, 1, func() bool { return true })
	return o.drive(t, Config{Shards: 1}, l[0].frames)
}

func TestADefaultRouteThatPrimingTookBackIsGone(t *testing.T) {
	const priming = route.FlagTableDump | route.FlagInitialTransfer
	at := 1000 * route.Second
	e := driven(t, []route.Update{
		toldAt(1, at, route.KindUpdate, priming, []string{"0.0.0.0/0", "10.0.0.0/8"}, nil),
		toldAt(2, at, route.KindUpdate, priming, nil, []string{"0.0.0.0/0"}),
	})
	c := e.peers[0].held[0]
	if c.routes != 1 || c.byDefault {
		t.Errorf("%+v", c)
	}
}

func TestPrefixesThatNobodyHoldsAreNotKnownForEver(t *testing.T) {
	at := 1000 * route.Second
	list := []string{"10.0.0.0/8", "11.0.0.0/16", "12.1.0.0/24"}
	e := driven(t, []route.Update{
		toldAt(1, at, route.KindUpdate, 0, list, nil),
		toldAt(2, at+route.Second, route.KindUpdate, 0, nil, list),
		toldAt(3, at+2*route.Second, route.KindPeerDown, 0, nil, nil),
		toldAt(4, at+70*24*route.Hour, route.KindUpdate, 0, []string{"13.0.0.0/8"}, nil),
		toldAt(5, at+70*24*route.Hour+route.Minute, route.KindUpdate, 0, nil, []string{"13.0.0.0/8"}),
	})
	if n := e.census.told[0][0]; n > 1 {
		t.Errorf("the census tells of %d known prefixes 70 days after they went", n)
	}
}
