package archive

import (
	"fmt"
	"html"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// maxIndex bounds the page of a month: RIS has 9,000 files in one, of some 200
// octets each.
const maxIndex = 16 << 20

var (
	href     = regexp.MustCompile(`(?i)\bhref\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)`)
	fileName = regexp.MustCompile(`^([a-z]+)\.([0-9]{8}\.[0-9]{4})\.(gz|bz2)$`)
	// What web servers write above a listing, also of an empty folder.
	listing = regexp.MustCompile(`(?i)index of|directory listing|parent directory|href="?\.\./["\s>]`)
)

// index reads the files that a directory index names: those of this kind and month,
// the oldest first. Only the names of links count; where they lead does not. A page
// that is no index is an error: nothing must be taken for an empty month.
func (l *layout) index(k Kind, month time.Time, page string) ([]File, error) {
	folder, seen := l.folder(k, month), map[string]bool{}
	var files []File
	for _, m := range href.FindAllStringSubmatch(page, -1) {
		f, ok := l.file(k, month, folder, strings.Trim(m[1], `"'`))
		if ok && !seen[f.URL] {
			seen[f.URL] = true
			files = append(files, f)
		}
	}
	if len(files) == 0 && !listing.MatchString(page) {
		return nil, fmt.Errorf("%s is no directory index: it names no file of the archive", folder)
	}
	slices.SortStableFunc(files, func(a, b File) int { return a.At.Compare(b.At) })
	// A month may hold a file in two compressions.
	return slices.CompactFunc(files, func(a, b File) bool { return a.At.Equal(b.At) }), nil
}

// file returns the file that a link names, if it is one of this kind and month.
func (l *layout) file(k Kind, month time.Time, folder, link string) (File, bool) {
	link, _, _ = strings.Cut(html.UnescapeString(link), "?")
	link, _, _ = strings.Cut(link, "#")
	plain, err := url.PathUnescape(link)
	if err != nil {
		return File{}, false
	}
	name := path.Base(plain)
	m := fileName.FindStringSubmatch(name)
	if m == nil || m[1] != l.prefixes[k] {
		return File{}, false
	}
	at, err := time.Parse("20060102.1504", m[2])
	if err != nil || !monthOf(at).Equal(monthOf(month)) {
		return File{}, false
	}
	return File{Collector: l.collector, Kind: k, At: at, URL: folder + name, every: l.every}, true
}
