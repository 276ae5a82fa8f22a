package rib

import (
	"iter"

	"detour/processor/flat"
)

// MaxPathIDs is the number of ADD-PATH identifiers kept per prefix and peer.
const MaxPathIDs = 64

// pathIDs lists the ADD-PATH paths per route of sessions that send them
// (RFC 7911). The first of a list is the main path, which also stands in the
// slot.
type pathIDs struct {
	heads flat.Table[uint64, uint32] // slotKey → entry
	all   []pathEntry                // 0 unused
	free  []uint32
}

type pathEntry struct {
	id      uint32
	node    Node
	next    uint32
	virtual bool // a virtual hop stands in front: what may be judged depends on it
}

type pathIDOutcome uint8

const (
	pathIDMain pathIDOutcome = iota
	pathIDExtra
	pathIDSame
	pathIDRefused
)

// announce enters a path and says whether it is the main one.
func (p *pathIDs) announce(key uint64, id uint32, path Path) pathIDOutcome {
	virtual := path.Flags&PathVirtual != 0
	head, added := p.heads.Put(key)
	if added {
		*head = p.alloc(pathEntry{id: id, node: path.Node, virtual: virtual})
		return pathIDMain
	}
	e, count := *head, 1
	if p.all[e].id == id {
		p.all[e].node, p.all[e].virtual = path.Node, virtual
		return pathIDMain
	}
	for p.all[e].next != 0 {
		e = p.all[e].next
		if p.all[e].id == id {
			if p.all[e].node == path.Node {
				return pathIDSame
			}
			p.all[e].node, p.all[e].virtual = path.Node, virtual
			return pathIDExtra
		}
		count++
	}
	if count >= MaxPathIDs {
		return pathIDRefused
	}
	added2 := p.alloc(pathEntry{id: id, node: path.Node, virtual: virtual})
	p.all[e].next = added2
	return pathIDExtra
}

// has reports whether a path is listed.
func (p *pathIDs) has(key uint64, id uint32) bool {
	head := p.heads.Get(key)
	if head == nil {
		return false
	}
	for e := *head; e != 0; e = p.all[e].next {
		if p.all[e].id == id {
			return true
		}
	}
	return false
}

// withdraw removes a listed path and reports whether it was the main one. Then
// the extra with the lowest id is main, or without extras the list is gone.
func (p *pathIDs) withdraw(key uint64, id uint32) (main bool) {
	e := *p.heads.Get(key)
	if p.all[e].id != id {
		p.unlink(e, id)
		return false
	}
	low := uint32(0)
	for x := p.all[e].next; x != 0; x = p.all[x].next {
		if low == 0 || p.all[x].id < p.all[low].id {
			low = x
		}
	}
	if low == 0 {
		p.release(e)
		p.heads.Del(key)
		return true
	}
	promoted := p.all[low]
	p.unlink(e, promoted.id)
	p.all[e].id, p.all[e].node, p.all[e].virtual = promoted.id, promoted.node, promoted.virtual
	return true
}

// unlink removes an extra from the list at head e.
func (p *pathIDs) unlink(e, id uint32) {
	for p.all[e].next != 0 {
		x := p.all[e].next
		if p.all[x].id == id {
			p.all[e].next = p.all[x].next
			p.release(x)
			return
		}
		e = x
	}
}

// main returns the main path of a route, node 0 when none is listed.
func (p *pathIDs) main(key uint64) (n Node, virtual bool) {
	if head := p.heads.Get(key); head != nil {
		return p.all[*head].node, p.all[*head].virtual
	}
	return 0, false
}

// extras yields the further paths of a route.
func (p *pathIDs) extras(key uint64) iter.Seq[Node] {
	return func(yield func(Node) bool) {
		head := p.heads.Get(key)
		if head == nil {
			return
		}
		for e := p.all[*head].next; e != 0; e = p.all[e].next {
			if !yield(p.all[e].node) {
				return
			}
		}
	}
}

// drop forgets a route's list.
func (p *pathIDs) drop(key uint64) {
	head := p.heads.Get(key)
	if head == nil {
		return
	}
	for e := *head; e != 0; {
		next := p.all[e].next
		p.release(e)
		e = next
	}
	p.heads.Del(key)
}

// dropPeer forgets the lists of a peer.
func (p *pathIDs) dropPeer(pe Peer) {
	var keys []uint64
	p.heads.Each(func(k uint64, _ *uint32) {
		if slotPeer(k) == pe {
			keys = append(keys, k)
		}
	})
	for _, k := range keys {
		p.drop(k)
	}
}

func (p *pathIDs) alloc(e pathEntry) uint32 {
	if k := len(p.free); k > 0 {
		i := p.free[k-1]
		p.free = p.free[:k-1]
		p.all[i] = e
		return i
	}
	if len(p.all) == 0 {
		p.all = append(p.all, pathEntry{})
	}
	p.all = append(p.all, e)
	return uint32(len(p.all) - 1)
}

func (p *pathIDs) release(i uint32) {
	p.all[i] = pathEntry{}
	p.free = append(p.free, i)
}
