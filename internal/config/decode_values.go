package config

import (
	"fmt"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// list fills the slice v from a list, of texts or of sections.
func (d *decoder) list(path string, n *yaml.Node, f *field, v reflect.Value) {
	if !d.plain(path, n) {
		return
	}
	if n.Kind != yaml.SequenceNode {
		d.problem(n, path, "must be a list: begin a line for each with \"- \", or write [] for none")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, member := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.origin[at] = d.at(member)
		if f.kind == kindSections {
			d.section(at, member, f.fields, v.Index(i))
		} else {
			d.scalar(at, member, kindText, v.Index(i))
		}
	}
}

// mapping fills the map v, whose keys are not ours.
func (d *decoder) mapping(path string, n *yaml.Node, v reflect.Value) {
	if !d.plain(path, n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		d.problem(n, path, "must hold keys: write a line \"key: value\" for each, or {} for none")
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, text := n.Content[i], reflect.New(v.Type().Elem()).Elem()
		if !d.plain(path, key) || !d.isNew(path, key, lines) {
			continue
		}
		at := join(path, printable(key.Value))
		d.origin[at] = d.at(key)
		d.scalar(at, n.Content[i+1], kindText, text)
		v.SetMapIndex(reflect.ValueOf(key.Value), text)
	}
}

const quoted = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// scalar sets v from the text of a node.
func (d *decoder) scalar(path string, n *yaml.Node, k kind, v reflect.Value) {
	switch {
	case !d.plain(path, n):
	case n.Kind != yaml.ScalarNode:
		d.problem(n, path, "holds more than one value, must be one %s", k)
	case n.Tag == "!!null":
		d.problem(n, path, `has no value; write "" for an empty one, or take the key out`)
	case n.Style&quoted != 0 && (k == kindWhole || k == kindNumber || k == kindSwitch):
		d.problem(n, path, "is text, must be a %s; take the quotes away", k)
	default:
		if err := setText(v, k, n.Value); err != nil {
			d.problem(n, path, "%v", err)
		}
	}
}
