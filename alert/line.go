package alert

import (
	"strings"
	"unicode"
)

// OneLine returns s with an underscore for each control character: what others call
// themselves must not break a summary, nor move the cursor where it is printed.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '_'
		}
		return r
	}, s)
}
