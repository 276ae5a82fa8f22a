package named

import (
	"time"

	"detour/route"
)

// Sources that several facts share.
const (
	srcLevel3 = "bgpmon.net, Massive route leak causes Internet slowdown; itnews.com.au; labs.ripe.net, " +
		"More Leaky Routes"
	srcGoogle2017 = "blogs.oracle.com; gist.github.com codeout and jkldgoefgkljefogeg; a copy of bgpmon.net at " +
		"megalodon.jp"
	srcSafeHost = "manrs.org; pastebin.com 0cdxLQyb; securityweek.com"
)

func utc(y int, m time.Month, d, h, min, s int) time.Time {
	return time.Date(y, m, d, h, min, s, 0, time.UTC)
}

func leakWant(by route.ASN, to ...route.ASN) Want {
	return Want{Kinds: []string{"leak"}, Scope: "incident", Suspect: by, ExportedTo: to, Share: 90}
}

// telekomMalaysia is 2015-06-12.
func telekomMalaysia() Scenario {
	const by = 4788
	want := leakWant(by, 3549, 3356)
	return Scenario{
		Name: "2015-06-12 Telekom Malaysia", Class: ManyOriginLeak, begins: utc(2015, 6, 12, 8, 43, 0),
		Story: "AS4788 tells its provider AS3549 (of the group of AS3356) a third of the full table, and the provider, " +
			"which prefers its customers' routes, draws the traffic of a third of the Internet through it.",
		Facts: []Fact{
			{Text: "08:43 to about 10:40 UTC", Source: srcLevel3},
			{Text: "about 179,000 of the 534,000 prefixes of then, as they stood in the table", Source: srcLevel3},
			{Text: "paths hold 3549 4788 and whoever AS4788 had the route from", Source: srcLevel3},
		},
		Made: []string{
			"scaled: 15,000 prefixes of 1,500 networks, as the table is smaller",
			"all come within 2 minutes, and go within 5",
		},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "AS4788 was never between these networks and AS3549, which is its provider",
				Wants:  []Want{want},
			},
			{
				Inputs: Inputs{RIB: true},
				Knows:  "AS4788 was on the way to its customers only, and now is to thousands, from several sides",
				Wants:  []Want{want},
			},
		},
		tell: func(t *teller) error {
			t.act(by)
			return t.tellMass(mass{
				by: by, bad: through(by), seed: t.leaked(leak{by: by, to: []route.ASN{3549}}), family: route.IPv4,
				prefixes: 15_000, origins: 1_500, least: 3,
				spans: []span{{0, 117 * route.Minute, 2 * route.Minute, 5 * route.Minute}},
			})
		},
	}
}

// google2017 is 2017-08-25.
func google2017() Scenario {
	const by = 15169
	want := leakWant(by, 701)
	want.Within = 5 * route.Minute
	return Scenario{
		Name: "2017-08-25 Google", Class: ManyOriginLeak, begins: utc(2017, 8, 25, 3, 23, 19),
		Story: "AS15169 tells AS701 more-specifics of what its peers had told it, routes made for traffic engineering that " +
			"no table had seen; much of Japan's traffic goes through Google for some minutes.",
		Facts: []Fact{
			{Text: "03:23:19 to 03:34:31 at one peer: 11 minutes", Source: srcGoogle2017},
			{Text: "over 160,000 prefixes, the vast majority more-specifics that the table did not have", Source: srcGoogle2017},
			{Text: "AS2497 saw 701 15169 with 31,325 of AS4713, 10,387 of AS9121, 9,361 of AS7029, 6,868 of AS8151, 6,497 of " +
				"9264 1659, 3,335 of AS9394, 2,925 of AS3209", Source: srcGoogle2017},
			{Text: "171.5.0.0/17 of AS45629 was among them, as … 701 15169 45629", Source: srcGoogle2017},
		},
		Made: []string{
			"scaled to a hundredth: 1,600 prefixes, those of the named networks and of 60 more; AS1659 has two",
			"one in ten is in the table already; all come and go within a minute",
			"AS701 tells everybody, as it would of a customer: paths through AS5511 were seen",
		},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "AS15169 is on the way to nobody, and the file has AS701 and the others as its peers",
				Wants:  []Want{want},
			},
			{
				Inputs: Inputs{RIB: true},
				Knows:  "AS15169 was never on the way to anybody, with every route from before known",
				Wants:  []Want{want},
			},
		},
		tell: func(t *teller) error {
			t.act(by)
			return t.tellMass(mass{
				by: by, bad: through(by), seed: t.leaked(leak{by: by, to: []route.ASN{701}, open: true}), family: route.IPv4,
				prefixes: 1_600, origins: 68, parts: 90, deep: true, must: []route.Prefix{route.MustPrefix("171.5.0.0/17")},
				first: []share{
					{4713, 313}, {9121, 104}, {7029, 94}, {8151, 69}, {1659, 2}, {9394, 33}, {3209, 29}, {45629, 1},
				},
				spans: []span{{0, 11*route.Minute + 12*route.Second, 50 * route.Second, 50 * route.Second}},
			})
		},
	}
}

// safeHost is 2019-06-06.
func safeHost() Scenario {
	const by = 21217
	want := leakWant(by, 4134)
	want.LearnedFrom = []route.ASN{13237, 6830}
	return Scenario{
		Name: "2019-06-06 SafeHost", Class: ManyOriginLeak, begins: utc(2019, 6, 6, 9, 43, 0),
		Story: "AS21217, a data centre in Switzerland, tells AS4134 what it had from its other providers; Dutch, " +
			"French and Swiss mobile networks are reached through China for two hours. Its number stands six times on " +
			"the paths.",
		Facts: []Fact{
			{Text: "from 09:43 UTC for over 2 hours, over 70,000 routes", Source: srcSafeHost},
			{Text: "1,300 Dutch prefixes at 09:57, 470 of AS1136 as … 4134 21217 (six times) 13237 1136", Source: srcSafeHost},
			{Text: "64 of AS3303 as … 4134 21217 (six times) 6830 3303", Source: srcSafeHost},
			{Text: "150 of AS5410, of which 127 more-specifics", Source: srcSafeHost},
			{Text: "31.149.0.0/17, 31.149.128.0/17, 31.160.0.0/16, 31.161.0.0/16, 37.74.0.0/17, 37.74.128.0/17, " +
				"46.144.0.0/16, 46.145.0.0/16 and 46.14.128.0/17 are named", Source: srcSafeHost},
		},
		Made: []string{
			"scaled to a tenth: 7,000 prefixes of 900 networks, as many of the named ones as the table has, at most " +
				"47, 6 and 15",
			"one in ten is a more-specific; all come within 2 minutes, and go within 3",
		},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "AS21217 has no customers, and the file has AS4134, AS13237 and AS6830 as its providers",
				Wants:  []Want{want},
			},
			{
				Inputs: Inputs{RIB: true},
				Knows:  "AS21217 was never on the way to anybody, and its providers are known on the way to it",
				Wants:  []Want{want},
			},
		},
		tell: func(t *teller) error {
			t.act(by)
			return t.tellMass(mass{
				by: by, bad: through(by),
				seed: t.leaked(leak{
					by: by, from: []route.ASN{13237, 6830}, to: []route.ASN{4134}, times: 6,
					via: map[route.ASN]route.ASN{1136: 13237, 3303: 6830},
				}),
				family: route.IPv4, prefixes: 7_000, origins: 900, parts: 10, least: 3, must: []route.Prefix{
					route.MustPrefix("31.149.0.0/17"), route.MustPrefix("31.149.128.0/17"), route.MustPrefix("31.160.0.0/16"),
					route.MustPrefix("31.161.0.0/16"), route.MustPrefix("37.74.0.0/17"), route.MustPrefix("37.74.128.0/17"),
					route.MustPrefix("46.144.0.0/16"), route.MustPrefix("46.145.0.0/16"), route.MustPrefix("46.14.128.0/17"),
				},
				first: []share{{1136, 47}, {3303, 6}, {5410, 15}},
				spans: []span{{0, 125 * route.Minute, 2 * route.Minute, 3 * route.Minute}},
			})
		},
	}
}
