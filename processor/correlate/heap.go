package correlate

// heap is a binary heap. less must be a total order, so that what comes out
// depends on what is in it alone; moved, where set, hears of each new place.
type heap[T any] struct {
	items []T
	less  func(a, b T) bool
	moved func(v T, place int)
}

func (h *heap[T]) push(v T) {
	h.items = append(h.items, v)
	h.up(len(h.items) - 1)
}

// remove takes the item at place i out.
func (h *heap[T]) remove(i int) T {
	v, last := h.items[i], len(h.items)-1
	h.items[i] = h.items[last]
	var zero T
	h.items[last] = zero
	h.items = h.items[:last]
	if i < last {
		h.fix(i)
	}
	return v
}

// fix restores the order after the item at place i has changed.
func (h *heap[T]) fix(i int) {
	if h.down(i) == i {
		h.up(i)
	}
}

func (h *heap[T]) up(i int) {
	v := h.items[i]
	for i > 0 {
		parent := (i - 1) / 2
		if !h.less(v, h.items[parent]) {
			break
		}
		h.set(i, h.items[parent])
		i = parent
	}
	h.set(i, v)
}

func (h *heap[T]) down(i int) int {
	v := h.items[i]
	for {
		child := 2*i + 1
		if child >= len(h.items) {
			break
		}
		if right := child + 1; right < len(h.items) && h.less(h.items[right], h.items[child]) {
			child = right
		}
		if !h.less(h.items[child], v) {
			break
		}
		h.set(i, h.items[child])
		i = child
	}
	h.set(i, v)
	return i
}

func (h *heap[T]) set(i int, v T) {
	h.items[i] = v
	if h.moved != nil {
		h.moved(v, i)
	}
}
