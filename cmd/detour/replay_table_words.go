package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"detour/internal/latency"
)

func many(n uint64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return number(n) + " " + word + "s"
}

func were(n uint64, word string) string {
	if n == 1 {
		return "1 " + word + " was"
	}
	return many(n, word) + " were"
}

func alertsOf(prefixes uint64) string {
	if prefixes == 1 {
		return "1 alert of a prefix"
	}
	return number(prefixes) + " alerts of prefixes"
}

// judgement says what the correlator's silence is worth.
func judgement(j *reportJudge) string {
	s := "mature"
	if !j.Mature {
		s = "learning: not every route from before is known, so silence proves little"
	}
	s += fmt.Sprintf("; %s of %s ASes are transit, noise %d, %s",
		number(uint64(j.Transits)), number(uint64(j.ASes)), j.Noise, nearMisses(j.NearMisses))
	if j.Migrations > 0 {
		s += fmt.Sprintf(", %s", many(j.Migrations, "renumbered network"))
	}
	if j.Refused > 0 {
		s += fmt.Sprintf("; a table was FULL, %s entries refused", number(j.Refused))
	}
	return s
}

func nearMisses(n uint64) string {
	if n == 1 {
		return "1 near miss"
	}
	return number(n) + " near misses"
}

// untold says how many prefixes had no alert because too many fired, and how
// many messages found no room in the stream until they were read.
func untold(r *replayReport) (s string) {
	if n := r.Judge.HeldBack; n > 0 {
		s += fmt.Sprintf("; %s held back, too many fired", number(n))
	}
	if n := r.Alerts.Lost; n > 0 {
		s += fmt.Sprintf("; %s messages LOST, a larger --stream-bytes keeps them", number(n))
	}
	return s
}

func kinds(byKind map[string]uint64) string {
	if len(byKind) == 0 {
		return ""
	}
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(byKind)) {
		parts = append(parts, number(byKind[k])+" "+k)
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func total(byKind map[string]uint64) (n uint64) {
	for _, v := range byKind {
		n += v
	}
	return n
}

func percentiles(l latency.Summary) string {
	d := func(us int64) string { return (time.Duration(us) * time.Microsecond).String() }
	return fmt.Sprintf("p50 %s, p99 %s, max %s", d(l.P50), d(l.P99), d(l.Max))
}

func size(n uint64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// number writes n with a comma before each three digits.
func number(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
