package correlate

import "slices"

// noise estimates how many origins with contrast one AS gathers in two
// half-windows when nothing happens: twice the 99.9th percentile over all ASes
// that are on the way to anybody and have no incident, smoothed over the
// half-windows so far. The noise of one AS does not grow with the number of
// peers, the sum over ASes does (DETECTION §4).
type noise struct {
	ready  bool // one whole half-window was judged
	begun  bool
	value  int
	scaled int   // value × noiseScale
	counts []int `snapshot:"-"` // scratch
}

const (
	noiseScale  = 256
	noiseWeight = 4 // a new half-window moves the estimate by a fourth of the difference
)

// measureNoise takes the half-window that ends, if anything was judged in it:
// whether there are records of other kinds depends on the number of shards. It
// is done as of that end, or at the first record behind it.
func (c *Correlator) measureNoise() {
	n, cands := &c.leaks.noise, &c.leaks.cands[byPair]
	if c.leaks.judged != c.leaks.windows.half {
		return
	}
	c.leaks.judged = nothingJudged
	if !n.begun {
		n.begun = true // the first half-window may have begun in the middle
		return
	}
	n.counts = n.counts[:0]
	for _, x := range cands.live {
		k := cands.list[x]
		if i := c.incidents.find(leakKey(x)); i == nil || !i.open {
			n.counts = append(n.counts, k.contrast.n())
		}
	}
	slices.Sort(n.counts)
	// The thousandth part of the ASes counts as outliers; those without facts
	// have none.
	v, outliers := 0, c.known.transits/1000
	if i := len(n.counts) - 1 - outliers; i >= 0 {
		v = 2 * n.counts[i]
	}
	if !n.ready {
		n.scaled = v * noiseScale
	} else {
		n.scaled += (v*noiseScale - n.scaled) / noiseWeight
	}
	n.ready, n.value = true, n.scaled/noiseScale
}
