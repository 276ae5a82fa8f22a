package config

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// setText sets v, which is of kind k, from what a file or a variable says.
func setText(v reflect.Value, k kind, text string) error {
	var parsed any
	var err error
	switch k {
	case kindText:
		parsed, err = text, checkText(text)
	case kindSwitch:
		parsed, err = text == "true", nil
		if text != "true" && text != "false" {
			err = errors.New("must be true or false")
		}
	case kindWhole:
		if parsed, err = strconv.Atoi(strings.ReplaceAll(text, "_", "")); err != nil {
			err = errors.New("must be a whole number")
		}
	case kindNumber:
		var n float64
		n, err = strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			err = errors.New("must be a number, such as 1 or 0.5")
		}
		parsed = n
	case kindDuration:
		parsed, err = parseDuration(text)
	case kindSize:
		parsed, err = ParseBytes(text)
	case kindTime:
		parsed, err = parseTime(text)
	default:
		return fmt.Errorf("must be a %s", k)
	}
	if err != nil && k != kindText { // texts are not shown: they may be secrets in the wrong place
		return fmt.Errorf("is %s, %w", shown(text), err)
	}
	if err == nil {
		v.Set(reflect.ValueOf(parsed))
	}
	return err
}

func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, errors.New("must be a time, such as 2026-11-26T08:00:00Z")
	}
	return t.UTC(), nil
}

// checkText refuses what would garble a log or a name of a file.
func checkText(text string) error {
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return errors.New("holds control characters or no UTF-8; write it on one line, as plain text")
	}
	return nil
}

// shownMax bounds what a message repeats of a value.
const shownMax = 40

// shown is a value as messages repeat it.
func shown(text string) string { return strconv.Quote(short(text)) }

// printable is a key that is not ours as messages repeat it.
func printable(key string) string {
	q := strconv.Quote(short(key))
	return q[1 : len(q)-1]
}

func short(text string) string {
	if len(text) > shownMax {
		return strings.ToValidUTF8(text[:shownMax], "") + "…"
	}
	return text
}
