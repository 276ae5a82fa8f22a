package reference

import "detour/route"

// Names are names and organisations of ASes. They never change; look-ups
// allocate nothing. A nil value has none.
type Names struct {
	index    asnIndex
	ases     []named
	orgIndex map[string]uint32 // organisation id to orgs; used while reading
	orgs     []string          // names of organisations; orgs[0] is that of none
}

// named is what is known of an AS.
type named struct {
	name string
	org  uint32 // 0 is none
}

// Name returns the name of a as its registry or the file has it, "" where none
// does.
func (n *Names) Name(a route.ASN) string {
	as := n.of(a)
	return as.name
}

// Org returns the name of the organisation that holds a, "" where unknown.
func (n *Names) Org(a route.ASN) string {
	as := n.of(a)
	if as.org == 0 {
		return ""
	}
	return n.orgs[as.org]
}

// SameOrg reports whether a and b belong to one organisation. Where the
// organisation of either is unknown they do not.
func (n *Names) SameOrg(a, b route.ASN) bool {
	first := n.of(a).org
	return first != 0 && first == n.of(b).org
}

// Len returns the number of ASes with a name or an organisation.
func (n *Names) Len() int {
	if n == nil {
		return 0
	}
	return n.index.n
}

func (n *Names) of(a route.ASN) named {
	if n == nil {
		return named{}
	}
	i, ok := n.index.find(a)
	if !ok {
		return named{}
	}
	return n.ases[i]
}

// entry returns what is known of a, to be filled.
func (n *Names) entry(a route.ASN) *named {
	i, isNew := n.index.add(a)
	if isNew {
		n.ases = append(n.ases, named{})
	}
	return &n.ases[i]
}

// org returns the number of the organisation id.
func (n *Names) org(id string) uint32 {
	i, ok := n.orgIndex[id]
	if !ok {
		i = uint32(len(n.orgs))
		n.orgs = append(n.orgs, "")
		n.orgIndex[id] = i
	}
	return i
}
