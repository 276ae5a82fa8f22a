package processor

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestThePageNamesEveryRuleAndTag holds that what the correlator writes into
// alerts is explained.
func TestThePageNamesEveryRuleAndTag(t *testing.T) {
	page, err := os.ReadFile("../docs/reference/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("correlate/*.go")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	forms := []*regexp.Regexp{
		regexp.MustCompile(`Tag: +"([a-z0-9-]+)"`),
		regexp.MustCompile(`\badd\(.*?, "([a-z0-9-]+)", -?\d`),
		regexp.MustCompile(`\{"([a-z-]+)", by(?:Pair|Edge)`),
		regexp.MustCompile(`return "((?:origin|watched|rpki)-[a-z-]+)"`),
		regexp.MustCompile(`\b[rR]ule\w* *(?:=|:|,.*=) *"([a-z-]+)"`),
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, form := range forms {
			for _, m := range form.FindAllStringSubmatch(string(text), -1) {
				words[m[1]] = name
			}
		}
	}
	for _, known := range []string{"direction-flip", "scale", "visibility", "watched-transit", "rpki-invalid"} {
		if words[known] == "" {
			t.Errorf("%s was not found in the code: the search is wrong", known)
		}
	}
	for word, name := range words {
		if !strings.Contains(string(page), "`"+word+"`") {
			t.Errorf("%s writes %q, which docs/reference/alerts.md does not explain", name, word)
		}
	}
}
