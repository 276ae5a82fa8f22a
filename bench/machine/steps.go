package machine

import "syscall"

// memory is words that are 0, which the compiler does not know.
type memory struct{ words, other []uint32 }

func newMemory(n int) *memory {
	m := &memory{words: make([]uint32, n), other: make([]uint32, n)}
	for i := 0; i < n; i += 1024 { // a page
		m.words[i], m.other[i] = 0, 0
	}
	return m
}

// place returns the next of a row of random numbers, and its place in n words.
func place(x uint32, n int) (next uint32, at uint64) {
	x = x*1664525 + 1013904223
	return x, uint64(x) * uint64(n) >> 32
}

// dependent reads places each of which follows from what was read before.
func (m *memory) dependent(n int) uint64 {
	x, at := uint32(1), uint64(0)
	for range n {
		x, at = place(x+m.words[at], len(m.words))
	}
	return uint64(x)
}

// independent reads the same places, which follow from a counter alone.
func (m *memory) independent(n int) (sum uint64) {
	x, at := uint32(1), uint64(0)
	for range n {
		sum += uint64(m.words[at])
		x, at = place(x, len(m.words))
	}
	return sum
}

const lineWords = 16 // 64 octets

func (m *memory) lines() int { return len(m.words) / lineWords }

// stream copies everything in order, once.
func (m *memory) stream(n int) uint64 {
	n = min(n, m.lines())
	return uint64(copy(m.other[:n*lineWords], m.words))
}

func calls(n int) (sum uint64) {
	for range n {
		sum += uint64(syscall.Getppid())
	}
	return sum
}

func handOvers(n int) uint64 {
	there, back := make(chan struct{}), make(chan struct{})
	go func() {
		for range there {
			back <- struct{}{}
		}
		close(back)
	}()
	for range n {
		there <- struct{}{}
		<-back
	}
	close(there)
	<-back
	return uint64(n)
}
