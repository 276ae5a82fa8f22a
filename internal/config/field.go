package config

import (
	"reflect"
	"strings"
	"time"
)

// kind is what a key may hold.
type kind string

const (
	kindText     kind = "text"
	kindSwitch   kind = "true or false"
	kindWhole    kind = "whole number"
	kindNumber   kind = "number"
	kindDuration kind = "duration"
	kindSize     kind = "size"
	kindTime     kind = "time"
	kindTexts    kind = "list of texts"
	kindMap      kind = "mapping of texts"
	kindSection  kind = "section"
	kindSections kind = "list of sections"
)

// field is a key as the struct declares it.
type field struct {
	key    string // url
	path   string // nats.url; ingest.replay[].speed in a list
	env    string // DETOUR_NATS_URL; empty in a list, and for sections and their lists
	doc    string
	kind   kind
	reload bool
	index  int     // in the struct that holds it
	fields []field // of a section, or of each member of a list
}

const envPrefix = "DETOUR_"

// fields returns the keys of the file.
func fields() []field { return fieldsOf(reflect.TypeFor[Config](), "", false) }

func fieldsOf(t reflect.Type, parent string, reload bool) (list []field) {
	for i := range t.NumField() {
		sf := t.Field(i)
		key := sf.Tag.Get("yaml")
		if key == "" {
			continue
		}
		f := field{
			key: key, path: join(parent, key), doc: fieldDocs[t.Name()+"."+sf.Name], kind: kindOf(sf.Type), index: i,
			reload: reload || sf.Tag.Get("reload") == "yes",
		}
		switch f.kind {
		case kindSection:
			f.fields = fieldsOf(sf.Type, f.path, f.reload)
		case kindSections:
			f.fields = fieldsOf(sf.Type.Elem(), f.path+"[]", f.reload)
		default:
			if !strings.Contains(f.path, "[") {
				f.env = envOf(f.path)
			}
		}
		list = append(list, f)
	}
	return list
}

// join returns the path of a key in a section.
func join(parent, key string) string {
	if parent == "" {
		return key
	}
	return parent + "." + key
}

// envOf returns the variable that takes the place of a key.
func envOf(path string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// kindOf panics on a type that no key may have, which the first test finds.
func kindOf(t reflect.Type) kind {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return kindDuration
	case reflect.TypeFor[time.Time]():
		return kindTime
	case reflect.TypeFor[Bytes]():
		return kindSize
	case reflect.TypeFor[[]string]():
		return kindTexts
	case reflect.TypeFor[map[string]string]():
		return kindMap
	}
	switch t.Kind() {
	case reflect.String:
		return kindText
	case reflect.Bool:
		return kindSwitch
	case reflect.Int:
		return kindWhole
	case reflect.Float64:
		return kindNumber
	case reflect.Struct:
		return kindSection
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Struct {
			return kindSections
		}
	default:
	}
	panic("config: no key may have the type " + t.String())
}

// eachLeaf calls visit for every key that holds a value, with that value in v;
// a list of sections is one.
func eachLeaf(list []field, v reflect.Value, visit func(f *field, v reflect.Value)) {
	for i := range list {
		f := &list[i]
		if f.kind == kindSection {
			eachLeaf(f.fields, v.Field(f.index), visit)
			continue
		}
		visit(f, v.Field(f.index))
	}
}
