package named

import (
	"errors"
	"slices"

	"detour/internal/scenario/chance"

	"detour/internal/scenario/topo"
	"detour/route"
)

const (
	srcBackbone = "blog.cloudflare.com, Cloudflare outage on July 17, 2020; postmortems.app"
	srcFlood    = "blog.qrator.net, The day the whole world did not walk away"
)

// backbone is 2020-07-17.
func backbone() Scenario {
	return Scenario{
		Name: "2020-07-17 Cloudflare backbone", Class: Inside, begins: utc(2020, 7, 17, 21, 12, 0),
		Story: "One line in the configuration of one router in Atlanta makes it draw the traffic of the backbone " +
			"of AS13335 to " +
			"itself. Half of the network's traffic is lost, and no path outside changes.",
		Facts: []Fact{
			{Text: "21:12 UTC the change, 21:39 the router taken out, 27 minutes; 19 cities; half of the " +
				"traffic", Source: srcBackbone},
			{Text: "Atlanta announced all its routes inside the backbone with local preference 200, against " +
				"100", Source: srcBackbone},
			{Text: "no account speaks of a path that changed, or a prefix withdrawn, outside", Source: srcBackbone},
		},
		Made:  []string{"an hour of ordinary traffic, a third of it of AS13335"},
		Churn: Churn{Rate: 100, Busy: []route.ASN{13335}, BusyPercent: 33},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "the paths between networks, which stay as they are",
				Cannot: "it was inside one network: iBGP, which no collector hears",
			},
			{
				Inputs: Inputs{RIB: true, Relations: true, Watch: true},
				Knows:  "the same, whoever watches",
				Cannot: "it was inside one network: iBGP, which no collector hears",
			},
		},
		tell: func(t *teller) error {
			t.watch(13335, route.MustPrefix("1.1.1.0/24"), route.MustPrefix("1.0.0.0/24"), route.MustPrefix("104.16.0.0/12"))
			t.out.End = t.start + route.Hour
			return nil
		},
	}
}

// neverSeen is 2021-02-19.
func neverSeen() Scenario {
	return Scenario{
		Name: "2021-02-19 never-seen prefixes", Class: Flood, begins: utc(2021, 2, 19, 9, 48, 0),
		Story: "A route optimiser's more-specifics, some 200,000 that no table had, come out with broken paths.",
		Facts: []Fact{
			{Text: "09:48 UTC, about 200,000 prefixes that were never seen, with broken paths", Source: srcFlood},
		},
		Made: []string{
			"which network; the account at hand names none, so the world's first that will do",
			"a private number between that network and the origin is what broke the path",
			"3 of the 40 peers take them; all come within 5 minutes, stay for 20 and go within 5",
		},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "200,000 new more-specifics, and across a private number nothing of who told whom",
				Cannot: "a path is not judged across a private number; memory must stay bounded",
				Most:   1,
			},
		},
		tell: tellFlood,
	}
}

// isNamed reports whether a network plays a part in any incident.
func (t *teller) isNamed(a route.ASN) bool {
	known := false
	topo.NamedLinks()(func(x, y route.ASN, _ topo.Rel) bool {
		known = x == a || y == a
		return !known
	})
	return known
}

var errNobody = errors.New("no network would do")

func tellFlood(t *teller) error {
	who := route.ASN(0)
	for _, a := range t.graph.ASNs() {
		if len(t.graph.Providers(a)) >= 2 && len(t.graph.Customers(a)) >= 5 && len(t.graph.Customers(a)) <= 20 &&
			!t.isNamed(a) && !slices.Contains(t.vps, a) {
			who = a
			break
		}
	}
	if who == 0 {
		return errNobody
	}
	t.out.May = []Want{{Kinds: []string{"leak", "hijack", "subprefix-hijack"}, Suspect: who}}
	to := t.graph.Providers(who)
	bad := through(who)
	left := floodPrefixes
	few := t.few(topo.Plan{Seeds: []topo.Seed{{At: who, Path: []route.ASN{who}, To: to}}}, who, 3)
	for _, i := range t.rng.Perm(t.Table.NumAtoms()) {
		a := t.Table.AtomAt(uint32(i))
		if a.Origin == who || slices.Contains(to, a.Origin) {
			continue
		}
		var parts []route.Prefix
		for _, p := range a.Prefixes {
			if n := min(left-len(parts), 200); n > 0 {
				parts = append(parts, t.partsOf(p, true, n)...)
			}
		}
		if left -= len(parts); len(parts) == 0 {
			continue
		}
		private := route.ASN(64600 + chance.Mix(t.seed, uint64(i))%400)
		flood := topo.Plan{Seeds: []topo.Seed{{At: who, Path: []route.ASN{who, private, a.Origin}, To: to}}}
		t.play(group{a.Origin, parts, topo.Plan{}, few},
			change{over: 5 * route.Minute, plan: flood, bad: bad},
			change{at: 25 * route.Minute, over: 5 * route.Minute, bad: bad})
		if left <= 0 {
			return nil
		}
	}
	return errNothing
}

// floodPrefixes are new ones, in a flood.
const floodPrefixes = 200_000
