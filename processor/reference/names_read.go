package reference

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
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

func (n *Names) readJSON(in io.Reader) error {
	dec := json.NewDecoder(in)
	fail := func(err error) error {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("json near byte %d: %w", dec.InputOffset(), err)
	}
	if _, err := dec.Token(); err != nil {
		return fail(err)
	}
	var bad problems
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return fail(err)
		}
		var name string
		err = dec.Decode(&name)
		var kind *json.UnmarshalTypeError
		if err != nil && !errors.As(err, &kind) {
			return fail(err)
		}
		if err == nil {
			err = n.setName(strings.TrimSpace(key.(string)), name)
		}
		if err != nil {
			bad.add("%s: %v", quote(key.(string)), err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return fail(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("something follows the JSON at byte %d", dec.InputOffset())
	}
	return bad.err()
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

// orgForm says in which columns a section of as-org2info has what is needed.
type orgForm struct {
	columns                   int
	asn, asName, org, orgName int // -1 where the section has none
}

func (n *Names) readOrgs(in io.Reader) error {
	var bad problems
	var form orgForm
	err := eachLine(in, func(line int, text []byte) {
		var err error
		switch columns, ok := strings.CutPrefix(string(text), "# format:"); {
		case ok:
			form, err = parseOrgForm(columns)
		case len(text) == 0 || text[0] == '#':
		default:
			err = n.orgLine(form, string(text))
		}
		if err != nil {
			bad.at(line, "%v", err)
		}
	})
	if err != nil {
		bad.add("%v", err)
	}
	if form.columns == 0 && len(bad.list) == 0 {
		return errors.New(`neither a JSON object of names nor as-org2info text with "# format:" lines`)
	}
	return bad.err()
}

// parseOrgForm reads the columns that a "# format:" line names: org_id and
// org_name for organisations, aut, aut_name and org_id for ASes.
func parseOrgForm(columns string) (orgForm, error) {
	names := strings.Split(strings.TrimSpace(columns), "|")
	form := orgForm{
		columns: len(names),
		asn:     slices.Index(names, "aut"),
		asName:  slices.Index(names, "aut_name"),
		org:     slices.Index(names, "org_id"),
		orgName: slices.Index(names, "org_name"),
	}
	if form.org < 0 || (form.asn < 0) == (form.orgName < 0) || (form.asn >= 0 && form.asName < 0) {
		return orgForm{}, fmt.Errorf("%s is not a form of as-org2info: aut, aut_name and org_id, or org_id and org_name",
			quote(columns))
	}
	return form, nil
}

func (n *Names) orgLine(form orgForm, text string) error {
	if form.columns == 0 {
		return errors.New(`no "# format:" line says what this is: is this as-org2info text?`)
	}
	fields := strings.Split(text, "|")
	if len(fields) != form.columns {
		return fmt.Errorf("%d columns where the format line has %d", len(fields), form.columns)
	}
	id := fields[form.org]
	if form.asn < 0 {
		return n.setOrg(id, fields[form.orgName])
	}
	if err := n.setName(fields[form.asn], fields[form.asName]); err != nil {
		return err
	}
	if id == "" {
		return nil
	}
	if len(n.orgs) > maxNames {
		return fmt.Errorf("more than %d organisations: is this the right file?", maxNames)
	}
	a, err := parseASN(fields[form.asn])
	n.entry(a).org = n.org(id)
	return err
}

func (n *Names) setOrg(id, name string) error {
	if id == "" {
		return errors.New("an organisation without id")
	}
	name, err := cleanName(name)
	if err != nil {
		return err
	}
	if len(n.orgs) > maxNames {
		return fmt.Errorf("more than %d organisations: is this the right file?", maxNames)
	}
	if name != "" {
		n.orgs[n.org(id)] = name
	}
	return nil
}
