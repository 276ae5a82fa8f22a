package rib

// newcomerPool hands out lists of newcomers by where they stand in words; 0 is
// none. A list has room for 2, 4, 8 or 16: most prefixes have one or two.
type newcomerPool struct {
	words []uint32
	free  [4][]uint32 // by class
}

// A list is its length above its class, its ASes (dense ids, newcomerOrigin set
// for an origin), and when each was first seen, in engine seconds.
const newcomerClass = 3

func newcomerRoom(class uint32) int { return 2 << class }

// add appends a newcomer to list id, which moves when it is full, and returns
// where it is.
func (p *newcomerPool) add(id, as, at uint32) uint32 {
	if id == 0 {
		id = p.alloc(0)
	}
	head := p.words[id]
	class, n := head&newcomerClass, int(head>>2)
	if room := newcomerRoom(class); n == room {
		old := id
		id = p.alloc(class + 1)
		copy(p.words[int(id)+1:], p.words[int(old)+1:][:n])
		copy(p.words[int(id)+1+2*room:], p.words[int(old)+1+room:][:n])
		p.release(old)
		class++
	}
	p.words[int(id)+1+n] = as
	p.words[int(id)+1+newcomerRoom(class)+n] = at
	p.words[id] = uint32(n+1)<<2 | class
	return id
}

// list returns the newcomers of a list, by first sight. They may be changed.
func (p *newcomerPool) list(id uint32) (as, at []uint32) {
	if id == 0 {
		return nil, nil
	}
	head := p.words[id]
	n, rest := head>>2, p.words[id+1:]
	return rest[:n], rest[newcomerRoom(head&newcomerClass):][:n]
}

// cut keeps the first n of a list.
func (p *newcomerPool) cut(id uint32, n int) {
	p.words[id] = uint32(n)<<2 | p.words[id]&newcomerClass
}

func (p *newcomerPool) alloc(class uint32) (id uint32) {
	if free := p.free[class]; len(free) > 0 {
		id = free[len(free)-1]
		p.free[class] = free[:len(free)-1]
	} else {
		if len(p.words) == 0 {
			p.words = append(p.words, 0) // 0 is none
		}
		id = uint32(len(p.words))
		for range 1 + 2*newcomerRoom(class) {
			p.words = append(p.words, 0)
		}
	}
	p.words[id] = class
	return id
}

func (p *newcomerPool) release(id uint32) {
	class := p.words[id] & newcomerClass
	p.free[class] = append(p.free[class], id)
}
