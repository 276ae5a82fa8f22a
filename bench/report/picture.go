package report

import (
	"bytes"
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// svg draws the lines.
func (c *Chart) svg() ([]byte, error) {
	p := newPlot(c.Title, c.X, c.Y)
	legend := newLegend()
	p.Add(plotter.NewGrid())
	drawn := 0
	for i := range c.Series {
		s := &c.Series[i]
		points := c.points(s)
		if len(points) == 0 {
			continue
		}
		line, marks, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, fmt.Errorf("draw %s: %w", s.Name, err)
		}
		line.Color, line.Width = colour(i), vg.Points(2)
		marks.Color, marks.Shape, marks.Radius = colour(i), shape(i), vg.Points(3.5)
		p.Add(line, marks)
		legend.Add(s.Name, line, marks)
		drawn++
	}
	if drawn == 0 {
		return nil, fmt.Errorf("draw %s: no point that its axes can show", c.Name)
	}
	scale(&p.X, c.LogX)
	scale(&p.Y, c.LogY)
	return save(p, legend)
}

// points are those of s that stand on the axes; a logarithmic one has no zero.
func (c *Chart) points(s *Series) (out plotter.XYs) {
	for _, at := range s.Points {
		if c.LogX && at.X <= 0 || c.LogY && at.Y <= 0 {
			continue
		}
		out = append(out, plotter.XY{X: at.X, Y: at.Y})
	}
	return out
}

// svg draws the stacks.
func (b *Bars) svg() ([]byte, error) {
	p := newPlot(b.Title, "", b.Y)
	legend := newLegend()
	width := vg.Points(min(60, (pictureWidth/2)/float64(max(1, len(b.Places)))))
	var below *plotter.BarChart
	for i := range b.Parts {
		part := &b.Parts[i]
		if len(part.Values) != len(b.Places) {
			return nil, fmt.Errorf("draw %s: %d values of %s for %d places", b.Name, len(part.Values), part.Name, len(b.Places))
		}
		bar, err := plotter.NewBarChart(plotter.Values(part.Values), width)
		if err != nil {
			return nil, fmt.Errorf("draw %s: %w", part.Name, err)
		}
		bar.Color, bar.LineStyle.Width = colour(i), 0
		if below != nil {
			bar.StackOn(below)
		}
		p.Add(bar)
		legend.Add(part.Name, bar)
		below = bar
	}
	p.NominalX(b.Places...)
	p.X.Min, p.X.Max = -0.6, float64(len(b.Places))-0.4
	p.Y.Min = 0
	p.Y.Tick.Marker = plainTicks{}
	return save(p, legend)
}

// family is the font that lengths were computed with; the others are as wide, for
// machines without it.
const family = "font-family:Liberation Sans"

// save lays the legend beside the picture, where it hides nothing.
func save(p *plot.Plot, legend plot.Legend) ([]byte, error) {
	canvas := vgsvg.New(vg.Points(pictureWidth), vg.Points(pictureHeight))
	all := draw.New(canvas)
	all.SetColor(p.BackgroundColor)
	all.Fill(all.Rectangle.Path())
	inner := draw.Crop(all, vg.Points(margin), -vg.Points(margin), vg.Points(margin), -vg.Points(margin))
	wide := legend.Rectangle(inner).Size().X + vg.Points(margin)
	p.Draw(draw.Crop(inner, 0, -wide, 0, 0))
	right := inner.Rectangle.Size().X - wide + vg.Points(margin)
	legend.Draw(draw.Crop(inner, right, 0, 0, -vg.Points(2*margin)))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("write svg: %w", err)
	}
	return bytes.ReplaceAll(b.Bytes(), []byte(family), []byte(family+",Arial,Helvetica,sans-serif")), nil
}
