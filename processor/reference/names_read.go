package reference

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

const (
	// maxNames bounds ASes and organisations each; some 120,000 ASes are in use.
	maxNames = 1 << 20
	// maxName bounds a name in bytes; the longest organisation has 203.
	maxName = 1024
)

// OpenNames reads names of ASes from any number of files, each either JSON, an
// object of names by AS number ({"AS13335": "CLOUDFLARENET"}), or CAIDA's
// as-org2info text with organisations. They may be compressed with gzip or
// bzip2. Where two files name an AS or an organisation, the later counts.
func OpenNames(paths ...string) (*Names, error) {
	n := newNames()
	for _, path := range paths {
		if err := openFile(path, n.read); err != nil {
			return nil, fmt.Errorf("read names: %w", err)
		}
	}
	n.orgIndex = nil
	return n, nil
}

// ReadNames is OpenNames for one stream.
func ReadNames(r io.Reader) (*Names, error) {
	n := newNames()
	if err := n.read(r); err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	n.orgIndex = nil
	return n, nil
}

func newNames() *Names { return &Names{orgIndex: map[string]uint32{}, orgs: []string{""}} }

func (n *Names) read(src io.Reader) error {
	in, err := unpack(src)
	if err != nil {
		return err
	}
	isJSON, err := startsWith(in, '{')
	if err != nil {
		return err
	}
	if isJSON {
		return n.readJSON(in)
	}
	return n.readOrgs(in)
}

// startsWith reports whether c is the first byte that is no space.
func startsWith(in *bufio.Reader, c byte) (bool, error) {
	const far = 4096
	head, err := in.Peek(far)
	if err != nil && err != io.EOF {
		return false, err
	}
	text := strings.TrimLeft(string(head), " \t\r\n")
	return text != "" && text[0] == c, nil
}

func (n *Names) setName(asn, name string) error {
	a, err := parseASN(asn)
	if err != nil {
		return err
	}
	if name, err = cleanName(name); err != nil {
		return err
	}
	if n.index.n == maxNames {
		return fmt.Errorf("more than %d ASes: is this the right file?", maxNames)
	}
	if e := n.entry(a); name != "" {
		e.name = name
	}
	return nil
}

// cleanName makes foreign text fit for messages.
func cleanName(name string) (string, error) {
	if len(name) > maxName {
		return "", fmt.Errorf("the name %s has more than %d bytes", quote(name), maxName)
	}
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(name, "�"))
	return strings.TrimSpace(name), nil
}
