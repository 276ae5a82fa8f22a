package eval

import (
	"slices"

	"detour/processor/reference"
	"detour/route"
)

// Relations gives a relationship file to package scenario, by AS.
type Relations struct {
	providers, peers, customers map[route.ASN][]route.ASN
	all                         []route.ASN
}

// NewRelations reads rel once.
func NewRelations(rel *reference.Relationships) *Relations {
	r := &Relations{
		providers: map[route.ASN][]route.ASN{},
		peers:     map[route.ASN][]route.ASN{},
		customers: map[route.ASN][]route.ASN{},
	}
	seen := map[route.ASN]bool{}
	rel.Links(func(a, b route.ASN, is reference.Relation) bool {
		switch is {
		case reference.Provider:
			r.providers[a] = append(r.providers[a], b)
			r.customers[b] = append(r.customers[b], a)
		case reference.Customer:
			r.customers[a] = append(r.customers[a], b)
			r.providers[b] = append(r.providers[b], a)
		case reference.Peer:
			r.peers[a] = append(r.peers[a], b)
			r.peers[b] = append(r.peers[b], a)
		}
		seen[a], seen[b] = true, true
		return true
	})
	for a := range seen {
		r.all = append(r.all, a)
	}
	slices.Sort(r.all)
	for _, m := range []map[route.ASN][]route.ASN{r.providers, r.peers, r.customers} {
		for _, list := range m {
			slices.Sort(list)
		}
	}
	return r
}

// Providers returns the providers of a, ascending.
func (r *Relations) Providers(a route.ASN) []route.ASN { return r.providers[a] }

// Peers returns the peers of a, ascending.
func (r *Relations) Peers(a route.ASN) []route.ASN { return r.peers[a] }

// Customers returns the customers of a, ascending.
func (r *Relations) Customers(a route.ASN) []route.ASN { return r.customers[a] }

// ASNs returns all that have a relation, ascending.
func (r *Relations) ASNs() []route.ASN { return r.all }
