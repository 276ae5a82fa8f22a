package config

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

var errDuration = errors.New("must be a duration, such as 10m: numbers with ms, s, m or h, or whole days as 7d")

// parseDuration is time.ParseDuration with whole days, and without what is
// below nothing.
func parseDuration(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return 0, errDuration
		}
		return time.Duration(n) * day, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, errDuration
	}
	return d, nil
}

// FormatDuration writes d as a configuration does, without zeros at its end.
func FormatDuration(d time.Duration) string {
	if n := d / day; d%day == 0 && n > 1 && n < 1<<16 {
		return strconv.Itoa(int(n)) + "d"
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
