package rib

import (
	"detour/processor/flat"
	"detour/route"
)

// asTable gives AS numbers dense ids by first sight. Id 0 stands for a break
// or an unknown AS and maps to ASN 0.
type asTable struct {
	ids  flat.Table[uint32, uint32]
	asns []route.ASN
}

// maxASNs bounds the table: two hundred times the ASNs in use.
const maxASNs = 1 << 24

// id returns the id of a, or false when there is no room for one more.
func (t *asTable) id(a route.ASN) (uint32, bool) {
	if a == 0 {
		return 0, true
	}
	if id := t.ids.Get(uint32(a)); id != nil {
		return *id, true
	}
	if len(t.asns) >= maxASNs {
		return 0, false
	}
	if len(t.asns) == 0 {
		t.asns = append(t.asns, 0)
	}
	id, _ := t.ids.Put(uint32(a))
	*id = uint32(len(t.asns))
	t.asns = append(t.asns, a)
	return *id, true
}

func (t *asTable) asn(id uint32) route.ASN {
	if id == 0 {
		return 0
	}
	return t.asns[id]
}
