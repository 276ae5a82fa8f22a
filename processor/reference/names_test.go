package reference

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const orgs2info = `# name: AS Org
# format:org_id|changed|org_name|country|source
ORG-A|20200101|Example A, Inc.|US|ARIN
ORG-B||Example B|DE|RIPE
# format:aut|changed|aut_name|org_id|opaque_id|source
64500|20200101|A-MAIN|ORG-A|x|ARIN
64501||A-SECOND|ORG-A||ARIN
64502||B|ORG-B||RIPE
64503||ALONE|||RIPE
64504||LOST|ORG-NONE||RIPE
64505||LOST-TOO|ORG-NONE||RIPE
`

func readNames(t testing.TB, text string) *Names {
	t.Helper()
	n, err := ReadNames(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNamesAndOrganisations(t *testing.T) {
	n := readNames(t, orgs2info)
	for a, want := range map[string][2]string{
		"64500": {"A-MAIN", "Example A, Inc."},
		"64501": {"A-SECOND", "Example A, Inc."},
		"64502": {"B", "Example B"},
		"64503": {"ALONE", ""},
		"64504": {"LOST", ""},
		"64999": {"", ""},
	} {
		asn, err := parseASN(a)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]string{n.Name(asn), n.Org(asn)}; got != want {
			t.Errorf("AS%s: %q, want %q", a, got, want)
		}
	}
	if n.Len() != 6 || n.Name(0) != "" {
		t.Errorf("%d names, AS 0 %q", n.Len(), n.Name(0))
	}
}

func TestSameOrganisation(t *testing.T) {
	n := readNames(t, orgs2info)
	if !n.SameOrg(64500, 64501) || !n.SameOrg(64501, 64500) {
		t.Error("64500 and 64501 belong together")
	}
	if !n.SameOrg(64504, 64505) {
		t.Error("an organisation needs no name to hold two ASes")
	}
	if n.SameOrg(64500, 64502) || n.SameOrg(64503, 64503) || n.SameOrg(64503, 64999) || n.SameOrg(64998, 64999) {
		t.Error("two ASes belong together without reason")
	}
}

func TestNilNamesKnowNothing(t *testing.T) {
	var n *Names
	if n.Name(1) != "" || n.Org(1) != "" || n.SameOrg(1, 1) || n.Len() != 0 {
		t.Error("nil says something")
	}
}

func TestTheLaterFileNamesAnAS(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	first := write("orgs.txt", orgs2info)
	later := write("names.json", `{"AS64500\n": "A by another name", "64502": "", "as64510": "NEW"}`)
	n, err := OpenNames(first, later)
	if err != nil {
		t.Fatal(err)
	}
	if got := n.Name(64500); got != "A by another name" {
		t.Errorf("64500 is %q", got)
	}
	if n.Name(64502) != "B" {
		t.Errorf("an empty name took the place of one: %q", n.Name(64502))
	}
	if n.Name(64510) != "NEW" || !n.SameOrg(64500, 64501) {
		t.Errorf("64510 is %q, same organisation %t", n.Name(64510), n.SameOrg(64500, 64501))
	}
	bad := write("bad.json", `{"x": "y"}`)
	if _, err := OpenNames(first, bad); err == nil || !strings.Contains(err.Error(), bad+": ") {
		t.Errorf("the bad file is not named: %v", err)
	}
}

func TestNamesAreFitForMessages(t *testing.T) {
	n := readNames(t, "{\"AS1\": \" a\\tb\\u0000c\xff \"}")
	if got := n.Name(1); got != "a b c�" {
		t.Errorf("%q", got)
	}
}

func TestNameFileErrors(t *testing.T) {
	const head = "# format:aut|changed|aut_name|org_id|opaque_id|source\n"
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "neither a JSON object of names nor as-org2info"},
		{"something else", "a,b\n", `no "# format:" line says what this is`},
		{"columns", head + "1|2|3\n", "line 2: 3 columns where the format line has 6"},
		{"format", "# format:a|b\n", "line 1: \"a|b\" is not a form of as-org2info"},
		{"number", head + "x||A|O||S\n", `line 2: "x" is no AS number`},
		{"id", "# format:org_id|changed|org_name\n||A\n", "line 2: an organisation without id"},
		{"name", head + "1||" + strings.Repeat("x", maxName+1) + "|||\n", "line 2: the name "},
		{"cut JSON", `{"AS1": "A"`, "unexpected EOF"},
		{"JSON key", `{"13335": "A", "B": "C"}`, `"B": "B" is no AS number`},
		{"JSON value", `{"AS1": 7}`, `"AS1": json: cannot unmarshal number`},
		{"JSON tail", `{"AS1": "A"} x`, "something follows the JSON"},
		{"JSON long name", `{"AS1": "` + strings.Repeat("x", maxName+1) + `"}`, "more than 1024 bytes"},
	} {
		_, err := ReadNames(strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want it to hold %q", c.name, err, c.want)
		}
	}
}
