package config

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decoder fills a Config from the nodes of a file, notes where each key stands,
// and collects all that is wrong.
type decoder struct {
	file     string
	origin   map[string]string
	all      []field // every key there is, for keys in a wrong place
	problems Problems
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// document reads the one document that a file may hold.
func (d *decoder) document(text []byte, list []field, v reflect.Value) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, second yaml.Node
	err := dec.Decode(&doc)
	if err == io.EOF { // nothing but comments
		return
	}
	if err == nil {
		d.section("", doc.Content[0], list, v)
		if err = dec.Decode(&second); err == nil {
			d.problem(&second, "", "is a second document; keep all keys in one, and take \"---\" out")
			return
		}
	}
	if err != nil && err != io.EOF {
		m := yamlLine.FindStringSubmatch(err.Error())
		what, at := err.Error(), d.file
		if m != nil {
			what = what[len(m[0]):]
		}
		if m != nil && m[1] != "" {
			at += ":" + m[1]
		}
		d.problems.add(at, "", "is no YAML: %s", what)
	}
}

func (d *decoder) at(n *yaml.Node) string { return fmt.Sprintf("%s:%d", d.file, n.Line) }

func (d *decoder) problem(n *yaml.Node, path, format string, args ...any) {
	d.problems.add(d.at(n), path, format, args...)
}

// plain reports whether a node is written out, without what YAML has beside
// mappings, lists and scalars.
func (d *decoder) plain(path string, n *yaml.Node) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		d.problem(n, path, "is an alias (*); write the value out")
	case n.Style&yaml.TaggedStyle != 0:
		d.problem(n, path, "has a tag (!); take it out")
	default:
		return true
	}
	return false
}

// section fills the struct v from a mapping. A section whose keys are all
// commented out is nothing in YAML, and fine.
func (d *decoder) section(path string, n *yaml.Node, list []field, v reflect.Value) {
	if !d.plain(path, n) || n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		d.problem(n, path, "must hold keys: write a line \"key: value\" for each")
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if !d.isNew(path, key, lines) {
			continue
		}
		f := find(list, key.Value)
		if f == nil {
			d.unknown(path, key, list)
			continue
		}
		at := join(path, f.key)
		d.origin[at] = d.at(key)
		d.value(at, value, f, v.Field(f.index))
	}
}

// isNew notes a key of a mapping and refuses what is no text or was there.
func (d *decoder) isNew(path string, key *yaml.Node, lines map[string]int) bool {
	if key.Kind != yaml.ScalarNode {
		d.problem(key, path, "a key must be a word")
		return false
	}
	if first, twice := lines[key.Value]; twice {
		d.problem(key, join(path, printable(key.Value)), "stands twice, first in line %d; take one out", first)
		return false
	}
	lines[key.Value] = key.Line
	return true
}

func find(list []field, key string) *field {
	for i := range list {
		if list[i].key == key {
			return &list[i]
		}
	}
	return nil
}

// unknown says what a key that is none may have been meant to be: one of its
// neighbours, or one of the same name elsewhere.
func (d *decoder) unknown(path string, key *yaml.Node, list []field) {
	at := join(path, printable(key.Value))
	names := make([]string, 0, len(list))
	for i := range list {
		names = append(names, list[i].key)
	}
	if name := nearest(key.Value, names); name != "" {
		d.problem(key, at, "no such key; did you mean %s?", name)
		return
	}
	var elsewhere []string
	eachPath(d.all, func(f *field) {
		if f.key == key.Value {
			elsewhere = append(elsewhere, f.path)
		}
	})
	if len(elsewhere) > 0 {
		d.problem(key, at, "no such key here; did you mean %s?", strings.Join(elsewhere, " or "))
		return
	}
	d.problem(key, at, "no such key; here may stand %s", strings.Join(names, ", "))
}

// eachPath calls visit for every key, sections included.
func eachPath(list []field, visit func(f *field)) {
	for i := range list {
		visit(&list[i])
		eachPath(list[i].fields, visit)
	}
}

func (d *decoder) value(path string, n *yaml.Node, f *field, v reflect.Value) {
	switch f.kind {
	case kindSection:
		d.section(path, n, f.fields, v)
	case kindSections, kindTexts:
		d.list(path, n, f, v)
	case kindMap:
		d.mapping(path, n, v)
	default:
		d.scalar(path, n, f.kind, v)
	}
}
