package detour

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"strings"
	"unicode/utf8"
)

const (
	fileLinesMax     = 500
	funcLinesMax     = 70
	testFuncLinesMax = 120
	lineCharsMax     = 120
)

func shortFiles(tree []*file) (problems []string) {
	for _, f := range goFiles(tree) {
		if n := strings.Count(f.text, "\n"); n > fileLinesMax && !ast.IsGenerated(f.tree) {
			problems = append(problems, fmt.Sprintf("%s has %d lines: split it by noun", f.path, n))
		}
	}
	return problems
}

func shortFunctions(tree []*file) (problems []string) {
	for _, f := range goFiles(tree) {
		limit := funcLinesMax
		if f.isTest() {
			limit = testFuncLinesMax
		}
		for _, decl := range f.tree.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := f.fset.Position(fn.End()).Line - f.fset.Position(fn.Pos()).Line + 1; n > limit {
				problems = append(problems, fmt.Sprintf("%s: %s has %d lines, %d are allowed", f.at(fn), fn.Name, n, limit))
			}
		}
	}
	return problems
}

func shortLines(tree []*file) (problems []string) {
	for _, f := range goFiles(tree) {
		if ast.IsGenerated(f.tree) {
			continue
		}
		for i, line := range strings.Split(f.text, "\n") {
			if n := utf8.RuneCountInString(line); n > lineCharsMax {
				problems = append(problems, fmt.Sprintf("%s:%d has %d characters", f.path, i+1, n))
			}
		}
	}
	return problems
}

func formatted(tree []*file) (problems []string) {
	for _, f := range goFiles(tree) {
		if out, err := format.Source([]byte(f.text)); err != nil || string(out) != f.text {
			problems = append(problems, f.path+": run make fmt")
		}
	}
	return problems
}

// packageComments wants doc.go with a comment of the usual form in every
// directory with Go code; a command has it in main.go.
func packageComments(tree []*file) (problems []string) {
	documented := map[string]bool{}
	for _, f := range goFiles(tree) {
		documented[f.dir()] = documented[f.dir()] || isPackageComment(f)
	}
	for dir, ok := range documented {
		if !ok {
			problems = append(problems, dir+" has no doc.go (or main.go) that begins with \"// Package …\"")
		}
	}
	return problems
}

func isPackageComment(f *file) bool {
	want, name := "Package "+f.tree.Name.Name+" ", "doc.go"
	if f.tree.Name.Name == "main" {
		want, name = "Command ", "main.go"
	}
	return strings.HasSuffix("/"+f.path, "/"+name) && strings.HasPrefix(f.tree.Doc.Text(), want)
}

func noInit(tree []*file) (problems []string) {
	for _, f := range goFiles(tree) {
		if ast.IsGenerated(f.tree) {
			continue
		}
		for _, decl := range f.tree.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				problems = append(problems, f.at(fn)+": init runs unasked; let a constructor do the work")
			}
		}
	}
	return problems
}

// noPrinting keeps standard output for commands. Go's own print goes to
// standard error and is for debugging.
func noPrinting(tree []*file) (problems []string) {
	for _, f := range goFiles(tree) {
		if f.isTest() || within(f.dir(), "cmd") {
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if name, ok := call.Fun.(*ast.Ident); ok && (name.Name == "print" || name.Name == "println") {
				problems = append(problems, f.at(n)+": "+name.Name+" is for debugging")
			}
			for _, name := range []string{"Print", "Printf", "Println"} {
				if isSelector(call.Fun, "fmt", name) {
					problems = append(problems, f.at(n)+": fmt."+name+" in a library; take an io.Writer")
				}
			}
			return true
		})
	}
	return problems
}

// noSleep allows time.Sleep in tests inside synctest.Test, where it costs no
// time; in a for loop, which asks again; and where a comment on the line begins
// with "sleep:" and says why, as for faults made on purpose. What it finds is
// the pause that hopes that something else is done by then.
func noSleep(tree []*file) (problems []string) {
	for _, f := range goFiles(tree) {
		if !f.isTest() {
			continue
		}
		lines := strings.Split(f.text, "\n")
		ast.Inspect(f.tree, func(n ast.Node) bool {
			if _, ok := n.(*ast.ForStmt); ok {
				return false
			}
			call, ok := n.(*ast.CallExpr)
			if ok && isSelector(call.Fun, "synctest", "Test") {
				return false
			}
			if !ok || !isSelector(call.Fun, "time", "Sleep") {
				return true
			}
			if line := lines[f.fset.Position(n.Pos()).Line-1]; !strings.Contains(line, "// sleep: ") {
				problems = append(problems, f.at(n)+": wait for what is awaited, or use testing/synctest")
			}
			return true
		})
	}
	return problems
}

func isSelector(e ast.Expr, pkg, name string) bool {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != name {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == pkg
}

// noPackageState allows package variables that are tables or errors: given a
// value where they stand and never written again. Tests may keep flags. What
// protoc-gen-go writes is as it is, here and in noInit.
func noPackageState(tree []*file) (problems []string) {
	written := map[string]map[string]bool{} // by directory
	for _, f := range goFiles(tree) {
		if written[f.dir()] == nil {
			written[f.dir()] = map[string]bool{}
		}
		for name := range writtenNames(f.tree) {
			written[f.dir()][name] = true
		}
	}
	for _, f := range goFiles(tree) {
		if f.isTest() || ast.IsGenerated(f.tree) {
			continue
		}
		for _, decl := range f.tree.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR || strings.Contains(gen.Doc.Text()+rawDoc(gen), "go:embed") {
				continue
			}
			for _, spec := range gen.Specs {
				problems = append(problems, specProblems(f, spec.(*ast.ValueSpec), written[f.dir()])...)
			}
		}
	}
	return problems
}

// rawDoc returns the comment of a declaration with its directives, which Text
// leaves out.
func rawDoc(gen *ast.GenDecl) string {
	if gen.Doc == nil {
		return ""
	}
	var b strings.Builder
	for _, c := range gen.Doc.List {
		b.WriteString(c.Text)
	}
	return b.String()
}

func specProblems(f *file, spec *ast.ValueSpec, written map[string]bool) (problems []string) {
	for i, name := range spec.Names {
		switch {
		case name.Name == "_":
		case strings.HasPrefix(strings.ToLower(name.Name), "err") && len(spec.Values) > 0 && !written[name.Name]:
		case len(spec.Values) == 0:
			problems = append(problems, f.at(name)+": "+name.Name+" has no value where it stands; keep it in a struct")
		case i < len(spec.Values) && !isTable(spec.Values[i]):
			problems = append(problems, f.at(name)+": "+name.Name+" is made to be changed; keep it in a struct")
		case written[name.Name]:
			problems = append(problems, f.at(name)+": "+name.Name+" is written somewhere; keep it in a struct")
		}
	}
	return problems
}

// isTable rejects values whose only use is to change: make, new, pointers, and
// types of sync and sync/atomic.
func isTable(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		return e.Op != token.AND
	case *ast.CallExpr:
		name, ok := e.Fun.(*ast.Ident)
		return !ok || (name.Name != "make" && name.Name != "new")
	case *ast.CompositeLit:
		sel, ok := e.Type.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		return !ok || (pkg.Name != "sync" && pkg.Name != "atomic")
	}
	return true
}

// writtenNames returns the package-level names that a file assigns to, by
// element or whole, or takes the address of. The parser resolves local names,
// so a local variable of the same name does not count.
func writtenNames(tree *ast.File) map[string]bool {
	out := map[string]bool{}
	note := func(e ast.Expr) {
		for {
			switch x := e.(type) {
			case *ast.IndexExpr:
				e = x.X
			case *ast.SelectorExpr:
				e = x.X
			case *ast.ParenExpr:
				e = x.X
			case *ast.Ident:
				if x.Obj == nil || tree.Scope.Lookup(x.Name) == x.Obj {
					out[x.Name] = true
				}
				return
			default:
				return
			}
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				note(e)
			}
		case *ast.IncDecStmt:
			note(n.X)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				note(n.X)
			}
		}
		return true
	})
	return out
}
