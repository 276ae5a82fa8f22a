package config

import (
	"bytes"
	"io"
	"reflect"
	"strings"
)

const templateHead = `# Configuration of detour. Every role reads the same file and takes what it needs.
# "detour config check" says what is wrong with it, "detour config show" what holds.
#
# All that is commented out is the default. Each key has a variable that takes its
# place, such as DETOUR_NATS_URL for nats.url and DETOUR_PROCESS_CHECKPOINT_DIR for
# process.checkpoint.dir. Relative paths of files are relative to the folder that
# detour is started in. Secrets stand in files of their own, which the keys that
# end in _file name.
`

const templateColumns = 84

// WriteTemplate writes the file of the defaults: every key, commented out, under
// its comment.
func WriteTemplate(w io.Writer) error {
	var out bytes.Buffer
	out.WriteString(templateHead)
	template(&out, fields(), reflect.ValueOf(Default()).Elem(), "")
	_, err := w.Write(out.Bytes())
	return err
}

// template writes the keys of one section.
func template(out *bytes.Buffer, list []field, v reflect.Value, indent string) {
	for i := range list {
		f := &list[i]
		if indent == "" || len(f.fields) > 0 {
			out.WriteByte('\n')
		}
		comment(out, f, indent)
		switch f.kind {
		case kindSection:
			out.WriteString(indent + f.key + ":\n")
			template(out, f.fields, v.Field(f.index), indent+"  ")
		case kindSections:
			out.WriteString(indent + "#" + f.key + ":\n")
			templateMember(out, f, v.Field(f.index).Type().Elem(), indent+"  ")
		default:
			out.WriteString(indent + "#" + f.key + ": " + inline(f, v.Field(f.index)) + "\n")
		}
	}
}

// templateMember writes one member of a list of sections.
func templateMember(out *bytes.Buffer, f *field, t reflect.Type, indent string) {
	zero, mark := reflect.Zero(t), "- "
	for i := range f.fields {
		g := &f.fields[i]
		comment(out, g, indent)
		if g.kind == kindSections {
			out.WriteString(indent + "#" + mark + g.key + ":\n")
			templateMember(out, g, zero.Field(g.index).Type().Elem(), indent+"  ")
			continue
		}
		out.WriteString(indent + "#" + mark + g.key + ": " + inline(g, zero.Field(g.index)) + "\n")
		if i == 0 {
			indent, mark = indent+"  ", ""
		}
	}
}

// comment writes a key's comment, in lines.
func comment(out *bytes.Buffer, f *field, indent string) {
	line := indent + "#"
	for word := range strings.FieldsSeq(f.doc) {
		if len(line)+1+len(word) > templateColumns {
			out.WriteString(line + "\n")
			line = indent + "#"
		}
		line += " " + word
	}
	out.WriteString(line + "\n")
}
