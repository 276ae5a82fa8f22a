package reference

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"detour/route"
)

const (
	// maxWatchBytes bounds a watch file, which is held as a whole.
	maxWatchBytes = 16 << 20
	// maxWatched bounds prefixes and ASes, each.
	maxWatched = 100_000
	// maxNumbers bounds the AS numbers of all entries together, which aliases can
	// make more than the file has bytes.
	maxNumbers = 1 << 20
	// maxText bounds a description or the name of a group, in bytes.
	maxText = 1024
)

// OpenWatch reads the watch file at path: see ReadWatch.
func OpenWatch(path string) (*Watch, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read watch file: %w", err)
	}
	defer f.Close()
	return ReadWatch(f, path)
}

// ReadWatch reads a watch file: BGPalerter's prefixes.yml, or a plain list with a
// prefix or an AS on a line (docs/reference/watch.md); the first line that says
// anything decides. name stands in messages. The error names every problem with
// its line, up to a bound.
func ReadWatch(r io.Reader, name string) (*Watch, error) {
	w, err := readWatch(r, name)
	if err != nil {
		return nil, fmt.Errorf("read watch file %s: %w", name, err)
	}
	return w, nil
}

func readWatch(src io.Reader, name string) (*Watch, error) {
	text, err := io.ReadAll(io.LimitReader(src, maxWatchBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxWatchBytes {
		return nil, fmt.Errorf("more than %d MiB: is this the right file?", maxWatchBytes>>20)
	}
	text = bytes.TrimPrefix(text, []byte(bom))
	l := &watchList{w: &Watch{}, byText: map[string]int{}, byASN: map[route.ASN]int{}}
	if isPlain(text) {
		err = l.plain(text)
	} else {
		err = l.yaml(text)
	}
	if err != nil {
		l.bad.add("%v", err)
	}
	if err := l.bad.err(); err != nil {
		return nil, err
	}
	return l.finish(name)
}

// watchList builds a Watch.
type watchList struct {
	w      *Watch
	bad    problems
	notes  notes
	byText map[string]int // line of each prefix, as written
	byASN  map[route.ASN]int
	total  int // AS numbers in entries
}

// count takes n more AS numbers of an entry.
func (l *watchList) count(n int) error {
	if l.total += n; l.total > maxNumbers {
		return fmt.Errorf("more than %d AS numbers in all: is this the right file?", maxNumbers)
	}
	return nil
}

// prefix takes an entry whose prefix stands in the file as text; e has the rest.
// ignore leaves the prefix alone.
func (l *watchList) prefix(line int, text string, e WatchedPrefix, ignore bool) {
	p, hostBits, err := parseAnnounced(text)
	if err != nil {
		l.bad.at(line, "%v", err)
		return
	}
	if before, ok := l.byText[text]; ok {
		l.bad.at(line, "prefix %s stands in line %d already: delete one of the entries", text, before)
		return
	}
	if len(l.w.rules) == maxWatched {
		l.bad.at(line, "more than %d prefixes: is this the right file?", maxWatched)
		return
	}
	l.byText[text] = line
	if hostBits {
		l.notes.add(line, "host bits", "bits of a prefix beyond its length are cleared")
	}
	if _, ok := l.w.byPrefix.Get(p.Netip()); ok {
		l.notes.add(line, "prefix twice", "it is the same as one above, written in another way; the first counts")
		return
	}
	l.w.byPrefix.Insert(p.Netip(), uint32(len(l.w.rules)))
	if ignore {
		l.w.rules = append(l.w.rules, nil)
		return
	}
	e.Prefix, e.Line = p, line
	l.w.rules = append(l.w.rules, &e)
	l.w.prefixes = append(l.w.prefixes, &e)
}

// asn takes an AS.
func (l *watchList) asn(line int, e WatchedASN) {
	if before, ok := l.byASN[e.ASN]; ok {
		l.bad.at(line, "AS%s stands in line %d already: delete one of the entries", e.ASN, before)
		return
	}
	if len(l.w.asns) == maxWatched {
		l.bad.at(line, "more than %d ASes: is this the right file?", maxWatched)
		return
	}
	l.byASN[e.ASN] = line
	e.Line = line
	l.w.asns = append(l.w.asns, &e)
}

func (l *watchList) finish(name string) (*Watch, error) {
	w := l.w
	if len(w.rules)+len(w.asns) == 0 {
		return nil, errors.New("nothing to watch: write a prefix or an AS, such as AS64500, on a line")
	}
	slices.SortFunc(w.prefixes, func(a, b *WatchedPrefix) int { return a.Prefix.Compare(b.Prefix) })
	slices.SortFunc(w.asns, func(a, b *WatchedASN) int { return int(int64(a.ASN) - int64(b.ASN)) })
	for _, e := range w.asns {
		w.asnIndex.add(e.ASN)
	}
	w.ignored = l.notes.sentences(name)
	return w, nil
}

// cleanText makes a description or a group fit for messages.
func cleanText(what, text string) (string, error) {
	if len(text) > maxText {
		return "", fmt.Errorf("%s has more than %d bytes", what, maxText)
	}
	return strings.TrimSpace(strings.ToValidUTF8(text, "�")), nil
}
