package shard

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"detour/route"
)

// lists are the files of real prefixes in the corpus: a prefix at the start of a
// line, its length behind a slash or a tab.
func lists() []string {
	return []string{
		"prefixes/bart.prefixes.txt.gz", "prefixes/routeviews-rv2-20240101-1200.pfx2as.gz", "prefixes/ipasn_20140513.dat.gz",
	}
}

// realPrefixes returns up to n prefixes of the corpus in their order, nil where
// it is absent.
func realPrefixes(corpus string, n int) ([]route.Prefix, error) {
	seen := make(map[route.Prefix]bool, n)
	for _, name := range lists() {
		err := eachPrefix(filepath.Join(corpus, name), func(p route.Prefix) {
			if len(seen) < n {
				seen[p] = true
			}
		})
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read prefixes of %s: %w", name, err)
		}
	}
	list := make([]route.Prefix, 0, len(seen))
	for p := range seen {
		list = append(list, p)
	}
	slices.SortFunc(list, route.Prefix.Compare)
	return list, nil
}

func eachPrefix(path string, f func(route.Prefix)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 {
			continue
		}
		text := fields[0]
		if len(fields) == 3 { // address, length, origin
			text += "/" + fields[1]
		}
		if p, err := netip.ParsePrefix(text); err == nil && p.Bits() >= 8 { // others are comments
			f(route.PrefixFrom(p))
		}
	}
	return lines.Err()
}
