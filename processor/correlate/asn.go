package correlate

import "detour/route"

// asID is a small number for an ASN, given by first sight; 0 is none: a break,
// or an AS beyond the limit. Which id an AS has depends on arrival, so it must
// never show in what is emitted, nor decide between two of them.
type asID = uint32

// asTable gives ASNs their ids.
type asTable struct {
	numbers []route.ASN // by id
	ids     map[route.ASN]asID
	limit   int
	refused *uint64
}

func newASTable(limit int, refused *uint64) asTable {
	return asTable{numbers: make([]route.ASN, 1), ids: make(map[route.ASN]asID), limit: limit, refused: refused}
}

// id returns the id of an ASN, giving it one at first sight.
func (a *asTable) id(asn route.ASN) asID {
	if asn == 0 {
		return 0
	}
	id, ok := a.ids[asn]
	if ok {
		return id
	}
	if len(a.numbers) > a.limit {
		*a.refused++
		return 0
	}
	id = asID(len(a.numbers))
	a.numbers = append(a.numbers, asn)
	a.ids[asn] = id
	return id
}

// find returns the id of an ASN that was seen before, or 0.
func (a *asTable) find(asn route.ASN) asID { return a.ids[asn] }

func (a *asTable) asn(id asID) route.ASN { return a.numbers[id] }
