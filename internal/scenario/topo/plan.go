package topo

import "detour/route"

// Seed is where a route enters the network: At announces Path, which begins
// with At and ends with the origin; a prepended path is longer. A path of
// several ASes is a leak or a forgery: whoever stands on Path refuses it, as
// loop detection does, and keeps what it had.
//
// With To the route goes to these neighbours only and At itself does not use
// it; a neighbour without a link takes it as it would from a customer. Without
// To it is At's own: At prefers it to all others and gives it to everyone but
// NotTo. Of several own seeds of one AS the first counts.
type Seed struct {
	At    route.ASN
	Path  []route.ASN
	To    []route.ASN
	NotTo []route.ASN
}

// Plan is one announcement as a whole.
type Plan struct {
	Seeds  []Seed         // at most 32; of equal routes any may win
	Cut    [][2]route.ASN // links that are down, both ways
	Resalt []route.ASN    // ASes that break ties differently
}

// Own returns the plan of an ordinary announcement by origin.
func Own(origin route.ASN) Plan {
	return Plan{Seeds: []Seed{{At: origin, Path: []route.ASN{origin}}}}
}

// seedsMax is the number of seeds whose paths one word of refusals can tell
// apart.
const seedsMax = 32

// origins of a label that has no parent node.
const (
	fromOwn    int32 = -1 // the node is the seed's At
	fromInject int32 = -2 // the seed's At is the next hop
)

// label is the best route of a node in one solution.
type label struct {
	gen    uint32 // valid in this generation only
	parent int32  // next hop, fromOwn or fromInject
	key    uint16 // class<<lenBits | length; smaller is better
	seed   uint8
}

// lenBits bounds path lengths at 255; a route that would grow longer ends.
const lenBits = 8

// Classes of routes, best first: from a customer, a peer, a provider.
const (
	classCustomer uint16 = iota
	classPeer
	classProvider
	classes
)

// classOf returns the class of a route that comes from a neighbour that is r
// to the receiver, by a sender who holds it in class have.
func classOf(r Rel, have uint16) uint16 {
	switch r {
	case Customer:
		return classCustomer
	case Peer:
		return classPeer
	case Provider:
		return classProvider
	}
	return have
}

// Plan returns the plan that was last solved; read-only.
func (s *Solver) Plan() Plan { return s.plan }
