package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mainKeys are the keys that the text behind a source's kind is for.
var mainKeys = map[string]string{
	"rislive": "url", "bmp": "listen", "bgp": "neighbor_address", "archive": "collector", "replay": "files",
}

// neighborPrefix marks a key of the one neighbour that a speaker can be given.
const neighborPrefix = "neighbor_"

// SourceForm says how AddSources wants a source.
const SourceForm = "KIND[=VALUE][,KEY=VALUE...] with KIND of rislive, bmp, bgp, archive and replay"

// AddSources adds sources given as texts to those of the file: KIND=VALUE for the
// one key that a kind cannot do without or that is given most often (rislive=URL,
// bmp=LISTEN, bgp=NEIGHBOUR, archive=COLLECTOR, replay=FILE), then its other keys.
// Members of a list stand with "+" between them. What is wrong comes as Problems.
func (c *Config) AddSources(texts []string) error {
	d := decoder{file: "--source", origin: c.origin, all: fields()}
	for i, text := range texts {
		if err := d.addSource(c, text, i+1); err != nil {
			d.problems.add(fmt.Sprintf("--source %s", text), "", "%v", err)
		}
	}
	return d.problems.err()
}

func (d *decoder) addSource(c *Config, text string, line int) error {
	kind, _, _ := strings.Cut(text, ",")
	kind, _, _ = strings.Cut(kind, "=")
	if mainKeys[kind] == "" {
		return fmt.Errorf("is no source; write %s", SourceForm)
	}
	f := find(find(d.all, "ingest").fields, kind)
	n, err := sourceNode(text, f, line)
	if err != nil {
		return err
	}
	list := reflect.ValueOf(&c.Ingest).Elem().Field(f.index)
	member := reflect.New(list.Type().Elem()).Elem()
	at := fmt.Sprintf("ingest.%s[%d]", kind, list.Len())
	d.origin[at] = d.at(n)
	d.section(at, n, f.fields, member)
	list.Set(reflect.Append(list, member))
	return nil
}

// sourceNode makes of a text what the file would hold under f.
func sourceNode(text string, f *field, line int) (n *yaml.Node, err error) {
	parts := strings.Split(text, ",")
	if _, value, given := strings.Cut(parts[0], "="); given {
		parts[0] = mainKeys[f.key] + "=" + value
	} else {
		parts = parts[1:]
	}
	n = &yaml.Node{Kind: yaml.MappingNode, Line: line}
	neighbor := &yaml.Node{Kind: yaml.MappingNode, Line: line}
	for _, part := range parts {
		key, value, ok := strings.Cut(part, "=")
		if !ok {
			return nil, fmt.Errorf("holds %s, which is no KEY=VALUE; write %s", shown(part), SourceForm)
		}
		if rest, is := strings.CutPrefix(key, neighborPrefix); is && f.key == "bgp" {
			addKey(neighbor, find(f.fields, "neighbors").fields, rest, value, line)
		} else {
			addKey(n, f.fields, key, value, line)
		}
	}
	named := func(part string) bool { return strings.HasPrefix(part, "collector=") }
	if f.key == "replay" && !slices.ContainsFunc(parts, named) {
		addKey(n, f.fields, "collector", "replay", line)
	}
	if len(neighbor.Content) > 0 {
		list := &yaml.Node{Kind: yaml.SequenceNode, Line: line, Content: []*yaml.Node{neighbor}}
		n.Content = append(n.Content, word("neighbors", line), list)
	}
	return n, nil
}

// addKey adds a key, whose kind decides whether the value is a list.
func addKey(n *yaml.Node, list []field, key, value string, line int) {
	v := word(value, line)
	if f := find(list, key); f != nil && f.kind == kindTexts {
		v = &yaml.Node{Kind: yaml.SequenceNode, Line: line}
		for member := range strings.SplitSeq(value, "+") {
			v.Content = append(v.Content, word(member, line))
		}
	}
	n.Content = append(n.Content, word(key, line), v)
}

func word(text string, line int) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: text, Line: line, Tag: "!!str"}
}
