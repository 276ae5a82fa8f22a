package reference

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// orgForm says in which columns a section of as-org2info has what is needed.
type orgForm struct {
	columns                   int
	asn, asName, org, orgName int // -1 where the section has none
}

// readOrgs reads as-org2info text.
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
