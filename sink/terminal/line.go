package terminal

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// style is the parameter of an SGR escape sequence (ECMA-48 §8.3.117).
type style string

const (
	plain  style = ""
	bold   style = "1"
	faint  style = "2"
	red    style = "1;31"
	yellow style = "33"
	green  style = "32"
	cyan   style = "36"
)

// glyph is one printed rune.
type glyph struct {
	r  rune
	st style
}

// line gathers one line as glyphs and turns them into bytes at the end, so that
// escape sequences neither count as columns nor get cut.
type line struct {
	color  bool
	glyphs []glyph
}

func (l *line) reset() { l.glyphs = l.glyphs[:0] }

// text appends s. Text from outside may hold escape sequences of its own:
// whatever does not print becomes a question mark.
func (l *line) text(st style, s string) {
	for _, r := range s {
		if !unicode.IsPrint(r) {
			r = '?'
		}
		l.glyphs = append(l.glyphs, glyph{r, st})
	}
}

// cell appends s, filled up to width, and a gap.
func (l *line) cell(st style, s string, width int) {
	l.text(st, s)
	l.text(plain, strings.Repeat(" ", max(width-textColumns(s), 0)+1))
}

// finish appends the line to dst, without spaces at its end.
func (l *line) finish(dst []byte) []byte {
	for n := len(l.glyphs); n > 0 && l.glyphs[n-1] == (glyph{' ', plain}); n-- {
		l.glyphs = l.glyphs[:n-1]
	}
	open := plain
	for _, g := range append(l.glyphs, glyph{}) { // the empty one closes the last style
		if l.color && g.st != open {
			dst = appendSwitch(dst, open, g.st)
			open = g.st
		}
		if g.r != 0 {
			dst = utf8.AppendRune(dst, g.r)
		}
	}
	return dst
}

// cut makes the line fit into so many columns, 0 for no limit: it removes as
// many glyphs as make room for an ellipsis.
func (l *line) cut(columns int) {
	if columns == 0 {
		return
	}
	used := 0
	fit := 0 // glyphs that leave room for one more column
	for i, g := range l.glyphs {
		if used += runeColumns(g.r); used < columns {
			fit = i + 1
		}
	}
	if used > columns {
		l.glyphs = append(l.glyphs[:fit], glyph{'…', plain})
	}
}

func appendSwitch(dst []byte, from, to style) []byte {
	if from != plain {
		dst = append(dst, "\x1b[0m"...)
	}
	if to != plain {
		dst = append(append(append(dst, "\x1b["...), to...), 'm')
	}
	return dst
}

func textColumns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

// runeColumns returns 2 for the East Asian and pictographic ranges that
// terminals draw wide, 0 for combining marks.
func runeColumns(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3,
		r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60,
		r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}
