package config

import (
	"reflect"
	"strings"
)

// Reloadable compares the configuration of a running process with one that it
// is to take over. changed are the keys that it can take over as it runs, which
// the tag reload:"yes" marks; needRestart are those that it cannot. Files that a
// key names may hold something else although the key has not changed.
func Reloadable(old, next *Config) (changed, needRestart []string) {
	was := map[string]string{}
	list := fields()
	eachLeaf(list, reflect.ValueOf(old).Elem(), func(f *field, v reflect.Value) { was[f.path] = written(f, v) })
	eachLeaf(list, reflect.ValueOf(next).Elem(), func(f *field, v reflect.Value) {
		switch {
		case written(f, v) == was[f.path]:
		case f.reload:
			changed = append(changed, f.path)
		default:
			needRestart = append(needRestart, f.path)
		}
	})
	return changed, needRestart
}

// written is a value as text that is the same for values that mean the same.
func written(f *field, v reflect.Value) string {
	if f.kind != kindSections {
		if f.kind == kindText { // not redacted
			return v.String()
		}
		return inline(f, v)
	}
	var text strings.Builder
	for i := range v.Len() {
		for j := range f.fields {
			text.WriteString(written(&f.fields[j], v.Index(i).Field(f.fields[j].index)) + "\n")
		}
	}
	return text.String()
}
