package reference

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"detour/route"
)

// maxLine bounds a line of a text file, in bytes.
const maxLine = 64 << 10

// eachLine calls take with every line of in, without its end, and its number
// from 1. The bytes are overwritten by the next line.
func eachLine(in io.Reader, take func(line int, text []byte)) error {
	s := bufio.NewScanner(in)
	s.Buffer(make([]byte, 0, 4096), maxLine)
	n := 0
	for s.Scan() {
		n++
		take(n, bytes.TrimSuffix(s.Bytes(), []byte("\r")))
	}
	if errors.Is(s.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("line %d has more than %d bytes: is this the right file?", n+1, maxLine)
	}
	return s.Err()
}

// parseASN reads an AS number in asplain form, with or without "AS" before it.
// AS 0 names no network and is refused.
func parseASN(text string) (route.ASN, error) {
	digits := text
	if len(text) > 2 && strings.EqualFold(text[:2], "AS") {
		digits = text[2:]
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	if errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("AS number %s is beyond 4294967295", quote(text))
	}
	if err != nil {
		return 0, fmt.Errorf("%s is no AS number", quote(text))
	}
	if n == 0 {
		return 0, errors.New("AS 0 names no network (RFC 7607)")
	}
	return route.ASN(n), nil
}

// quote shows foreign text in a message: printable, and short.
func quote(text string) string {
	const max = 60
	if len(text) > max {
		return strconv.QuoteToASCII(text[:max]) + "…"
	}
	return strconv.QuoteToASCII(text)
}
