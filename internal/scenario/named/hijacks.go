package named

import (
	"detour/internal/scenario"
	"detour/internal/scenario/topo"
	"detour/route"
)

const (
	srcYouTube = "a copy of the RIPE NCC case study at adisubrata.wordpress.com; hescominsoon.com; NANOG at diswww.mit.edu"
	srcRoute53 = "internetsociety.org; showipprotocols.blogspot.com"
	srcKLAY    = "manrs.org; community.nanog.org; freedom-to-tinker.com"
	srcTwitter = "kentik.com on 2022-03-28"
)

// youTube is 2008-02-24.
func youTube() Scenario {
	const by = 17557
	want := Want{Kinds: []string{"hijack", "subprefix-hijack"}, Scope: "incident", Suspect: by}
	return Scenario{
		Name: "2008-02-24 YouTube", Class: FewPrefixHijack, begins: utc(2008, 2, 24, 18, 47, 57),
		Story: "AS17557 announces 208.65.153.0/24, to keep its own country from YouTube, and AS3491 tells the " +
			"world. YouTube " +
			"answers with the same /24, then with its two /25.",
		Facts: []Fact{
			{Text: "AS36561 had 208.65.152.0/22", Source: srcYouTube},
			{Text: "18:47:57 UTC 208.65.153.0/24 as 3491 17557, and 701 3491 17557", Source: srcYouTube},
			{Text: "20:07 AS36561 announces the /24, 20:18 two /25", Source: srcYouTube},
			{Text: "20:51 as 3491 17557 17557", Source: srcYouTube},
			{Text: "21:01 AS3491 withdraws", Source: srcYouTube, Recalled: true},
		},
		Made: []string{
			"AS17557 tells AS3491 only; VRPs, of which there were none in 2008, say 208.65.152.0/22 up to /25 by AS36561",
		},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "a more-specific with another origin",
				Cannot: "one more-specific of one network by a stranger is what a new customer or a sale looks like",
			},
			{
				Inputs: Inputs{RIB: true, Watch: true},
				Knows:  "that AS36561 alone may announce it",
				Wants:  []Want{want},
			},
			{
				Inputs: Inputs{RIB: true, VRPs: true},
				Knows:  "that the RPKI forbids the new route, which all peers take",
				Wants:  []Want{want},
			},
			{
				Inputs: Inputs{Watch: true},
				Knows:  "that AS36561 alone may announce it, whatever was there before",
				Wants:  []Want{want},
			},
		},
		tell: tellYouTube,
	}
}

func tellYouTube(t *teller) error {
	const by, victim = 17557, 36561
	cover := route.MustPrefix("208.65.152.0/22")
	t.act(by)
	t.watch(victim, cover)
	t.vrps(0, scenario.VRP{Prefix: cover, MaxLength: 25, Origin: victim})
	t.touched[by], t.touched[victim] = true, true
	a, ok := t.atomOf(victim, cover)
	if !ok {
		return errNothing
	}
	bogus := topo.Seed{At: by, Path: []route.ASN{by}, To: []route.ASN{3491}}
	longer := bogus
	longer.Path = []route.ASN{by, by}
	with := func(s topo.Seed) topo.Plan {
		p := a.Plan()
		p.Seeds = append(p.Seeds, s)
		return p
	}
	bad := endsIn(by)
	t.play(group{victim, []route.Prefix{route.MustPrefix("208.65.153.0/24")}, topo.Plan{}, nil},
		change{plan: topo.Plan{Seeds: []topo.Seed{bogus}}, bad: bad},
		change{at: 79 * route.Minute, plan: with(bogus), bad: bad},
		change{at: 123 * route.Minute, plan: with(longer), bad: bad},
		change{at: 133 * route.Minute, plan: a.Plan(), bad: bad})
	t.play(group{
		victim,
		[]route.Prefix{route.MustPrefix("208.65.153.0/25"), route.MustPrefix("208.65.153.128/25")},
		topo.Plan{},
		nil,
	}, change{at: 90 * route.Minute, plan: a.Plan()})
	return nil
}

// route53 is 2018-04-24.
func route53() Scenario {
	const by = 10297
	want := Want{Kinds: []string{"hijack", "subprefix-hijack"}, Scope: "incident", Suspect: by, Share: 100}
	return Scenario{
		Name: "2018-04-24 Route 53", Class: FewPrefixHijack, begins: utc(2018, 4, 24, 11, 5, 41),
		Story: "AS10297 announces five /24 of Amazon's name servers; whoever asked them was sent to a false bank.",
		Facts: []Fact{
			{Text: "AS16509 had 205.251.192.0/23, 194.0/23, 196.0/23, 198.0/23", Source: srcRoute53},
			{Text: "bogus 205.251.192.0/24, 193, 195, 197 and 199", Source: srcRoute53},
			{Text: "11:05:41 UTC first through AS8560, 11:05:42 through AS6939; about 2 hours", Source: srcRoute53},
		},
		Made: []string{
			"VRPs, of which AS16509 had none then, say each /23 up to /24",
			"both tell everybody, and 14 of the 40 peers take it: of the hundreds in truth, about a sixth did",
		},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "five more-specifics of one network by a stranger, of which AS8560 is no neighbour of the victim",
				Wants:  []Want{want},
			},
			{
				Inputs: Inputs{RIB: true, Watch: true},
				Knows:  "that AS16509 alone may announce them",
				Wants:  []Want{want},
			},
			{
				Inputs: Inputs{RIB: true, VRPs: true},
				Knows:  "that the RPKI forbids the new routes",
				Wants:  []Want{want},
			},
		},
		tell: func(t *teller) error {
			t.act(by)
			for _, p := range []string{"205.251.192.0/23", "205.251.194.0/23", "205.251.196.0/23", "205.251.198.0/23"} {
				t.watch(16509, route.MustPrefix(p))
			}
			var list []scenario.VRP
			for _, w := range t.out.Watch {
				list = append(list, scenario.VRP{Prefix: w.Prefix, MaxLength: 24, Origin: 16509})
			}
			t.vrps(0, list...)
			t.touched[by], t.touched[16509] = true, true
			at := func(to ...route.ASN) (p topo.Plan) {
				for _, a := range to {
					p.Seeds = append(p.Seeds, topo.Seed{At: a, Path: []route.ASN{a, by}})
				}
				return p
			}
			var bogus []route.Prefix
			for _, p := range []string{"192", "193", "195", "197", "199"} {
				bogus = append(bogus, route.MustPrefix("205.251."+p+".0/24"))
			}
			few := t.few(at(8560, 6939), by, 14)
			t.play(group{16509, bogus, topo.Plan{}, few}, change{plan: at(8560), bad: endsIn(by)},
				change{at: route.Second, plan: at(8560, 6939), bad: endsIn(by)},
				change{at: 2 * route.Hour, tries: []topo.Plan{at(8560)}, bad: endsIn(by)})
			return nil
		},
	}
}

// klaySwap is 2022-02-03.
func klaySwap() Scenario {
	const by = 9457
	want := Want{Kinds: []string{"hijack", "subprefix-hijack"}, Scope: "incident", Suspect: by, Share: 100}
	return Scenario{
		Name: "2022-02-03 KLAYswap", Class: FewPrefixHijack, begins: utc(2022, 2, 3, 1, 4, 18),
		Story: "Somebody behind AS6461 announces two /24 with the number of AS9457 as their origin, which has no such " +
			"provider, to give out false programs for a currency exchange.",
		Facts: []Fact{
			{Text: "01:04:18 UTC 121.53.104.0/24, inside a /23 of AS38099", Source: srcKLAY},
			{Text: "211.249.221.0/24, inside 211.249.216.0/21 of AS7625", Source: srcKLAY},
			{Text: "paths end in 6461 9457, an edge that no other route has", Source: srcKLAY},
			{Text: "the routes of the victims come as 15412 10158", Source: srcKLAY},
		},
		Made:  []string{"both at once, for 90 minutes; VRPs, of which there were none, say the covers up to /24"},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "two more-specifics of two networks with one new origin, behind an edge never seen",
				Cannot: "two prefixes of strangers are too few without anybody who says whose they are",
			},
			{
				Inputs: Inputs{RIB: true, Watch: true},
				Knows:  "whose the prefixes are",
				Wants:  []Want{want},
			},
			{
				Inputs: Inputs{RIB: true, VRPs: true},
				Knows:  "that the RPKI forbids the new routes, which most peers take",
				Wants:  []Want{want},
			},
		},
		tell: func(t *teller) error {
			t.act(by)
			for _, v := range []struct {
				origin        route.ASN
				cover, prefix string
			}{{38099, "121.53.104.0/23", "121.53.104.0/24"}, {7625, "211.249.216.0/21", "211.249.221.0/24"}} {
				cover := route.MustPrefix(v.cover)
				t.watch(v.origin, cover)
				t.touched[v.origin] = true
				bogus := topo.Plan{Seeds: []topo.Seed{{At: by, Path: []route.ASN{by}, To: []route.ASN{6461}}}}
				t.play(group{v.origin, []route.Prefix{route.MustPrefix(v.prefix)}, topo.Plan{}, nil},
					change{plan: bogus, bad: endsIn(by)}, change{at: 90 * route.Minute, bad: endsIn(by)})
			}
			var list []scenario.VRP
			for _, w := range t.out.Watch {
				list = append(list, scenario.VRP{Prefix: w.Prefix, MaxLength: 24, Origin: w.Origin})
			}
			t.vrps(0, list...)
			t.touched[by] = true
			return nil
		},
	}
}

// twitter is 2022-03-28.
func twitter() Scenario {
	const by = 8342
	return Scenario{
		Name: "2022-03-28 Twitter", Class: FewPrefixHijack, begins: utc(2022, 3, 28, 12, 5, 0),
		Story: "AS8342 announces 104.244.42.0/24 of AS13414; a ROA keeps most of the Internet from believing it.",
		Facts: []Fact{
			{Text: "12:05 to 12:50 UTC, 104.244.42.0/24", Source: srcTwitter},
			{Text: "it spread poorly, because of the ROA", Source: srcTwitter},
		},
		Made:  []string{"told to AS12389 and AS20485; 4 of the 40 peers take it"},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, VRPs: true},
				Knows:  "that the RPKI forbids the route, at 4 peers",
				Cannot: "one prefix that the RPKI forbids counts from 10 peers on: fewer happens every day",
			},
			{
				Inputs: Inputs{RIB: true, VRPs: true, Watch: true},
				Knows:  "that AS13414 alone may announce it",
				Wants:  []Want{{Kinds: []string{"hijack"}, Scope: "incident", Suspect: by}},
			},
		},
		tell: func(t *teller) error {
			t.act(by)
			p := route.MustPrefix("104.244.42.0/24")
			t.watch(13414, p)
			t.vrps(0, scenario.VRP{Prefix: p, MaxLength: 24, Origin: 13414})
			t.touched[by] = true
			a, ok := t.atomOf(13414, p)
			if !ok {
				return errNothing
			}
			during := a.Plan()
			during.Seeds = append(during.Seeds, topo.Seed{At: by, Path: []route.ASN{by}, To: []route.ASN{12389, 20485}})
			few := t.few(during, by, 4)
			t.play(group{13414, []route.Prefix{p}, a.Plan(), few}, change{plan: during, bad: endsIn(by)},
				change{at: 45 * route.Minute, plan: a.Plan(), bad: endsIn(by)})
			return nil
		},
	}
}

// few chooses n of the peers that take a route with an AS on it.
func (t *teller) few(p topo.Plan, a route.ASN, n int) func(int, route.Prefix) bool {
	chosen := map[int]bool{}
	for peer, path := range t.paths(p) {
		if through(a)(path) && len(chosen) < n {
			chosen[peer] = true
		}
	}
	return func(peer int, _ route.Prefix) bool { return chosen[peer] }
}
