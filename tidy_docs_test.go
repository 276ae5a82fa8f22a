package detour

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var (
	fence     = regexp.MustCompile("(?ms)^ *```.*?^ *```[^\n]*$")
	code      = regexp.MustCompile("`[^`\n]*`")
	heading   = regexp.MustCompile(`(?m)^(#+) +(.+?) *$`)
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	notInSlug = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// prose is a page without its code.
func prose(f *file) string { return fence.ReplaceAllString(f.text, "") }

func oneTitle(tree []*file) (problems []string) {
	for _, f := range tree {
		if !f.isMarkdown() || within(f.dir(), "testdata") {
			continue
		}
		titles := 0
		for _, h := range heading.FindAllStringSubmatch(prose(f), -1) {
			if h[1] == "#" {
				titles++
			}
		}
		if titles != 1 {
			problems = append(problems, fmt.Sprintf("%s has %d titles", f.path, titles))
		}
	}
	return problems
}

// linksResolve follows relative links to files, folders and headings.
func linksResolve(tree []*file) (problems []string) {
	known := map[string]*file{}
	for _, f := range tree {
		known[f.path] = f
		for dir := f.dir(); dir != "." && known[dir] == nil; dir = path.Dir(dir) {
			known[dir] = f
		}
	}
	for _, f := range tree {
		if !f.isMarkdown() {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(prose(f), ""), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			name, anchor, _ := strings.Cut(m[1], "#")
			target := f.path
			if name != "" {
				target = path.Join(f.dir(), name)
			}
			page := known[target]
			if page == nil || (anchor != "" && !slices.Contains(slugs(page), anchor)) {
				problems = append(problems, fmt.Sprintf("%s: link to %s leads nowhere", f.path, m[1]))
			}
		}
	}
	return problems
}

// slugs are the anchors that code hosts give to headings.
func slugs(f *file) (out []string) {
	for _, h := range heading.FindAllStringSubmatch(prose(f), -1) {
		text := notInSlug.ReplaceAllString(strings.ToLower(h[2]), "")
		out = append(out, strings.ReplaceAll(text, " ", "-"))
	}
	return out
}

// docsAreIndexed wants every page under docs in docs/README.md.
func docsAreIndexed(tree []*file) (problems []string) {
	linked := map[string]bool{}
	for _, f := range tree {
		if within(f.dir(), "docs") && path.Base(f.path) == "README.md" {
			for _, m := range link.FindAllStringSubmatch(f.text, -1) {
				linked[path.Join(f.dir(), m[1])] = true
			}
		}
	}
	for _, f := range tree {
		if f.isMarkdown() && within(f.dir(), "docs") && f.path != "docs/README.md" && !linked[f.path] {
			problems = append(problems, f.path+" is in no README.md under docs")
		}
	}
	return problems
}

var decision = regexp.MustCompile(`^docs/adr/[0-9]{4}-[a-z0-9-]+\.md$`)

// decisionsAreNumbered wants numbers without holes.
func decisionsAreNumbered(tree []*file) (problems []string) {
	next := 1
	paths := map[string]bool{}
	for _, f := range tree {
		if within(f.dir(), "docs/adr") && path.Base(f.path) != "README.md" {
			paths[f.path] = true
		}
	}
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		if !decision.MatchString(p) || !strings.HasPrefix(path.Base(p), fmt.Sprintf("%04d-", next)) {
			problems = append(problems, fmt.Sprintf("%s is not decision %04d", p, next))
		}
		next++
	}
	return problems
}

var entry = regexp.MustCompile(`^- \*?\*?[a-z][a-z0-9/, -]*\*?\*?: \S`)

func changelogForm(tree []*file) (problems []string) {
	for _, f := range tree {
		if f.path != "CHANGELOG.md" {
			continue
		}
		for i, line := range strings.Split(f.text, "\n") {
			if strings.HasPrefix(line, "- ") && !entry.MatchString(line) {
				problems = append(problems, fmt.Sprintf("%s:%d: begin with \"- component: \"", f.path, i+1))
			}
		}
	}
	return problems
}

const pathStart = "(?:^|[\\s\"'=(`:])"

// machinePath matches the usual places of a checkout or a home. Paths that
// systems share (/etc, /var, /tmp) are fine.
var machinePath = regexp.MustCompile(pathStart + `(/(?:work|root|home/[a-z0-9]+|Users/[A-Za-z0-9]+)/[\w.-]+)`)

// foreign returns what must not be in the repository: where this checkout lies
// (when that is no common word), and the module proxy of this machine (unless
// it is Go's own).
func foreign() (words []string) {
	if dir, err := os.Getwd(); err == nil && strings.Count(filepath.ToSlash(dir), "/") > 1 {
		words = append(words, filepath.ToSlash(dir))
	}
	proxies, err := exec.Command("go", "env", "GOPROXY").Output()
	if err != nil {
		return words
	}
	list := strings.ReplaceAll(strings.TrimSpace(string(proxies)), "|", ",")
	for proxy := range strings.SplitSeq(list, ",") {
		if _, host, ok := strings.Cut(proxy, "://"); ok && host != "proxy.golang.org" {
			words = append(words, host)
		}
	}
	return words
}

func noForeignWords(tree []*file) (problems []string) {
	words := foreign()
	for _, f := range tree {
		for i, line := range strings.Split(f.text, "\n") {
			m := machinePath.FindStringSubmatch(line)
			if m != nil && !strings.HasPrefix(f.path, "tidy_") {
				problems = append(problems, fmt.Sprintf("%s:%d speaks of %s", f.path, i+1, m[1]))
			}
			for _, word := range words {
				if strings.Contains(line, word) {
					problems = append(problems, fmt.Sprintf("%s:%d speaks of %s", f.path, i+1, word))
				}
			}
		}
	}
	return problems
}
