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

// line builds one line out of styled pieces and counts its columns, so that
// escape sequences neither count nor get cut.
type line struct {
	color   bool
	columns int // 0: no limit
	used    int
	full    bool
	buf     []byte
}

func (l *line) reset() { l.buf, l.used, l.full = l.buf[:0], 0, false }

// text appends s. Text from outside may hold escape sequences of its own:
// whatever does not print becomes a question mark.
func (l *line) text(st style, s string) {
	if l.full || s == "" {
		return
	}
	if l.color && st != plain {
		l.buf = append(append(append(l.buf, "\x1b["...), st...), 'm')
		defer func() { l.buf = append(l.buf, "\x1b[0m"...) }()
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			r = '?'
		}
		if l.columns > 0 && l.used+runeColumns(r) > l.columns {
			l.full = true
			return
		}
		l.buf = utf8.AppendRune(l.buf, r)
		l.used += runeColumns(r)
	}
}

// cell appends s, filled up to width, and a gap.
func (l *line) cell(st style, s string, width int) {
	l.text(st, s)
	l.text(plain, strings.Repeat(" ", max(width-textColumns(s), 0)+1))
}

// finish appends the line to dst, with an ellipsis in the last column when it
// was cut.
func (l *line) finish(dst []byte) []byte {
	if !l.full {
		return append(dst, strings.TrimRight(string(l.buf), " ")...)
	}
	return append(dropLast(append(dst, l.buf...), l.columns > 0 && l.used == l.columns), "…"...)
}

// dropLast removes the last printed rune of b, in front of a closing escape
// sequence, to make room for the ellipsis.
func dropLast(b []byte, drop bool) []byte {
	const closing = "\x1b[0m"
	if !drop {
		return b
	}
	styled := strings.HasSuffix(string(b), closing)
	if styled {
		b = b[:len(b)-len(closing)]
	}
	_, size := utf8.DecodeLastRune(b)
	b = b[:len(b)-size]
	if styled {
		b = append(b, closing...)
	}
	return b
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
