package reference

import (
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"detour/route"
)

// maxListed bounds a list.
const maxListed = 100_000

//go:embed lists/*.txt
var shipped embed.FS

// DefaultLists returns the lists that come with detour; each says in its comments
// where it is from. It reads them anew at each call.
func DefaultLists() *Lists {
	lists := &Lists{}
	for _, kind := range []ListKind{Beacons, Scrubbers, Tier1s} {
		f, err := shipped.Open("lists/" + kind.String() + ".txt")
		if err != nil {
			panic(err) // it was compiled in
		}
		list, err := readList(kind, f)
		if err != nil {
			panic(fmt.Sprintf("shipped list of %s: %v", kind, err))
		}
		lists = lists.With(list)
	}
	return lists
}

// OpenList reads a list of a kind from the file at path: one prefix (Beacons) or
// AS number a line, "#" begins a comment. It may be empty, and compressed with
// gzip or bzip2. Lists.With puts it in the place of the shipped one.
func OpenList(kind ListKind, path string) (list *List, err error) {
	err = openFile(path, func(r io.Reader) error {
		list, err = readList(kind, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read list of %s: %w", kind, err)
	}
	return list, nil
}

// ReadList is OpenList for a stream.
func ReadList(kind ListKind, r io.Reader) (*List, error) {
	list, err := readList(kind, r)
	if err != nil {
		return nil, fmt.Errorf("read list of %s: %w", kind, err)
	}
	return list, nil
}

func readList(kind ListKind, src io.Reader) (*List, error) {
	in, err := unpack(src)
	if err != nil {
		return nil, err
	}
	l := &List{kind: kind}
	var bad problems
	err = eachLine(in, func(line int, text []byte) {
		entry, _, _ := strings.Cut(string(text), "#")
		if entry = strings.TrimSpace(entry); entry == "" {
			return
		}
		if err := l.add(entry); err != nil {
			bad.at(line, "%v", err)
		}
	})
	if err != nil {
		bad.add("%v", err)
	}
	if err := bad.err(); err != nil {
		return nil, err
	}
	slices.SortFunc(l.prefixes, route.Prefix.Compare)
	l.prefixes = slices.Compact(l.prefixes)
	slices.Sort(l.asns)
	l.asns = slices.Compact(l.asns)
	return l, nil
}

func (l *List) add(entry string) error {
	if len(l.prefixes)+len(l.asns) == maxListed {
		return fmt.Errorf("more than %d entries: is this the right file?", maxListed)
	}
	if l.kind != Beacons {
		a, err := parseASN(entry)
		l.asns = append(l.asns, a)
		return err
	}
	p, hostBits, err := parsePrefix(entry)
	if err != nil {
		return err
	}
	if hostBits {
		return fmt.Errorf("prefix %s has bits beyond its length: write %s", entry, p)
	}
	l.prefixes = append(l.prefixes, p)
	l.covered.Insert(p.Netip())
	return nil
}
