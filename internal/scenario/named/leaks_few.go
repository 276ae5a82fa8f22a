package named

import (
	"slices"

	"detour/internal/scenario/chance"

	"detour/internal/scenario/topo"
	"detour/route"
)

const (
	srcMainOne = "blog.cloudflare.com, How a Nigerian ISP Accidentally Knocked Google Offline; " +
		"indigodefense.com; radar.techcabal.com"
	srcOnes  = "blog.cloudflare.com on 2024-06-27; cybersecurity-see.com; ipv4.online"
	srcCANTV = "securityonline.info; platformengineeringplaybook.com"
	srcMiami = "thecyberedition.com; lemon-web.net"
	srcOpenX = "radar.qrator.net on 2020-04-22"
)

// mainOne is 2018-11-12.
func mainOne() Scenario {
	const by = 37282
	want := leakWant(by, 4809)
	want.LearnedFrom = []route.ASN{15169}
	return Scenario{
		Name: "2018-11-12 MainOne", Class: FewOriginLeak, begins: utc(2018, 11, 12, 21, 12, 0),
		Story: "AS37282 tells its provider AS4809 what its peer AS15169 told it; Google is reached through Nigeria " +
			"and China, " +
			"in five waves.",
		Facts: []Fact{
			{Text: "21:12 or 21:13 to about 22:35 UTC", Source: srcMainOne},
			{Text: "212 prefixes of AS15169, in five waves over 74 minutes", Source: srcMainOne},
			{Text: "paths hold 4809 37282 15169, and on through AS20485 and AS2914", Source: srcMainOne},
			{Text: "some of AS13335 were among them", Source: srcMainOne},
		},
		Made: []string{
			"the table has some 100 prefixes of AS15169; parts of these are put into it, so that 212 can leak",
			"20 prefixes of AS13335; each wave lasts 10 minutes and 6 pass between two",
		},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "two origins only, but the file has AS4809 above and AS15169 beside AS37282: rule for small groups",
				Wants:  []Want{want},
			},
			{
				Inputs: Inputs{RIB: true},
				Knows:  "two networks took a way through AS37282 that they never took",
				Cannot: "without relationships two origins that take a new provider look the same",
			},
		},
		tell: tellMainOne,
	}
}

func tellMainOne(t *teller) error {
	const by = 37282
	t.act(by)
	var spans []span
	for i := range route.Time(5) {
		from := i * 16 * route.Minute
		spans = append(spans, span{from, from + 10*route.Minute, 20 * route.Second, 30 * route.Second})
	}
	seed := t.leaked(leak{by: by, to: []route.ASN{4809}})
	if err := t.tellMass(mass{
		by: by, bad: through(by), seed: seed, prefixes: 20, origins: 1, first: []share{{13335, 20}},
		family: route.IPv4, least: 3, spans: spans,
	}); err != nil {
		return err
	}
	// What the table has of AS15169 and, announced like it, parts of that.
	left := 212
	for _, a := range t.Table.Atoms(15169) {
		s, ok := seed(a)
		if !ok {
			continue
		}
		list := slices.Clone(a.Prefixes)
		for _, p := range a.Prefixes {
			more := t.partsOf(p, true, 4)
			t.prime(a.Plan(), more...)
			list = append(list, more...)
		}
		list = list[:min(left, len(list))]
		left -= len(list)
		t.comeAndGo(unit{atom: a, seed: s, prefixes: list}, through(by), nil, spans)
	}
	return nil
}

// quadOne is 2024-06-27.
func quadOne() Scenario {
	const hijacker, leaker = 267613, 262504
	whole, host := route.MustPrefix("1.1.1.0/24"), route.MustPrefix("1.1.1.1/32")
	return Scenario{
		Name: "2024-06-27 1.1.1.1", Class: FewOriginLeak, begins: utc(2024, 6, 27, 18, 51, 0),
		Story: "AS267613 announces 1.1.1.1/32 as its own, and a minute later AS262504 tells AS1031 of 1.1.1.0/24, which it " +
			"had from AS267613. Two things at once that happen to one address.",
		Facts: []Fact{
			{Text: "18:51 UTC 1.1.1.1/32 by AS267613", Source: srcOnes},
			{Text: "18:52 1.1.1.0/24 leaked by AS262504 to AS1031", Source: srcOnes},
			{Text: "20:08 AS13335 cut its peering; the leak lasted over 8 hours; 300 networks in 70 countries", Source: srcOnes},
			{Text: "path 1031 262504 267613 13335", Source: "recalled", Recalled: true},
		},
		Made: []string{
			"7 of the 40 peers take the /32, as most filter that length",
			"all ends at 20:08, when the peering was cut: 77 minutes instead of over 8 hours",
		},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "one prefix through a valley, and a /32, which only blackholes have",
				Cannot: "one prefix is too little for a leak that nobody watches, and a /32 is taken for a blackhole",
			},
			{
				Inputs: Inputs{RIB: true, Relations: true, Watch: true},
				Knows:  "whose 1.1.1.0/24 is, and that AS262504 was never on the way to it",
				Wants: []Want{
					{Kinds: []string{"hijack", "subprefix-hijack"}, Suspect: hijacker, Prefix: &host},
					{Kinds: []string{"leak", "unexpected-transit"}, Suspect: leaker, Prefix: &whole},
				},
			},
		},
		tell: func(t *teller) error {
			t.act(leaker, hijacker)
			t.watch(13335, whole)
			end := 77 * route.Minute
			some := func(peer int, _ route.Prefix) bool { return chance.Mix(t.seed, uint64(peer), 5)%40 < 7 }
			own := topo.Plan{Seeds: []topo.Seed{{At: hijacker, Path: []route.ASN{hijacker}}}}
			t.touched[leaker], t.touched[hijacker] = true, true
			t.play(group{hijacker, []route.Prefix{host}, topo.Plan{}, some},
				change{plan: own, bad: endsIn(hijacker)}, change{at: end})
			a, ok := t.atomOf(13335, whole)
			if !ok {
				return errNothing
			}
			during := a.Plan()
			during.Seeds = append(during.Seeds, topo.Seed{
				At: leaker, Path: []route.ASN{leaker, hijacker, 13335}, To: []route.ASN{1031},
			})
			t.play(group{13335, []route.Prefix{whole}, a.Plan(), nil},
				change{at: route.Minute, plan: during, bad: through(leaker)}, change{at: end, plan: a.Plan()})
			return nil
		},
	}
}

// cantv is 2026-01-02.
func cantv() Scenario {
	const by = 8048
	want := Want{Kinds: []string{"leak", "unexpected-transit"}, Suspect: by}
	return Scenario{
		Name: "2026-01-02 CANTV", Class: FewOriginLeak, begins: utc(2026, 1, 2, 15, 30, 0),
		Story: "AS8048 tells its provider AS52320 of eight prefixes of a customer of its provider AS6762, with its " +
			"own number " +
			"ten times on the path, as it had done before.",
		Facts: []Fact{
			{Text: "8 prefixes in 200.74.224.0/20, AS8048 prepended ten times, between AS6762 and AS52320", Source: srcCANTV},
			{Text: "eleven like it since December 2025", Source: srcCANTV},
		},
		Made:  []string{"the hour; 12 minutes; the prefixes are the eight /23, of AS21980"},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "eight prefixes of one network through a valley",
				Cannot: "eight prefixes are too few for the rule for small groups, which asks for 20",
			},
			{
				Inputs: Inputs{RIB: true, Relations: true, Watch: true},
				Knows:  "AS8048 was never on the way to the watched prefixes, and the paths are longer",
				Wants:  []Want{want},
			},
		},
		tell: func(t *teller) error {
			t.act(by)
			for _, a := range t.Table.Atoms(21980) {
				t.watch(21980, a.Prefixes...)
			}
			return t.tellMass(mass{
				by: by, bad: through(by), seed: t.leaked(leak{by: by, from: []route.ASN{6762}, to: []route.ASN{52320}, times: 11}),
				family: route.IPv4, prefixes: 8, origins: 1, first: []share{{21980, 8}},
				spans: []span{{0, 12 * route.Minute, 10 * route.Second, 10 * route.Second}},
			})
		},
	}
}

// openX is 2020-04-22.
func openX() Scenario {
	const by = 263444
	return Scenario{
		Name: "2020-04-22 Open X", Class: ManyOriginLeak, begins: utc(2020, 4, 22, 1, 25, 0),
		Story: "AS263444 leaks the more-specifics of its route optimiser; few take them.",
		Facts: []Fact{
			{Text: "01:25 to 01:47 UTC, 9,328 prefixes of 1,250 networks", Source: srcOpenX},
			{Text: "seen by 2 to 176 sessions, 21 on average", Source: srcOpenX},
			{Text: "820 of AS855, 269 of AS1541, 250 of AS37963, 225 of AS20940", Source: srcOpenX},
		},
		Made: []string{
			"scaled to a twentieth: 466 prefixes of 63 networks, of which 437 are taken by any; 1 to 10 of " +
				"the 40 peers take a prefix, 2.5 on average",
			"the optimiser learned from AS6762, and AS3549 was told; AS1541 has nothing to take parts of",
		},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "AS263444 is between its two providers on new routes to 125 networks, at few peers each",
				Wants:  []Want{{Kinds: []string{"leak"}, Scope: "incident", Suspect: by, ExportedTo: []route.ASN{3549}, Share: 80}},
			},
		},
		tell: func(t *teller) error {
			t.act(by)
			return t.tellMass(mass{
				by: by, bad: through(by), family: route.IPv4,
				seed:     t.leaked(leak{by: by, via: map[route.ASN]route.ASN{0: 6762}, to: []route.ASN{3549}}),
				prefixes: 466, origins: 63, parts: 100, deep: true,
				first: []share{{855, 41}, {37963, 12}, {20940, 11}},
				hears: func(peer int, p route.Prefix) bool {
					most := 1 + 9*(chance.Mix(t.seed, p.Hi, uint64(p.Bits), 6)%100)*(chance.Mix(t.seed, p.Hi, 7)%100)*3/40_000
					return (chance.Mix(t.seed, p.Hi, 8)+7*uint64(peer))%worldPeers < most
				},
				spans: []span{{0, 21 * route.Minute, 90 * route.Second, 60 * route.Second}},
			})
		},
	}
}

// miami is 2026-01-22.
func miami() Scenario {
	const by = 13335
	want := leakWant(by)
	return Scenario{
		Name: "2026-01-22 Cloudflare Miami", Class: ManyOriginLeak, begins: utc(2026, 1, 22, 20, 25, 0), IPv6: true,
		Story: "A change of configuration in Miami makes AS13335 tell providers and peers what others had told it, " +
			"IPv6 only.",
		Facts: []Fact{
			{Text: "20:25 UTC for 25 minutes, IPv6 only", Source: srcMiami},
			{Text: "routes of peers and providers went to peers and providers (types 3 and 4 of RFC 7908)", Source: srcMiami},
			{Text: "the change was merged at 19:52", Source: srcMiami},
		},
		Made:  []string{"600 prefixes of 200 networks, learned from any neighbour, told to AS174 and AS3257"},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "AS13335 is on the way to nobody, and the file has its providers and peers",
				Wants:  []Want{want},
			},
			{
				Inputs: Inputs{RIB: true},
				Knows:  "AS13335 was never on the way to anybody, with every route from before known",
				Wants:  []Want{want},
			},
		},
		tell: func(t *teller) error {
			t.act(by)
			return t.tellMass(mass{
				by: by, bad: through(by), seed: t.leaked(leak{by: by, to: []route.ASN{174, 3257}}), family: route.IPv6,
				prefixes: 600, origins: 200, least: 2,
				spans: []span{{0, 25 * route.Minute, 30 * route.Second, 60 * route.Second}},
			})
		},
	}
}
