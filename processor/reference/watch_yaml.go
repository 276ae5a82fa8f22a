package reference

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"detour/route"
)

// maxKeys bounds the keys of an entry.
const maxKeys = 64

// yaml reads BGPalerter's prefixes.yml: a mapping from prefixes to what is
// expected of them, and "options". A sequence of plain entries is fine too.
func (l *watchList) yaml(text []byte) error {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, next yaml.Node
	if err := dec.Decode(&doc); err == io.EOF {
		return nil
	} else if err != nil {
		return yamlError(err)
	}
	if err := dec.Decode(&next); err == nil {
		return fmt.Errorf("line %d: a second YAML document; one is read", next.Line)
	} else if err != io.EOF {
		return yamlError(err)
	}
	root := resolve(doc.Content[0])
	switch root.Kind {
	case yaml.MappingNode:
		l.root(root)
	case yaml.SequenceNode:
		for _, n := range root.Content {
			if n = resolve(n); n.Kind != yaml.ScalarNode {
				l.bad.at(n.Line, "a prefix or an AS, such as AS64500, is expected in the list")
				continue
			}
			l.plainEntry(n.Line, n.Value, "")
		}
	default:
		return fmt.Errorf("line %d: a mapping from prefixes, or a list of prefixes and ASes, is expected", root.Line)
	}
	return nil
}

func yamlError(err error) error {
	return errors.New("not valid YAML: " + strings.TrimPrefix(err.Error(), "yaml: "))
}

// resolve follows an alias, which never leads to another.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func (l *watchList) root(root *yaml.Node) {
	seenOptions := false
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := resolve(root.Content[i]), resolve(root.Content[i+1])
		switch {
		case key.Kind != yaml.ScalarNode:
			l.bad.at(root.Content[i].Line, "a key that is no text: prefixes and options are expected")
		case key.Value == "options" && seenOptions:
			l.bad.at(root.Content[i].Line, "options a second time: merge the entries")
		case key.Value == "options":
			seenOptions = true
			l.options(value)
		case !strings.Contains(key.Value, "/"):
			l.bad.at(root.Content[i].Line, `key %s is neither a prefix nor "options"`, quote(key.Value))
		default:
			l.entry(root.Content[i].Line, key.Value, value)
		}
	}
}

// field is a key of an entry with its value.
type field struct {
	key   string
	line  int
	value *yaml.Node
}

// fields returns the keys of a mapping, with those that it merges by "<<", or
// reports a problem. of names the mapping in messages.
func (l *watchList) fields(line int, of string, n *yaml.Node, depth int) (out []field, ok bool) {
	const deepest = 4
	if isNull(n) {
		return nil, true
	}
	if n.Kind != yaml.MappingNode || len(n.Content) > 2*maxKeys || depth > deepest {
		l.bad.at(line, "%s: a mapping of at most %d keys is expected", shorten(of), maxKeys)
		return nil, false
	}
	seen := map[string]bool{}
	var merged []field
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := resolve(n.Content[i]), resolve(n.Content[i+1])
		switch {
		case key.Kind != yaml.ScalarNode:
			l.bad.at(n.Content[i].Line, "%s: a key that is no text", shorten(of))
			return nil, false
		case key.Tag == "!!merge" && value.Kind == yaml.MappingNode:
			if merged, ok = l.fields(n.Content[i].Line, of, value, depth+1); !ok {
				return nil, false
			}
		case seen[key.Value]:
			l.bad.at(n.Content[i].Line, "%s: key %s a second time", shorten(of), quote(key.Value))
			return nil, false
		default:
			seen[key.Value] = true
			out = append(out, field{key: key.Value, line: n.Content[i].Line, value: value})
		}
	}
	for _, f := range merged {
		if !seen[f.key] {
			out = append(out, f)
		}
	}
	return out, true
}

// text returns a scalar's text, "" for null.
func text(f field) (string, error) {
	if isNull(f.value) {
		return "", nil
	}
	if f.value.Kind != yaml.ScalarNode {
		return "", errors.New("text is expected")
	}
	return cleanText(f.key, f.value.Value)
}

// truth returns a YAML boolean.
func truth(f field) (bool, error) {
	if f.value.Kind == yaml.ScalarNode && f.value.Tag == "!!bool" {
		return strings.EqualFold(f.value.Value, "true"), nil
	}
	return false, errors.New("write true or false")
}

// asns returns the AS numbers of a scalar or a sequence, empty but not nil for
// null. AS 0 is left out and reported.
func (l *watchList) asns(f field) (out []route.ASN, zero bool, err error) {
	list := []*yaml.Node{f.value}
	switch {
	case isNull(f.value):
		list = nil
	case f.value.Kind == yaml.SequenceNode:
		list = f.value.Content
	}
	if err := l.count(len(list)); err != nil {
		return nil, false, err
	}
	out = []route.ASN{}
	for _, n := range list {
		if n = resolve(n); n.Kind != yaml.ScalarNode {
			return nil, false, errors.New("an AS number or a list of them is expected")
		}
		if n.Value == "0" {
			zero = true
			continue
		}
		a, err := parseASN(n.Value)
		if err != nil {
			return nil, false, err
		}
		out = append(out, a)
	}
	return out, zero, nil
}
