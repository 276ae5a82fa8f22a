package reference

import (
	"bytes"
	"strings"
)

// isPlain reports whether text is a plain list: its first line that says
// anything is no key and no other beginning of YAML.
func isPlain(text []byte) bool {
	for line := range bytes.Lines(text) {
		entry, _ := cutComment(string(line))
		if entry == "" {
			continue
		}
		entry = strings.TrimPrefix(entry, "- ")
		return !strings.HasSuffix(entry, ":") && !strings.Contains(entry, ": ") &&
			!strings.ContainsRune("{[\"'%&!?-*|>", rune(entry[0]))
	}
	return true
}

// cutComment splits a line at "#", which counts at its beginning and after a
// space, as in YAML.
func cutComment(line string) (entry, comment string) {
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return strings.TrimSpace(line[:i]), strings.TrimSpace(line[i+1:])
		}
	}
	return strings.TrimSpace(line), ""
}

// plain reads a list with one entry a line.
func (l *watchList) plain(text []byte) error {
	return eachLine(bytes.NewReader(text), func(line int, text []byte) {
		entry, comment := cutComment(string(text))
		if entry != "" {
			l.plainEntry(line, strings.TrimPrefix(entry, "- "), comment)
		}
	})
}

// plainEntry takes "AS64500", or a prefix and the ASes expected to announce it.
func (l *watchList) plainEntry(line int, entry, comment string) {
	words := strings.Fields(entry)
	if len(words) == 0 {
		l.bad.at(line, "an entry without text")
		return
	}
	first := words[0]
	if strings.HasSuffix(first, ":") {
		l.bad.at(line, "%s is a YAML key in a plain list: keep to the form of the first line", quote(first))
		return
	}
	if !strings.Contains(first, "/") {
		l.plainASN(line, words)
		return
	}
	var e WatchedPrefix
	var err error
	if e.Description, err = cleanText("the comment", comment); err != nil {
		l.bad.at(line, "%v", err)
	}
	for _, word := range words[1:] {
		a, err := parseASN(word)
		if err == nil {
			err = l.count(1)
		}
		if err != nil {
			l.bad.at(line, "origin of %s: %v", shorten(first), err)
			break
		}
		e.Origins = append(e.Origins, a)
	}
	l.prefix(line, first, e, false)
}

func (l *watchList) plainASN(line int, words []string) {
	first := words[0]
	if strings.ContainsAny(first, ".:") {
		l.bad.at(line, "%v", badPrefix(first))
		return
	}
	a, err := parseASN(first)
	switch {
	case err != nil && !strings.ContainsAny(first, "0123456789"):
		l.bad.at(line, "%s is neither a prefix nor an AS such as AS64500", quote(first))
	case err != nil:
		l.bad.at(line, "%v", err)
	case first[0] >= '0' && first[0] <= '9':
		l.bad.at(line, "%s: write AS%s to watch an AS", first, a)
	case len(words) > 1:
		l.bad.at(line, "%s after AS%s: one AS a line", quote(strings.Join(words[1:], " ")), a)
	default:
		l.asn(line, WatchedASN{ASN: a})
	}
}
