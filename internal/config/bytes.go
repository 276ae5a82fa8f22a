package config

import (
	"errors"
	"strconv"
	"strings"
)

// Bytes is a size, written as a number with or without KiB, MiB, GiB or TiB.
type Bytes int64

// byteUnits go from large to small, so that String finds the largest that fits.
var byteUnits = [...]struct {
	name  string
	shift uint
}{{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}}

var errBytes = errors.New("must be a size, such as 64MiB: a whole number with KiB, MiB, GiB or TiB, or of bytes")

// String writes b as ParseBytes reads it, without loss.
func (b Bytes) String() string {
	for _, u := range byteUnits {
		if b != 0 && b&(1<<u.shift-1) == 0 {
			return strconv.FormatInt(int64(b>>u.shift), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// ParseBytes reads a size.
func ParseBytes(text string) (Bytes, error) {
	shift := uint(0)
	for _, u := range byteUnits {
		if rest, ok := strings.CutSuffix(text, u.name); ok {
			text, shift = strings.TrimSuffix(rest, " "), u.shift
			break
		}
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n > (1<<63-1)>>shift {
		return 0, errBytes
	}
	return Bytes(n << shift), nil
}
