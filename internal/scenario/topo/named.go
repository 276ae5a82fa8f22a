package topo

import "detour/route"

// tier is where an AS stands in a made-up Internet. Providers are always of an
// earlier tier, or earlier within the tier.
type tier uint8

const (
	tierOne tier = iota
	tierLarge
	tierMid
	tierSmall
	tierContent // no customers, much peering
	tierStub
	tiers
)

// namedAS is a network whose number and neighbours stories need.
type namedAS struct {
	asn       route.ASN
	tier      tier
	providers []route.ASN
	peers     []route.ASN
	sibling   route.ASN
	alone     bool // no further providers are made up
}

// named lists the networks of known incidents with the neighbours that the
// stories need. All of it is by construction: chosen from what accounts of the
// incidents name, so that the story's path can arise, and in places simply so
// that everyone is connected. Nothing here is measured, and none of it says what
// a network's contracts are or were.
var named = []namedAS{
	// The clique. Its members peer with each other.
	{asn: 174},
	{asn: 701},
	{asn: 1239},
	{asn: 1299},
	{asn: 2914},
	{asn: 3257},
	{asn: 3320},
	{asn: 3356},
	{asn: 3491},
	{asn: 5511},
	{asn: 6453},
	{asn: 6461},
	{asn: 6762},
	{asn: 7018},
	{asn: 12956},

	{asn: 3549, tier: tierLarge, sibling: 3356, alone: true},
	{asn: 702, tier: tierLarge, sibling: 701, alone: true},
	{asn: 703, tier: tierLarge, sibling: 701, alone: true},
	{asn: 6939, tier: tierLarge, providers: as(1299), peers: as(15412, 2914, 3257, 6461, 174), alone: true},
	{asn: 6830, tier: tierLarge, providers: as(1299), peers: as(3356, 2914, 3257, 701, 6762, 5511, 3320), alone: true},
	{asn: 286, tier: tierLarge, providers: as(701, 1299), alone: true},
	{asn: 4134, tier: tierLarge, providers: as(6453, 174, 3356)},
	{asn: 20485, tier: tierLarge, providers: as(2914, 1299)},
	{asn: 4809, tier: tierLarge, providers: as(20485, 3356)},
	{asn: 9498, tier: tierLarge, providers: as(174, 5511, 6453), peers: as(6939)},
	{asn: 52320, tier: tierLarge, providers: as(12956, 3356), peers: as(9498)},
	{asn: 12389, tier: tierLarge, providers: as(174, 3356), peers: as(6939, 4134)},
	{asn: 15412, tier: tierLarge, providers: as(2914, 6453), peers: as(9498)},
	{asn: 3786, tier: tierLarge, providers: as(3491, 2914)},
	{asn: 7473, tier: tierLarge, providers: as(2914, 6461), peers: as(15412)},
	{asn: 3303, tier: tierLarge, providers: as(1299, 3356), peers: as(6830, 6939)},
	{asn: 3209, tier: tierLarge, providers: as(3320, 1299), peers: as(6830)},

	{asn: 2497, tier: tierMid, providers: as(701, 2914), peers: as(6939)},
	{asn: 4713, tier: tierMid, providers: as(2914), alone: true},
	{asn: 4788, tier: tierMid, providers: as(3549, 2914), peers: as(6939, 7473)},
	{asn: 13237, tier: tierMid, providers: as(1299, 3257), peers: as(6939, 6830)},
	{asn: 1136, tier: tierMid, providers: as(286), peers: as(13237, 6830), alone: true},
	{asn: 5410, tier: tierMid, providers: as(5511, 3356), peers: as(13237, 6830)},
	{asn: 8560, tier: tierMid, providers: as(3356, 1299), peers: as(6939)},
	{asn: 9121, tier: tierMid, providers: as(6762, 6453)},
	{asn: 7029, tier: tierMid, providers: as(3356, 174)},
	{asn: 8151, tier: tierMid, providers: as(1239, 7018)},
	{asn: 9264, tier: tierMid, providers: as(2914, 6939)},
	{asn: 9394, tier: tierMid, providers: as(4134, 3491)},
	{asn: 20764, tier: tierMid, providers: as(3356, 1299), peers: as(12389)},
	{asn: 1031, tier: tierMid, providers: as(3356, 174)},
	{asn: 267613, tier: tierMid, providers: as(12956, 3549)},
	{asn: 10297, tier: tierMid, providers: as(174, 3356), peers: as(6939, 8560)},
	{asn: 24516, tier: tierMid, providers: as(6939), alone: true},
	{asn: 4739, tier: tierMid, providers: as(15412, 7473)},
	{asn: 10158, tier: tierMid, providers: as(15412), peers: as(3786), alone: true},
	{asn: 8048, tier: tierMid, providers: as(6762, 52320), alone: true},
	{asn: 263444, tier: tierMid, providers: as(6762, 3549)},
	{asn: 855, tier: tierMid, providers: as(6453, 3356)},
	{asn: 37282, tier: tierMid, providers: as(4809, 6453, 174)},
	{asn: 18101, tier: tierMid, providers: as(15412, 6453)},
	{asn: 4755, tier: tierMid, providers: as(6453), alone: true},
	{asn: 1103, tier: tierMid, providers: as(286, 1299), alone: true},
	{asn: 29075, tier: tierMid, providers: as(5511), peers: as(6939)},
	{asn: 262206, tier: tierMid, providers: as(701, 12956)},
	{asn: 9145, tier: tierMid, providers: as(3320, 1299)},
	{asn: 3223, tier: tierMid, providers: as(174, 3257)},
	{asn: 12479, tier: tierMid, providers: as(5511, 12956), peers: as(6939)},

	{asn: 33154, tier: tierSmall, providers: as(3356, 174), alone: true},
	{asn: 21217, tier: tierSmall, providers: as(4134, 13237, 6830), alone: true},
	{asn: 262504, tier: tierSmall, providers: as(1031), peers: as(267613), alone: true},
	{asn: 55410, tier: tierSmall, providers: as(9498), alone: true},
	{asn: 17557, tier: tierSmall, providers: as(3491, 6453)},
	{asn: 28910, tier: tierSmall, providers: as(12389), alone: true},
	{asn: 8342, tier: tierSmall, providers: as(12389, 20485)},
	{asn: 20299, tier: tierSmall, providers: as(262206)},
	{asn: 1659, tier: tierSmall, providers: as(9264), alone: true},
}

// namedEdges go on with networks that have no customers.
var namedEdges = []namedAS{
	{
		asn: 13335, tier: tierContent, providers: as(174, 1299, 2914, 3257, 6453),
		peers: as(37282, 267613, 61955, 9145, 6939, 6461, 7018, 9498, 15412), alone: true,
	},
	{
		asn: 16509, tier: tierContent, providers: as(174, 1299, 2914, 3356, 6453),
		peers: as(701, 7018, 6939, 6830, 37282), alone: true,
	},
	{
		asn: 15169, tier: tierContent, providers: as(6453),
		peers: as(701, 174, 1299, 2914, 3257, 3356, 6461, 7018, 4713, 9121, 7029, 8151, 9264, 9394, 3209, 9498, 6939,
			37282, 2497, 45629), alone: true,
	},
	{asn: 20940, tier: tierContent, providers: as(174, 1299, 2914, 3257), peers: as(6939, 7018, 263444), alone: true},
	{asn: 32934, tier: tierContent, providers: as(1299, 2914, 6453), peers: as(701, 3356, 7018, 6939), alone: true},
	{asn: 714, tier: tierContent, providers: as(174, 1299, 2914, 3356), peers: as(6939, 7018), alone: true},
	{asn: 8075, tier: tierContent, providers: as(1299, 3356), peers: as(701, 174, 2914, 7018, 6939), alone: true},
	{asn: 2906, tier: tierContent, providers: as(174, 1299, 2914), peers: as(6939), alone: true},
	{asn: 54113, tier: tierContent, providers: as(174, 1299, 2914, 3257), peers: as(6939), alone: true},
	{asn: 63949, tier: tierContent, providers: as(174, 1299, 2914, 3257), peers: as(6939), alone: true},
	{asn: 13414, tier: tierContent, providers: as(1299, 2914, 3356), peers: as(6939), alone: true},
	{asn: 36561, tier: tierContent, providers: as(174, 3549, 1299), alone: true},
	{asn: 37963, tier: tierContent, providers: as(4134, 1299)},

	{asn: 396531, tier: tierStub, providers: as(701, 33154), alone: true},
	{asn: 38099, tier: tierStub, providers: as(10158), alone: true},
	{asn: 7625, tier: tierStub, providers: as(10158), alone: true},
	{asn: 9457, tier: tierStub, providers: as(3786), alone: true},
	{asn: 45629, tier: tierStub, providers: as(7473, 2914), alone: true},
	{asn: 1541, tier: tierStub, providers: as(701, 174)},
	{asn: 35168, tier: tierStub, providers: as(28910), alone: true},
	{asn: 23470, tier: tierStub, providers: as(174, 3257)},
	{asn: 52342, tier: tierStub, providers: as(20299), alone: true},
	{asn: 202140, tier: tierStub, providers: as(29075), alone: true},
	{asn: 61955, tier: tierStub, providers: as(9145), alone: true},
	{asn: 49581, tier: tierStub, providers: as(3257)},
	{asn: 62041, tier: tierStub, providers: as(1299, 3356)},
	{asn: 62014, tier: tierStub, providers: as(2914, 7473)},
	{asn: 59930, tier: tierStub, providers: as(1299, 174)},
	{asn: 44907, tier: tierStub, providers: as(3257, 1299)},
	{asn: 21980, tier: tierStub, providers: as(6762), alone: true},
	{asn: 211157, tier: tierStub, providers: as(1299, 6762)},
}

func as(asns ...route.ASN) []route.ASN { return asns }
