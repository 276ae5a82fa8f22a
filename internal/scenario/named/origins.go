package named

import (
	"detour/internal/scenario/chance"
	"detour/route"
)

const (
	srcBharti     = "bgpmon.net, Large scale BGP hijack out of India"
	srcRostelecom = "qrator.net, This is how you deal with route leaks; quickcyber.news"
	srcVodafone   = "manrs.org; catchpoint.com; thousandeyes.com"
)

func hijackWant(by route.ASN, share int) Want {
	return Want{Kinds: []string{"hijack", "subprefix-hijack"}, Scope: "incident", Suspect: by, Share: share}
}

// bharti is 2015-11-06.
func bharti() Scenario {
	const by = 9498
	return Scenario{
		Name: "2015-11-06 Bharti", Class: MassOriginChange, begins: utc(2015, 11, 6, 5, 52, 0),
		Story: "AS9498 announces thousands of prefixes of others as its own.",
		Facts: []Fact{
			{Text: "05:52 UTC, 16,123 prefixes of over 2,000 networks", Source: srcBharti},
			{Text: "7,600 were seen by 5 or more peers, 6,000 by more than 10", Source: srcBharti},
			{Text: "through AS174 and AS52320", Source: srcBharti},
		},
		Made: []string{
			"scaled: 3,000 prefixes of 470 networks, all of which at least 3 of the 40 peers take",
			"9 hours in truth, 30 minutes here",
		},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true},
				Knows:  "the origins of all prefixes, and that AS9498 has to do with few of them",
				Wants:  []Want{hijackWant(by, 80)},
			},
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "the same, and who is a customer of AS9498",
				Wants:  []Want{hijackWant(by, 80)},
			},
		},
		tell: func(t *teller) error {
			return t.tellMass(mass{
				by: by, bad: endsIn(by), seed: claimed(by, 1, 174, 52320), family: route.IPv4,
				prefixes: 3_000, origins: 470, least: 3,
				skip:  t.customerOf(by),
				spans: []span{{0, 30 * route.Minute, 2 * route.Minute, 2 * route.Minute}},
			})
		},
	}
}

// customerOf reports who is a direct customer of an AS: it may speak for them.
func (t *teller) customerOf(a route.ASN) func(route.ASN) bool {
	return func(b route.ASN) bool {
		for _, c := range t.graph.Customers(a) {
			if b == c {
				return true
			}
		}
		return false
	}
}

// rostelecom is 2020-04-01.
func rostelecom() Scenario {
	const by = 12389
	return Scenario{
		Name: "2020-04-01 Rostelecom", Class: MassOriginChange, begins: utc(2020, 4, 1, 19, 27, 28),
		Story: "AS12389 announces more-specifics of cloud and content networks as its own; a route optimiser had made them.",
		Facts: []Fact{
			{Text: "19:27:28 UTC first alert, about 1 hour", Source: srcRostelecom},
			{Text: "8,870 prefixes of almost 200 networks, origin AS12389 on more-specifics", Source: srcRostelecom},
			{Text: "through AS20764, AS174 and AS3356; one prefix was seen by 135 peers", Source: srcRostelecom},
			{Text: "2.17.123.0/24 of AS20940 was among them", Source: srcRostelecom},
		},
		Made: []string{
			"scaled: 1,200 prefixes of 60 networks; 2.17.123.0/24 lies in 2.17.112.0/20, a cover by construction",
		},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true},
				Knows:  "the origins of the covers, to which AS12389 has no tie",
				Wants:  []Want{hijackWant(by, 90)},
			},
			{
				Inputs: Inputs{RIB: true, Relations: true},
				Knows:  "the same, and who is a customer of AS12389",
				Wants:  []Want{hijackWant(by, 90)},
			},
		},
		tell: func(t *teller) error {
			spans := []span{{0, 60 * route.Minute, 90 * route.Second, 2 * route.Minute}}
			seed := claimed(by, 1, 20764, 174, 3356)
			a, ok := t.atomOf(20940, route.MustPrefix("2.17.112.0/20"))
			if !ok {
				return errNothing
			}
			s, _ := seed(a)
			one := route.MustPrefix("2.17.123.0/24")
			t.comeAndGo(unit{atom: a, seed: s, prefixes: []route.Prefix{one}, parts: true}, endsIn(by), nil, spans)
			t.held[one] = true // taken
			return t.tellMass(mass{
				by: by, bad: endsIn(by), seed: seed, family: route.IPv4, prefixes: 1_199, origins: 60, parts: 100, deep: true,
				first: []share{{20940, 120}, {13335, 80}, {16509, 80}, {32934, 30}, {15169, 30}},
				skip:  t.customerOf(by), spans: spans,
			})
		},
	}
}

// vodafoneIdea is 2021-04-16.
func vodafoneIdea() Scenario {
	const by = 55410
	return Scenario{
		Name: "2021-04-16 Vodafone Idea", Class: MassOriginChange, begins: utc(2021, 4, 16, 13, 48, 58),
		Story: "AS55410 announces a large part of the table as its own through AS9498, its only provider.",
		Facts: []Fact{
			{Text: "13:48:58 UTC at RIS rrc00; about 10 minutes, and a tail of over an hour", Source: srcVodafone},
			{Text: "AS55410 had 824 prefixes, and then over 31,000 (MANRS) or 34,000 (Catchpoint)", Source: srcVodafone},
			{Text: "the lengths that the table had, all prepended", Source: srcVodafone},
		},
		Made: []string{
			"scaled: 4,000 prefixes of 700 networks, prepended three times",
			"nine in ten go after 10 minutes, the rest after 75",
		},
		Churn: Churn{Rate: 30},
		Views: []View{
			{
				Inputs: Inputs{RIB: true},
				Knows:  "the origins of all prefixes, to most of which AS55410 has no tie",
				Wants:  []Want{hijackWant(by, 80)},
			},
		},
		tell: func(t *teller) error {
			seed := claimed(by, 4, 9498)
			common := mass{by: by, bad: endsIn(by), seed: seed, family: route.IPv4, least: 3}
			for i, part := range []struct {
				prefixes, origins int
				to                route.Time
			}{{3_600, 630, 10 * route.Minute}, {400, 70, 75 * route.Minute}} {
				m := common
				m.prefixes, m.origins = part.prefixes, part.origins
				m.spans = []span{{0, part.to, 90 * route.Second, 3 * route.Minute}}
				m.skip = func(o route.ASN) bool { return (chance.Mix(t.seed, uint64(o), 21)%10 == 0) != (i == 1) }
				if err := t.tellMass(m); err != nil {
					return err
				}
			}
			return nil
		},
	}
}
