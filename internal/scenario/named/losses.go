package named

import (
	"slices"

	"detour/internal/scenario/chance"

	"detour/internal/scenario"
	"detour/internal/scenario/topo"
	"detour/route"
)

const (
	srcFacebook = "krebsonsecurity.com quoted at thunderpigblog; a copy of Wikipedia at vuink.com; blog.cdemi.io"
	srcOnes2025 = "thousandeyes.com; searchmytool.com"
	srcOrange   = "altusintel.com; meterpreter.org"
)

func lossWant(origin route.ASN) Want {
	return Want{Kinds: []string{"visibility-loss"}, Scope: "incident", Origin: origin}
}

// lose tells how a network stops announcing some of its prefixes, and what peers
// try on the way.
func (t *teller) lose(origin route.ASN, prefixes []route.Prefix, back route.Time) {
	for _, a := range t.Table.Atoms(origin) {
		var own []route.Prefix
		for _, p := range prefixes {
			if slices.Contains(a.Prefixes, p) {
				own = append(own, p)
			}
		}
		if len(own) == 0 {
			continue
		}
		t.play(group{origin, own, a.Plan(), nil},
			change{tries: t.dying(a), bad: gone, over: 20 * route.Second, slow: t.converging},
			change{at: back, plan: a.Plan(), over: 40 * route.Second})
	}
}

// dying are the states of the world in which fewer and fewer of an origin's
// links still tell of it.
func (t *teller) dying(a topo.Atom) (tries []topo.Plan) {
	var links [][2]route.ASN
	for r := range topo.Customer + 1 {
		for _, b := range t.graph.Near(a.Origin, r) {
			links = append(links, [2]route.ASN{a.Origin, b})
		}
	}
	slices.SortStableFunc(links, func(x, y [2]route.ASN) int {
		return int(chance.Mix(t.seed, uint64(x[1]))%1000) - int(chance.Mix(t.seed, uint64(y[1]))%1000)
	})
	for _, share := range []int{2, 4} {
		plan := a.Plan()
		plan.Cut = links[:len(links)-len(links)/share]
		tries = append(tries, plan)
	}
	return tries
}

// converging is a further delay: none for most peers, up to eight minutes for
// one in six.
func (t *teller) converging(peer int) route.Time {
	if h := chance.Mix(t.seed, uint64(peer), 9); h%6 == 0 {
		return chance.Between(h>>8, 30*route.Second, 8*route.Minute)
	}
	return 0
}

// facebook is 2021-10-04.
func facebook() Scenario {
	const origin = 32934
	return Scenario{
		Name: "2021-10-04 Facebook", Class: Loss, begins: utc(2021, 10, 4, 15, 39, 30),
		Story: "A command cuts the backbone of AS32934, whose name servers then stop announcing their prefixes; the world " +
			"tries every longer way before it gives up.",
		Facts: []Fact{
			{Text: "15:39 or 15:40 UTC, about 10 minutes until the last peer had given up", Source: srcFacebook},
			{Text: "routes back about 20:50", Source: srcFacebook},
			{Text: "129.134.30.0/24, 129.134.31.0/24, 185.89.218.0/24, 185.89.219.0/24", Source: "recalled", Recalled: true},
		},
		Made:  []string{"which longer ways are tried; the other prefixes of AS32934 stay"},
		Churn: Churn{Rate: 20},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "that four of some thirty prefixes of AS32934 are gone",
				Cannot: "prefixes go every day; an origin counts when most of what it has goes",
			},
			{
				Inputs: Inputs{RIB: true, Watch: true},
				Knows:  "that the watched prefixes are gone at all peers, and no session fell",
				Wants:  []Want{lossWant(origin)},
			},
		},
		tell: func(t *teller) error {
			list := []route.Prefix{
				route.MustPrefix("129.134.30.0/24"), route.MustPrefix("129.134.31.0/24"),
				route.MustPrefix("185.89.218.0/24"), route.MustPrefix("185.89.219.0/24"),
			}
			t.watch(origin, list...)
			t.lose(origin, list, 311*route.Minute)
			return nil
		},
	}
}

// facebookWhole asks what would have been said if all of it had gone.
func facebookWhole() Scenario {
	const origin = 32934
	s := facebook()
	s.Name = "2021-10-04 Facebook, had all of it gone"
	s.Made = []string{"that all prefixes of AS32934 go, for 40 minutes: not what happened, but the other rule for losses"}
	s.Views = []View{
		{
			Inputs: Inputs{RIB: true},
			Knows:  "that all prefixes of AS32934 are gone at all peers, and no session fell",
			Wants:  []Want{lossWant(origin)},
		},
	}
	s.tell = func(t *teller) error {
		t.lose(origin, t.Table.Prefixes(origin), 40*route.Minute)
		return nil
	}
	return s
}

// quadOneLost is 2025-07-14.
func quadOneLost() Scenario {
	const origin, other = 13335, 4755
	want := lossWant(origin)
	want.Tag = "consequential"
	return Scenario{
		Name: "2025-07-14 1.1.1.1", Class: Loss, begins: utc(2025, 7, 14, 21, 52, 0), IPv6: true,
		Story: "AS13335 withdraws its resolver's prefixes by mistake. Once they are gone, an announcement of 1.1.1.0/24 by " +
			"AS4755 shows, which had been hidden: a consequence, not the cause.",
		Facts: []Fact{
			{Text: "21:52 UTC 1.1.1.0/24, 1.0.0.0/24 and IPv6 prefixes withdrawn", Source: srcOnes2025},
			{Text: "22:20 rolled back, 22:54 over", Source: srcOnes2025},
			{Text: "AS4755 shows as origin of 1.1.1.0/24 after the withdrawal", Source: srcOnes2025},
		},
		Made: []string{
			"8 of the 40 peers take the route of AS4755, from 70 s after the loss on, for 38 minutes",
			"of IPv6, 2606:4700:4700::/48 alone",
		},
		Churn: Churn{Rate: 20},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, Watch: true},
				Knows:  "that the watched prefixes are gone, and that AS4755 came after",
				Wants:  []Want{want},
			},
			{
				Inputs: Inputs{RIB: true},
				Knows:  "that three of many prefixes of AS13335 are gone",
				Cannot: "prefixes go every day; an origin counts when most of what it has goes",
			},
		},
		tell: func(t *teller) error {
			const back = 28 * route.Minute
			one := route.MustPrefix("1.1.1.0/24")
			rest := []route.Prefix{route.MustPrefix("1.0.0.0/24"), route.MustPrefix("2606:4700:4700::/48")}
			t.watch(origin, append([]route.Prefix{one}, rest...)...)
			t.lose(origin, rest, back)
			a, ok := t.atomOf(origin, one)
			if !ok {
				return errNothing
			}
			hidden := topo.Plan{Seeds: []topo.Seed{{At: other, Path: []route.ASN{other}}}}
			few := t.few(hidden, other, 8)
			lost := change{tries: t.dying(a), bad: gone}
			t.play(group{origin, []route.Prefix{one}, a.Plan(), few}, lost,
				change{at: 70 * route.Second, plan: hidden}, change{at: back, plan: a.Plan()})
			t.play(group{origin, []route.Prefix{one}, a.Plan(), func(peer int, p route.Prefix) bool { return !few(peer, p) }},
				lost, change{at: back, plan: a.Plan()})
			return nil
		},
	}
}

// orange is 2024-01-03.
func orange() Scenario {
	const origin, named = 12479, 49581
	want := Want{Kinds: []string{"rpki-invalid"}, Scope: "incident", Origin: origin, Share: 100}
	return Scenario{
		Name: "2024-01-03 Orange España", Class: ROAMistake, begins: utc(2024, 1, 3, 14, 40, 0),
		Story: "Somebody with a stolen password makes false ROAs for prefixes of AS12479. Nothing changes in BGP but that " +
			"networks which validate drop the routes.",
		Facts: []Fact{
			{Text: "routes of AS12479 fall from about 9,200 to 7,400", Source: srcOrange},
			{Text: "14:45 to 16:15 UTC, because of false ROAs", Source: srcOrange},
			{Text: "the ROAs named AS49581", Source: "recalled", Recalled: true},
		},
		Made: []string{
			"one in five prefixes of AS12479, each with a ROA of its own; the RPKI changes at 14:40 and again at 16:10, and " +
				"networks notice within minutes",
			"who validates: AS174, AS1299, AS2914, AS3257, AS3356, AS3491, AS6453, AS6461, AS6939, AS7018",
		},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true, VRPs: true, Watch: true},
				Knows:  "that the RPKI forbids routes whose origin is as ever",
				Wants:  []Want{want},
				May:    []Want{lossWant(origin)},
			},
			{
				Inputs: Inputs{RIB: true, VRPs: true},
				Knows:  "that routes of AS12479 are gone at some peers, and that the RPKI has changed",
				Cannot: "a route that nobody watches and that does not change is not validated again",
				May:    []Want{want, lossWant(origin)},
			},
		},
		tell: tellOrange,
	}
}

func tellOrange(t *teller) error {
	const origin, named = 12479, 49581
	strict := []route.ASN{174, 1299, 2914, 3257, 3356, 3491, 6453, 6461, 6939, 7018}
	without, err := topo.NewGraph(func(yield func(a, b route.ASN, r topo.Rel) bool) {
		t.graph.Each(func(a, b route.ASN, r topo.Rel) bool {
			return slices.Contains(strict, a) || slices.Contains(strict, b) || yield(a, b, r)
		})
	})
	if err != nil {
		return err
	}
	believers := without.NewSolver(t.vps)
	var good, bad []scenario.VRP
	for _, a := range t.Table.Atoms(origin) {
		var hit []route.Prefix
		for _, p := range a.Prefixes {
			right := scenario.VRP{Prefix: p, MaxLength: p.Bits, Origin: origin}
			good = append(good, right)
			if chance.Mix(t.seed, p.Hi, uint64(p.Bits))%5 > 0 {
				bad = append(bad, right)
				continue
			}
			bad = append(bad, scenario.VRP{Prefix: p, MaxLength: p.Bits, Origin: named})
			hit = append(hit, p)
		}
		t.watch(origin, hit...)
		t.play(group{origin, hit, a.Plan(), nil},
			change{at: 2 * route.Minute, over: 5 * route.Minute, plan: a.Plan(), on: believers, bad: gone, slow: t.converging},
			change{at: 95 * route.Minute, over: 3 * route.Minute, plan: a.Plan()})
	}
	t.vrps(0, good...)
	t.vrps(1, bad...)
	t.vrps(90*route.Minute, good...)
	return nil
}
