package report

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of a picture, in points.
const (
	pictureWidth  = 720
	pictureHeight = 380
	margin        = 12
	titleSize     = 15
	axisSize      = 13
	tickSize      = 12
)

// colour returns the i-th of the colours of Okabe and Ito, which people with
// any kind of colour blindness tell apart on white; their yellow is too faint
// there and left out.
func colour(i int) color.Color {
	colours := [...]color.RGBA{
		{0x00, 0x72, 0xb2, 0xff}, // blue
		{0xd5, 0x5e, 0x00, 0xff}, // vermilion
		{0x00, 0x9e, 0x73, 0xff}, // green
		{0xe6, 0x9f, 0x00, 0xff}, // orange
		{0xcc, 0x79, 0xa7, 0xff}, // purple
		{0x56, 0xb4, 0xe9, 0xff}, // sky
		{0x00, 0x00, 0x00, 0xff},
	}
	return colours[i%len(colours)]
}

// shape returns the i-th mark of a point, so that lines differ without colour.
func shape(i int) draw.GlyphDrawer {
	shapes := [...]draw.GlyphDrawer{
		draw.CircleGlyph{},
		draw.SquareGlyph{},
		draw.TriangleGlyph{},
		draw.RingGlyph{},
		draw.BoxGlyph{},
		draw.PyramidGlyph{},
		draw.CrossGlyph{},
	}
	return shapes[i%len(shapes)]
}

// newPlot returns an empty picture in the style of all.
func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = color.White
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.Padding = vg.Points(margin)
	sans(&p.Title.TextStyle, titleSize)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		sans(&a.Label.TextStyle, axisSize)
		sans(&a.Tick.Label, tickSize)
		a.Label.Padding = vg.Points(margin / 2)
	}
	return p
}

func newLegend() plot.Legend {
	l := plot.NewLegend()
	l.Top, l.Left = true, true
	l.Padding = vg.Points(margin / 3)
	sans(&l.TextStyle, tickSize)
	return l
}

func sans(s *text.Style, size vg.Length) {
	s.Font = font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(float64(size))}
}
