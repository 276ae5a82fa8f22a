package config

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Write writes c as YAML that Load reads again, with the origin of each value
// that is no default as a comment. What stands before an @ in URLs is left out.
func (c *Config) Write(w io.Writer) error {
	n := c.section("", fields(), reflect.ValueOf(c).Elem())
	text, err := encode(n)
	if err == nil {
		_, err = w.Write(text)
	}
	if err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}

func encode(n *yaml.Node) ([]byte, error) {
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	err := e.Encode(n)
	return out.Bytes(), err
}

// section makes the mapping of a section.
func (c *Config) section(parent string, list []field, v reflect.Value) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := range list {
		f := &list[i]
		path := join(parent, f.key)
		value := c.node(path, f, v.Field(f.index))
		key := textNode(f.key)
		if origin := c.origin[path]; origin != "" && f.kind != kindSection && f.kind != kindSections {
			value.LineComment = "# " + printable(origin)
		}
		n.Content = append(n.Content, key, value)
	}
	return n
}

// node makes the node of one value.
func (c *Config) node(path string, f *field, v reflect.Value) *yaml.Node {
	switch f.kind {
	case kindSection:
		return c.section(path, f.fields, v)
	case kindSections:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		if v.Len() == 0 {
			n.Style = yaml.FlowStyle
		}
		for i := range v.Len() {
			n.Content = append(n.Content, c.section(fmt.Sprintf("%s[%d]", path, i), f.fields, v.Index(i)))
		}
		return n
	default:
		return valueNode(f.kind, v)
	}
}

// valueNode makes the node of a value that is no section.
func valueNode(k kind, v reflect.Value) *yaml.Node {
	switch k {
	case kindTexts:
		n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, text := range v.Interface().([]string) {
			n.Content = append(n.Content, textNode(Redact(text)))
		}
		return n
	case kindMap:
		n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		texts := v.Interface().(map[string]string)
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			n.Content = append(n.Content, textNode(key), textNode(Redact(texts[key])))
		}
		return n
	case kindText:
		return textNode(Redact(v.String()))
	case kindTime:
		if t := v.Interface().(time.Time); !t.IsZero() {
			return &yaml.Node{Kind: yaml.ScalarNode, Value: t.Format(time.RFC3339Nano)}
		}
		return textNode("")
	case kindDuration:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: FormatDuration(time.Duration(v.Int()))}
	case kindNumber:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatFloat(v.Float(), 'g', -1, 64)}
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(v.Interface())}
	}
}

// textNode is a text, in quotes where YAML would take it for something else.
func textNode(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	if text == "" || strings.ContainsAny(text, "\u2028\u2029\ufeff") {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// inline is a value as it stands behind a key.
func inline(f *field, v reflect.Value) string {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	if f.kind != kindSections {
		n = valueNode(f.kind, v)
	}
	text, err := encode(n)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
