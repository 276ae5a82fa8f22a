package config

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestSizesAndDurationsAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shift := rapid.IntRange(0, 50).Draw(t, "shift")
		b := Bytes(rapid.Int64Range(0, math.MaxInt64).Draw(t, "bytes") << shift & math.MaxInt64)
		if got, err := ParseBytes(b.String()); got != b || err != nil {
			t.Errorf("%d is %s is %d, %v", int64(b), b, int64(got), err)
		}
		unit := rapid.SampledFrom([]time.Duration{1, time.Second, time.Minute, time.Hour, day}).Draw(t, "unit")
		d := time.Duration(rapid.Int64Range(0, math.MaxInt64/int64(unit)).Draw(t, "n")) * unit
		if got, err := parseDuration(FormatDuration(d)); got != d || err != nil {
			t.Errorf("%v is %s is %v, %v", d, FormatDuration(d), got, err)
		}
	})
}

func TestSizesAndDurationsHaveOneShortForm(t *testing.T) {
	for b, want := range map[Bytes]string{
		0: "0", 1: "1", 1000: "1000", 1024: "1KiB", 3 << 19: "1536KiB", 5 << 40: "5TiB",
	} {
		if got := b.String(); got != want {
			t.Errorf("%d is %s, want %s", int64(b), got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0s", time.Minute: "1m", time.Hour: "1h", 24 * time.Hour: "24h", 2 * day: "2d", 90 * time.Second: "1m30s",
		time.Hour + time.Second: "1h0m1s", 10 * time.Second: "10s", 100 * time.Hour: "100h", 20 * time.Minute: "20m",
	} {
		if got := FormatDuration(d); got != want {
			t.Errorf("%v is %s, want %s", d, got, want)
		}
	}
	for _, text := range []string{"", "-1", "1.5GiB", "GiB", "8388608TiB", "1 GB", "0x10"} {
		if b, err := ParseBytes(text); err == nil {
			t.Errorf("%q is %d", text, int64(b))
		}
	}
	if b, err := ParseBytes("64 MiB"); b != 64<<20 || err != nil {
		t.Error(b, err)
	}
}

func TestTyposAreRecognised(t *testing.T) {
	names := []string{"url", "dir", "ca_file", "cert_file", "key_file", "level"}
	for word, want := range map[string]string{
		"ulr": "url", "uri": "url", "cafile": "ca_file", "cert-file": "cert_file", "levl": "level", "keyfile": "key_file",
		"password": "", "x": "", "": "", "format": "",
	} {
		if got := nearest(word, names); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
	if d := distance("kitten", "sitting"); d != 3 {
		t.Error(d)
	}
}
