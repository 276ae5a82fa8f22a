package mrt

import "io"

// Records are read one after the other: a Reader's, or those of several in a row.
type Records interface {
	// Next is as Reader.Next. What it gave lives until it is called again.
	Next(rec *Record) error
}

// Merge reads several inputs as one, by record time; records of equal time come
// in the order of the inputs, and records of one input in their own order. It
// holds one record per input and belongs to one goroutine.
type Merge struct {
	readers []Records
	heads   []Record
	heap    []int // inputs that have a head, smallest first
	pending int   // input whose head was handed out, -1 for none
	started bool
}

// NewMerge returns a Merge of readers, which it uses alone from now on. It
// closes none of them.
func NewMerge(readers ...Records) *Merge {
	return &Merge{readers: readers, heads: make([]Record, len(readers)), pending: -1}
}

// Next fills rec as Reader.Next does and sets Source to the reader's index. An
// error other than io.EOF is one input that cannot be read further; it ends the
// merge.
func (m *Merge) Next(rec *Record) error {
	if !m.started {
		m.started = true
		for i := range m.readers {
			if err := m.push(i); err != nil {
				return err
			}
		}
	}
	if i := m.pending; i >= 0 {
		m.pending = -1
		if err := m.push(i); err != nil {
			return err
		}
	}
	if len(m.heap) == 0 {
		return io.EOF
	}
	i := m.pop()
	// The head's views point into its reader's window, which stays still until
	// that reader is asked again, at the next call.
	*rec, m.heads[i] = m.heads[i], *rec
	rec.Source = i
	m.pending = i
	return nil
}

// less orders inputs by the time of their heads, then by place.
func (m *Merge) less(a, b int) bool {
	if ta, tb := m.heads[a].Time, m.heads[b].Time; ta != tb {
		return ta < tb
	}
	return a < b
}

// push reads the next head of input i and puts it in its place.
func (m *Merge) push(i int) error {
	if err := m.readers[i].Next(&m.heads[i]); err != nil {
		if err == io.EOF {
			return nil
		}
		return err
	}
	m.heap = append(m.heap, i)
	for c := len(m.heap) - 1; c > 0; {
		p := (c - 1) / 2
		if !m.less(m.heap[c], m.heap[p]) {
			break
		}
		m.heap[c], m.heap[p] = m.heap[p], m.heap[c]
		c = p
	}
	return nil
}

func (m *Merge) pop() int {
	top := m.heap[0]
	n := len(m.heap) - 1
	m.heap[0] = m.heap[n]
	m.heap = m.heap[:n]
	for p := 0; ; {
		c := 2*p + 1
		if c >= n {
			break
		}
		if c+1 < n && m.less(m.heap[c+1], m.heap[c]) {
			c++
		}
		if !m.less(m.heap[c], m.heap[p]) {
			break
		}
		m.heap[p], m.heap[c] = m.heap[c], m.heap[p]
		p = c
	}
	return top
}
