package route

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"
)

// timeLayout is RFC 3339 in UTC with microseconds, always 27 characters, so
// that text order is time order.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// AppendText appends t as RFC 3339 in UTC with six decimals. It allocates
// nothing when dst has room and never fails.
func (t Time) AppendText(dst []byte) ([]byte, error) {
	return t.Std().AppendFormat(dst, timeLayout), nil
}

// MarshalText returns the form of AppendText.
func (t Time) MarshalText() ([]byte, error) { return t.AppendText(nil) }

// UnmarshalText reads any RFC 3339 time and cuts it to microseconds.
func (t *Time) UnmarshalText(text []byte) error {
	std, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return fmt.Errorf("parse time: %w", err)
	}
	*t = TimeOf(std)
	return nil
}

// AppendText appends p in the usual notation, nothing for the zero Prefix. It
// allocates nothing when dst has room and never fails.
func (p Prefix) AppendText(dst []byte) ([]byte, error) {
	if p == (Prefix{}) {
		return dst, nil
	}
	dst = append(p.Addr().AppendTo(dst), '/')
	return strconv.AppendUint(dst, uint64(p.Bits), 10), nil
}

// MarshalText returns the form of AppendText.
func (p Prefix) MarshalText() ([]byte, error) { return p.AppendText(nil) }

// UnmarshalText reads a prefix in the usual notation and masks its host bits;
// empty text is the zero Prefix.
func (p *Prefix) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*p = Prefix{}
		return nil
	}
	q, err := netip.ParsePrefix(string(text))
	if err != nil {
		return fmt.Errorf("parse prefix: %w", err)
	}
	*p = PrefixFrom(q)
	return nil
}
