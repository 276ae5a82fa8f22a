package alert_test

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// validator checks values against the part of JSON Schema 2020-12 that
// schema.json uses. A keyword that it does not know is a problem, so that no
// rule of the schema goes unchecked.
type validator struct {
	root     map[string]any
	problems []string
}

func (v *validator) check(value any) []string {
	v.problems = nil
	v.value("$", v.root, value)
	return v.problems
}

func (v *validator) failf(at, format string, args ...any) {
	v.problems = append(v.problems, at+": "+fmt.Sprintf(format, args...))
}

func (v *validator) resolve(ref string) map[string]any {
	node := v.root
	for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		next, ok := node[step].(map[string]any)
		if !ok {
			panic("schema: no " + ref)
		}
		node = next
	}
	return node
}

// fields returns the properties and the required ones of an object schema.
func (v *validator) fields(ref string) (properties, required []string) {
	node := v.resolve(ref)
	for name := range node["properties"].(map[string]any) {
		properties = append(properties, name)
	}
	list, _ := node["required"].([]any)
	for _, name := range list {
		required = append(required, name.(string))
	}
	return properties, required
}

func (v *validator) value(at string, schema map[string]any, value any) {
	for keyword, arg := range schema {
		switch keyword {
		case "$schema", "$id", "$defs", "title", "description":
		case "$ref":
			v.value(at, v.resolve(arg.(string)), value)
		case "oneOf":
			v.oneOf(at, arg.([]any), value)
		case "const":
			v.require(at, reflect.DeepEqual(arg, value), "%v is not %v", value, arg)
		case "enum":
			v.require(at, slices.Contains(arg.([]any), value), "%v is none of %v", value, arg)
		case "type":
			v.require(at, isOf(arg, value), "%v is no %v", value, arg)
		default:
			v.byType(at, keyword, arg, value)
		}
	}
}

func (v *validator) require(at string, ok bool, format string, args ...any) {
	if !ok {
		v.failf(at, format, args...)
	}
}

// byType applies keywords that speak of one type only and pass on others.
func (v *validator) byType(at, keyword string, arg, value any) {
	text, isText := value.(string)
	number, isNumber := value.(float64)
	list, isList := value.([]any)
	object, isObject := value.(map[string]any)
	switch keyword {
	case "pattern":
		v.require(at, !isText || regexp.MustCompile(arg.(string)).MatchString(text), "%q is not %v", text, arg)
	case "minLength":
		v.require(at, !isText || utf8.RuneCountInString(text) >= int(arg.(float64)), "%q is too short", text)
	case "minimum":
		v.require(at, !isNumber || number >= arg.(float64), "%v is below %v", number, arg)
	case "maximum":
		v.require(at, !isNumber || number <= arg.(float64), "%v is above %v", number, arg)
	case "minItems":
		v.require(at, !isList || len(list) >= int(arg.(float64)), "%v is too short", list)
	case "items":
		for i, item := range list {
			v.value(fmt.Sprintf("%s[%d]", at, i), arg.(map[string]any), item)
		}
	case "required":
		for _, name := range arg.([]any) {
			_, ok := object[name.(string)]
			v.require(at, !isObject || ok, "%v is missing", name)
		}
	case "properties":
		for name, item := range object {
			property, ok := arg.(map[string]any)[name].(map[string]any)
			if !ok {
				v.failf(at, "%s is not in the schema", name) // stricter than the standard: we write it
				continue
			}
			v.value(at+"."+name, property, item)
		}
	default:
		v.failf(at, "the schema uses %q, which this validator does not know", keyword)
	}
}

func (v *validator) oneOf(at string, choices []any, value any) {
	matches, all := 0, []string(nil)
	for _, choice := range choices {
		sub := validator{root: v.root}
		sub.value(at, choice.(map[string]any), value)
		if len(sub.problems) == 0 {
			matches++
		}
		all = append(all, sub.problems...)
	}
	v.require(at, matches == 1, "%d of %d choices match: %s", matches, len(choices), strings.Join(all, "; "))
}

func isOf(types, value any) bool {
	if list, ok := types.([]any); ok {
		return slices.ContainsFunc(list, func(t any) bool { return isOf(t, value) })
	}
	switch types {
	case "null":
		return value == nil
	case "boolean":
		_, ok := value.(bool)
		return ok
	case "string":
		_, ok := value.(string)
		return ok
	case "integer":
		n, ok := value.(float64)
		return ok && n == math.Trunc(n)
	case "array":
		_, ok := value.([]any)
		return ok
	case "object":
		_, ok := value.(map[string]any)
		return ok
	}
	return false
}
