package config

import (
	"errors"
	"reflect"
	"slices"
	"strings"
)

// overlay lays the variables that begin with DETOUR_ over c. One that is none of
// ours is a mistake, as an unknown key is.
func overlay(c *Config, list []field, environ []string) (problems Problems) {
	vars := map[string]string{}
	var names []string
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if _, twice := vars[name]; strings.HasPrefix(name, envPrefix) {
			if vars[name] = value; !twice { // the last one counts, as for a shell
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	known := map[string]*field{}
	values := map[string]reflect.Value{}
	eachLeaf(list, reflect.ValueOf(c).Elem(), func(f *field, v reflect.Value) {
		known[envOf(f.path)], values[envOf(f.path)] = f, v
	})
	for _, name := range names {
		f := known[name]
		switch {
		case f != nil && f.kind != kindSections:
			if err := setVariable(values[name], f.kind, vars[name]); err != nil {
				problems.add(name, f.path, "%v", err)
				continue
			}
			c.override(f.path, name)
		case f != nil:
			problems.add(name, f.path, "is a list of sections, which no variable can hold; write it into the file")
		case !madeByKubernetes(name, vars):
			unknownVariable(&problems, name, known)
		}
	}
	return problems
}

// override notes that a variable took the place of what the file says.
func (c *Config) override(path, name string) {
	for at := range c.origin {
		if strings.HasPrefix(at, path+"[") || strings.HasPrefix(at, path+".") {
			delete(c.origin, at)
		}
	}
	c.origin[path] = name
}

func unknownVariable(problems *Problems, name string, known map[string]*field) {
	var names []string
	for other, f := range known {
		if f.kind == kindSections && strings.HasPrefix(name, other+"_") {
			problems.add(name, "", "%s is a list of sections, which no variable can hold; write it into the file", f.path)
			return
		}
		if f.kind != kindSections {
			names = append(names, other)
		}
	}
	slices.Sort(names)
	if near := nearest(name, names); near != "" {
		problems.add(name, "", "no such variable; did you mean %s?", near)
		return
	}
	problems.add(name, "", "no such variable; \"detour config init -\" tells all keys, unset it if it is none of detour's")
}

// madeByKubernetes reports whether a variable is one of those that tell every
// container where a service is: a service "detour-x" makes DETOUR_X_SERVICE_HOST,
// DETOUR_X_PORT and others.
func madeByKubernetes(name string, vars map[string]string) bool {
	for host := range vars {
		service, ok := strings.CutSuffix(host, "_SERVICE_HOST")
		if !ok {
			continue
		}
		rest, ours := strings.CutPrefix(name, service)
		if ours && (rest == "_SERVICE_HOST" || rest == "_PORT" || strings.HasPrefix(rest, "_SERVICE_PORT") ||
			strings.HasPrefix(rest, "_PORT_")) {
			return true
		}
	}
	return false
}

// setVariable sets v from a variable: the members of lists and mappings stand
// between commas.
func setVariable(v reflect.Value, k kind, text string) error {
	if k != kindTexts && k != kindMap {
		return setText(v, k, text)
	}
	if err := checkText(text); err != nil {
		return err
	}
	var list []string
	pairs := map[string]string{}
	for member := range strings.SplitSeq(text, ",") {
		if member = strings.TrimSpace(member); member == "" {
			continue
		}
		list = append(list, member)
		key, value, found := strings.Cut(member, "=")
		if k == kindMap && !found {
			return errors.New("must be KEY=VALUE, with commas between several")
		}
		pairs[key] = value
	}
	if k == kindTexts {
		v.Set(reflect.ValueOf(list))
	} else {
		v.Set(reflect.ValueOf(pairs))
	}
	return nil
}
