package detour

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// file is one text file of the repository.
type file struct {
	path string // from the root, with slashes
	text string
	fset *token.FileSet
	tree *ast.File // nil unless Go
}

func (f *file) dir() string  { return path.Dir(f.path) }
func (f *file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

func (f *file) isMarkdown() bool { return strings.HasSuffix(f.path, ".md") }

// at says where a node stands.
func (f *file) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", f.path, f.fset.Position(n.Pos()).Line)
}

// parse returns text as a file; Go code outside testdata is parsed.
func parse(path, text string) (*file, error) {
	f := &file{path: path, text: text, fset: token.NewFileSet()}
	if !strings.HasSuffix(path, ".go") || strings.Contains("/"+path, "/testdata/") {
		return f, nil
	}
	var err error
	f.tree, err = parser.ParseFile(f.fset, path, text, parser.ParseComments)
	return f, err
}

// readableMax keeps recordings out; no text of ours is that long.
const readableMax = 1 << 20

// readTree reads every text file of the repository. Hidden directories other
// than .ci, and what .gitignore names, are not ours.
func readTree(t *testing.T) []*file {
	t.Helper()
	var files []*file
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if d.IsDir() {
			hidden := strings.HasPrefix(d.Name(), ".") && name != "." && name != ".ci"
			if hidden || name == "bin" || name == "tmp" || name == "detour-local" || d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() > readableMax {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil || slices.Contains(text, 0) || !utf8.Valid(text) {
			return err
		}
		f, err := parse(name, string(text))
		files = append(files, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// rule names what is wrong with a tree, a line for each problem.
type rule func(tree []*file) []string

// rules is the house: what CONTRIBUTING.md says, as far as a machine can check
// it. What linters check is left to them.
var rules = map[string]rule{
	"a file has at most 500 lines":                          shortFiles,
	"a function has at most 70 lines":                       shortFunctions,
	"a line has at most 120 characters":                     shortLines,
	"code is formatted":                                     formatted,
	"a package says what it is for":                         packageComments,
	"what has a better replacement is not imported":         noBannedImports,
	"packages import downwards":                             layers,
	"third-party packages stay where they belong":           thirdParty,
	"nothing runs before main":                              noInit,
	"packages hold no state":                                noPackageState,
	"libraries do not print":                                noPrinting,
	"tests do not sleep":                                    noSleep,
	"a page has one title":                                  oneTitle,
	"links lead somewhere":                                  linksResolve,
	"the repository speaks of no machine it was written on": noForeignWords,
	"documentation is found from its index":                 docsAreIndexed,
	"a recorded decision has a number":                      decisionsAreNumbered,
	"an entry of the changelog names its component":         changelogForm,
}

func TestTidy(t *testing.T) {
	tree := readTree(t)
	for name, check := range rules {
		t.Run(name, func(t *testing.T) {
			for _, problem := range check(tree) {
				t.Error(problem)
			}
		})
	}
}

// goFiles yields the Go code of a tree.
func goFiles(tree []*file) []*file {
	var out []*file
	for _, f := range tree {
		if f.tree != nil {
			out = append(out, f)
		}
	}
	return out
}

// imports returns the import paths of a file.
func imports(f *file) []string {
	var out []string
	for _, spec := range f.tree.Imports {
		out = append(out, strings.Trim(spec.Path.Value, `"`))
	}
	return out
}

// within reports whether a package or folder is one of roots or lies below one.
func within(dir string, roots ...string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return dir == root || strings.HasPrefix(dir, root+"/")
	})
}
