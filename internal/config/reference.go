package config

import (
	"bytes"
	_ "embed"
	"io"
	"reflect"
	"strings"
)

//go:embed reference_head.txt
var referenceHead string

// WriteReference writes the page that documents the keys.
func WriteReference(w io.Writer) error {
	var out bytes.Buffer
	out.WriteString(referenceHead)
	root := reflect.ValueOf(Default()).Elem()
	var plain []field
	list := fields()
	for _, f := range list {
		if f.kind != kindSection {
			plain = append(plain, f)
		}
	}
	out.WriteString("\n## Of the process\n")
	referenceTable(&out, plain, root)
	for _, f := range list {
		if f.kind == kindSection {
			out.WriteString("\n## " + f.key + "\n\n" + f.doc + "\n")
			referenceTable(&out, f.fields, root.Field(f.index))
		}
	}
	_, err := w.Write(out.Bytes())
	return err
}

func referenceTable(out *bytes.Buffer, list []field, v reflect.Value) {
	out.WriteString("\n| key | type | default | variable | reload | what |\n|---|---|---|---|---|---|\n")
	referenceRows(out, list, v)
}

// referenceRows writes a line for each key, and under one that has keys theirs.
func referenceRows(out *bytes.Buffer, list []field, v reflect.Value) {
	for i := range list {
		f, value := &list[i], v.Field(list[i].index)
		row := []string{"`" + f.path + "`", string(f.kind), "", "", "", strings.ReplaceAll(f.doc, "|", `\|`)}
		if f.kind != kindSection {
			row[2] = "`" + inline(f, value) + "`"
		}
		if f.env != "" {
			row[3] = "`" + f.env + "`"
		}
		if f.reload {
			row[4] = "yes"
		}
		out.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if f.kind == kindSections {
			value = reflect.Zero(value.Type().Elem())
		}
		referenceRows(out, f.fields, value)
	}
}
