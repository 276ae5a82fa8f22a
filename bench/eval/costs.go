package eval

import (
	"math"
	"time"
)

// costs gathers what judging a record costs, range by range: the median is not
// moved by what else the machine does, as a sum is.
type costs struct {
	phase costPhase
	ns    [costAfter + 1][]float64
}

// costPhase is where a run stands.
type costPhase uint8

const (
	costTable costPhase = iota
	costQuiet
	costLeak
	costAfter
)

// costLeast is how many records a range must hold to tell what one costs.
const costLeast = 20

func (c *costs) take(records int, took time.Duration) {
	if records >= costLeast {
		c.ns[c.phase] = append(c.ns[c.phase], float64(took)/float64(records))
	}
}

// enter begins a phase; nil measures nothing.
func (c *costs) enter(p costPhase) {
	if c != nil {
		c.phase = p
	}
}

func (c *costs) quiet() float64 { return c.median(costQuiet) }
func (c *costs) leak() float64  { return c.median(costLeak) }

// median is NaN where nothing was measured.
func (c *costs) median(p costPhase) float64 {
	if len(c.ns[p]) == 0 {
		return math.NaN()
	}
	return percentile(c.ns[p], 0.5)
}

// cost is the figure for a table.
func (c *costs) cost(name string, p costPhase) Value {
	v := Value{Name: name, Better: Less, Clock: true, Text: "–"}
	if m := c.median(p); !math.IsNaN(m) {
		v.V, v.Text = m, ""
	}
	return v
}
