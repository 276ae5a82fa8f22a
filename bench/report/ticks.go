package report

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// scale prepares an axis once its data are known.
func scale(a *plot.Axis, logarithmic bool) {
	if !logarithmic {
		a.Tick.Marker = plainTicks{}
		return
	}
	a.Scale, a.Tick.Marker = plot.LogScale{}, logTicks{}
	a.Min, a.Max = a.Min/1.1, a.Max*1.1
}

// plainTicks are the library's, with labels of ours.
type plainTicks struct{}

// Ticks implements plot.Ticker.
func (plainTicks) Ticks(low, high float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(low, high)
	for i := range ticks {
		if ticks[i].Label != "" {
			ticks[i].Label = label(ticks[i].Value)
		}
	}
	return ticks
}

// logTicks stand at 1, 2 and 5 of every power of ten; where there are many
// powers, only those have labels.
type logTicks struct{}

// Ticks implements plot.Ticker.
func (logTicks) Ticks(low, high float64) (ticks []plot.Tick) {
	first, last := math.Floor(math.Log10(low)), math.Ceil(math.Log10(high))
	crowded := last-first > 4
	for e := first; e <= last; e++ {
		for _, m := range []float64{1, 2, 5} {
			v := m * math.Pow(10, e)
			if v < low || v > high {
				continue
			}
			t := plot.Tick{Value: v}
			if m == 1 || !crowded {
				t.Label = label(v)
			}
			ticks = append(ticks, t)
		}
	}
	return ticks
}

// label is a number for an axis: 20 k, 1.5 M.
func label(v float64) string {
	unit := ""
	switch a := math.Abs(v); {
	case a >= 1e9:
		v, unit = v/1e9, " G"
	case a >= 1e6:
		v, unit = v/1e6, " M"
	case a >= 1e4:
		v, unit = v/1e3, " k"
	}
	return strings.TrimSuffix(strconv.FormatFloat(v, 'g', 4, 64), "e+00") + unit
}
