package correlate

import (
	"detour/processor/flat"
	"detour/route"
)

// asID is a small number for an ASN, given by first sight; 0 is none: a break,
// or an AS beyond the limit. Which id an AS has depends on arrival, so it must
// never show in what is emitted, nor decide between two of them.
type asID = uint32

// asTable gives ASNs their ids.
type asTable struct {
	numbers []route.ASN // by id
	ids     flat.Table[uint32, asID]
	limit   int     `snapshot:"-"`
	refused *uint64 `snapshot:"-"`
}

func newASTable(limit int, refused *uint64) asTable {
	return asTable{numbers: make([]route.ASN, 1), limit: limit, refused: refused}
}

// id returns the id of an ASN, giving it one at first sight.
func (a *asTable) id(asn route.ASN) asID {
	if asn == 0 {
		return 0
	}
	if id := a.ids.Get(uint32(asn)); id != nil {
		return *id
	}
	if len(a.numbers) > a.limit {
		*a.refused++
		return 0
	}
	id := asID(len(a.numbers))
	a.numbers = append(a.numbers, asn)
	v, _ := a.ids.Put(uint32(asn))
	*v = id
	return id
}

// find returns the id of an ASN that was seen before, or 0.
func (a *asTable) find(asn route.ASN) asID {
	if id := a.ids.Get(uint32(asn)); id != nil && asn != 0 {
		return *id
	}
	return 0
}

func (a *asTable) asn(id asID) route.ASN { return a.numbers[id] }
