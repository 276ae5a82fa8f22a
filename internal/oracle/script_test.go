package oracle_test

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"detour/internal/oracle"
	"detour/route"
)

// peers of the scripts. P has a private ASN, I is an iBGP session.
var peers = map[string]route.Peer{
	"A": {Collector: "c", Addr: netip.MustParseAddr("10.0.0.1"), ASN: 100, LocalASN: 12654},
	"B": {Collector: "c", Addr: netip.MustParseAddr("10.0.0.2"), ASN: 200, LocalASN: 12654},
	"C": {Collector: "c", Addr: netip.MustParseAddr("10.0.0.3"), ASN: 300, LocalASN: 12654},
	"P": {Collector: "c", Addr: netip.MustParseAddr("10.0.0.4"), ASN: 64512, LocalASN: 12654},
	"I": {Collector: "c", Addr: netip.MustParseAddr("10.0.0.5"), ASN: 12654, LocalASN: 12654},
}

// script is a list of steps "operation => what it must tell":
//
//	5m A 1.2.0.0/16 = 100 701 13335 => facts      announce, in a transfer
//	5m news A 1.2.0.0/16 = 100 701 13335 => facts announce, as news
//	5m table A#7 1.2.0.0/16 = 100 701 => facts    table dump, ADD-PATH id 7
//	5m A#7 1.2.0.0/16 - => facts                  withdraw
//	reset A
//	1.2.0.0/16 => a line of its dump, ! before a line that must not be there
//
// Time starts at 0; the hash gives phase 0, so that ageing happens at 720h.
type script struct {
	name  string
	steps []string
}

func runScripts(t *testing.T, all []script) {
	t.Helper()
	for _, sc := range all {
		t.Run(sc.name, func(t *testing.T) {
			s := oracle.New(func(route.Prefix) uint64 { return 0 })
			for _, step := range sc.steps {
				runStep(t, s, step)
			}
		})
	}
}

func runStep(t *testing.T, s *oracle.Shard, step string) {
	t.Helper()
	op, want, _ := strings.Cut(step, " => ")
	words := strings.Fields(op)
	switch {
	case words[0] == "reset":
		s.Reset(peers[words[1]])
	case len(words) == 1:
		line, absent := strings.CutPrefix(want, "!")
		section := dumpOf(s, words[0])
		if strings.Contains(section, "  "+line+"\n") == absent {
			t.Errorf("%s, in\n%s", step, section)
		}
	default:
		if got := brief(apply(t, s, words)); got != want {
			t.Errorf("%s\n got: %s\nwant: %s", op, got, want)
		}
	}
}

func apply(t *testing.T, s *oracle.Shard, words []string) oracle.Facts {
	t.Helper()
	d, err := time.ParseDuration(words[0])
	if err != nil {
		t.Fatal(err)
	}
	at := route.Time(d.Microseconds())
	words = words[1:]
	from := oracle.Transfer
	switch words[0] {
	case "table":
		from, words = oracle.Table, words[1:]
	case "news":
		from, words = oracle.News, words[1:]
	}
	name, idText, addPath := strings.Cut(words[0], "#")
	id, _ := strconv.Atoi(idText)
	peer, ok := peers[name]
	if !ok {
		t.Fatalf("no peer %q", name)
	}
	p := route.MustPrefix(words[1])
	if words[2] == "-" {
		return s.Withdraw(at, peer, p, uint32(id), addPath)
	}
	return s.Announce(at, peer, p, uint32(id), addPath, parsePath(strings.Join(words[3:], " ")), from)
}

// parsePath reads "1 2 {3 4} (5 6) [7 8]": sequences, a set, a confederation
// sequence, a confederation set.
func parsePath(text string) route.Path {
	text = strings.NewReplacer("{", " { ", "}", " } ", "(", " ( ", ")", " ) ", "[", " [ ", "]", " ] ").Replace(text)
	open := map[string]route.SegmentType{"{": route.ASSet, "(": route.ASConfedSequence, "[": route.ASConfedSet}
	var p route.Path
	typ, start := route.ASSequence, 0
	flush := func(next route.SegmentType) {
		if n := len(p.ASNs) - start; n > 0 || typ != route.ASSequence {
			p.Segments = append(p.Segments, route.Segment{Type: typ, Count: uint16(n)})
		}
		typ, start = next, len(p.ASNs)
	}
	for w := range strings.FieldsSeq(text) {
		if next, ok := open[w]; ok {
			flush(next)
		} else if strings.ContainsAny(w, "})]") {
			flush(route.ASSequence)
		} else {
			n, err := strconv.ParseUint(w, 10, 32)
			if err != nil {
				panic(err)
			}
			p.ASNs = append(p.ASNs, route.ASN(n))
		}
	}
	flush(route.ASSequence)
	if len(p.Segments) == 1 && p.Segments[0].Type == route.ASSequence {
		p.Segments = nil
	}
	return p
}

// dumpOf returns the section of a prefix, its header indented, peers by letter.
func dumpOf(s *oracle.Shard, prefix string) string {
	var b strings.Builder
	in := false
	for line := range strings.Lines(s.Dump()) {
		if !strings.HasPrefix(line, " ") {
			in = strings.HasPrefix(line, prefix+" ")
			_, line, _ = strings.Cut(line, " ")
			line = "  " + line
		}
		if in {
			b.WriteString(line)
		}
	}
	text := b.String()
	for name, p := range peers {
		text = strings.ReplaceAll(text, oracle.PeerText(p), name)
	}
	return text
}

// brief names everything in f that is not zero, Next and what §8 counts excepted;
// hops by ASN.
func brief(f oracle.Facts) string {
	out := []string{f.Outcome.String()}
	if f.HasPrev {
		out = append(out, fmt.Sprintf("prev%v", f.Prev))
	}
	for _, l := range []struct {
		name string
		at   []int
	}{{"rep", f.Reported}, {"con", f.Contrast}, {"new", f.Newcomers}, {"young", f.Young}} {
		if len(l.at) > 0 {
			var asns []route.ASN
			for _, i := range l.at {
				asns = append(asns, f.Next[i])
			}
			out = append(out, fmt.Sprintf("%s%v", l.name, asns))
		}
	}
	for _, l := range []struct {
		name string
		on   bool
	}{
		{"inflated", f.Inflated},
		{"shortened", f.Shortened},
		{"ms", f.MoreSpecific},
		{"origin-new", f.OriginNew},
		{"nobase", f.NoBaseline},
		{"inherited", f.Inherited && !f.MoreSpecific},
	} {
		if l.on {
			out = append(out, l.name)
		}
	}
	if f.Unique > 0 {
		out = append(out, fmt.Sprintf("u%d", f.Unique))
	}
	if f.Longest > 0 {
		out = append(out, fmt.Sprintf("l%d", f.Longest))
	}
	if len(f.Origins) > 0 {
		out = append(out, fmt.Sprintf("exp%v", f.Origins))
	}
	for _, l := range []struct {
		name string
		on   bool
	}{{"left", f.Left}, {"loss", f.Loss}, {"held", f.Held}} {
		if l.on {
			out = append(out, l.name)
		}
	}
	return strings.Join(out, " ")
}

func countLines(text, start string) int {
	n := 0
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, start) {
			n++
		}
	}
	return n
}
