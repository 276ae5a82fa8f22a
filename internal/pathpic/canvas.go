package pathpic

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf8"

	"detour/alert"
	"detour/route"
)

// Options of a picture. The zero value is fine.
type Options struct {
	Title string                   // above it; empty: the alert's summary
	Names func(route.ASN) string   // shown under AS numbers; nil shows none
	Note  string                   // small, below it: where the data is from
	Skip  func(*alert.Sample) bool // samples to leave out; nil draws all
	Most  int                      // samples in BeforeAfter; 0 is 3
}

// canvas gathers the drawing; the size is known last.
type canvas struct {
	body          bytes.Buffer
	names         func(route.ASN) string
	roles         roles
	width, height float64
}

func newCanvas(a *alert.Alert, o *Options) *canvas {
	c := &canvas{names: o.Names, roles: rolesOf(a)}
	if c.names == nil {
		c.names = func(route.ASN) string { return "" }
	}
	return c
}

// node is an AS at a place of the picture.
type node struct {
	as     route.ASN // 0 names nobody
	x, y   float64   // of its centre
	role   string    // beside those of roles: peer, origin
	gone   bool      // it is on no path any more
	captAt float64   // where the caption goes, from the centre
}

const (
	captionBelow = boxHeight/2 + 14
	captionAbove = -boxHeight/2 - 6
)

// draw puts a node and its caption down.
func (c *canvas) draw(n *node) {
	box, on := "box", ""
	role, r := n.role, c.roles.of(n.as)
	if r != "" {
		role = r
	}
	roleClass := "role"
	switch {
	case n.as != 0 && n.as == c.roles.suspect:
		box, on, roleClass = "bad", " onbad", "role badrole"
	case r != "":
		box = "near"
	}
	if n.gone {
		box += " gone"
	}
	c.printf(`<rect class="%s" x="%.0f" y="%.0f" width="%d" height="%d" rx="6"/>`+"\n", box, n.x-boxWidth/2,
		n.y-boxHeight/2, boxWidth, boxHeight)
	label, name := "no public AS", ""
	if n.as != 0 {
		label, name = "AS"+n.as.String(), shorten(c.names(n.as), 15)
	}
	y := n.y + 4.5
	if name != "" {
		y = n.y - 2
		c.text("name"+on, n.x, n.y+12, name)
	}
	c.text("asn"+on, n.x, y, label)
	if role != "" {
		c.text(roleClass, n.x, n.y+n.captAt, role)
	}
	c.grow(n.x+boxWidth/2+margin, n.y+boxHeight/2+margin)
}

// join draws a line from the right side of one node to the left side of another.
func (c *canvas) join(class string, a, b *node) {
	x1, x2 := a.x+endNode, b.x-endNode
	bend := (x2 - x1) / 2
	if a.y == b.y {
		c.printf(`<path class="%s" d="M%.0f %.0fH%.0f"/>`+"\n", class, x1, a.y, x2)
		return
	}
	c.printf(`<path class="%s" d="M%.0f %.0fC%.0f %.0f %.0f %.0f %.0f %.0f"/>`+"\n", class, x1, a.y, x1+bend, a.y,
		x2-bend, b.y, x2, b.y)
}

func (c *canvas) text(class string, x, y float64, s string) {
	c.printf(`<text class="%s" x="%.0f" y="%.1f">%s</text>`+"\n", class, x, y, escape(s))
}

func (c *canvas) printf(format string, args ...any) { fmt.Fprintf(&c.body, format, args...) }

func (c *canvas) grow(width, height float64) {
	c.width, c.height = max(c.width, width), max(c.height, height)
}

// heading writes the title, broken into lines, and returns where the rest
// begins.
func (c *canvas) heading(title string, columns int) float64 {
	y := float64(margin)
	perLine := max(40, columns*pitch/8)
	for _, line := range wrap(title, perLine) {
		c.text("title", margin, y, line)
		c.grow(float64(margin*2+utf8.RuneCountInString(line)*8), y)
		y += titleLine
	}
	return y + 4
}

// svg returns the whole picture.
func (c *canvas) svg(title, note string) []byte {
	var b bytes.Buffer
	width, height := max(c.width, 360), c.height
	if note != "" {
		c.text("small", margin, height+2, note)
		height += 18
		width = max(width, float64(margin*2+utf8.RuneCountInString(note)*6))
	}
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" `+
		`role="img">`+"\n<title>%s</title>\n", width, height, width, height, escape(title))
	b.WriteString(style)
	fmt.Fprintf(&b, `<rect class="ground" x="0.5" y="0.5" width="%.0f" height="%.0f" rx="8"/>`+"\n", width-1, height-1)
	b.Write(c.body.Bytes())
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// escape makes any text fit into XML.
func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(strings.Join(strings.Fields(s), " "))); err != nil {
		return "" // a strings.Builder takes everything
	}
	return b.String()
}

func shorten(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}

// wrap breaks a text into lines of about so many characters.
func wrap(s string, most int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(s) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > most:
			lines, line = append(lines, line), word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
