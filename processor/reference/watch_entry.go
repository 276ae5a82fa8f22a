package reference

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Why detour does not act on something that a watch file may hold.
const (
	whyPath       = "rules on AS paths are not applied; detour compares paths with those it has seen"
	whyMonitors   = "detour has no monitors to choose from; all kinds of alert are given"
	whyGroups     = "only the first group of a list is used"
	whyZero       = "AS 0 names no network; it is taken as not given"
	whyGenerate   = "how BGPalerter made the file; detour makes none"
	whyNeighbours = "expected neighbours are not compared with those that are seen"
	whyUnknown    = "detour does not know this key"
)

// entry takes a prefix of prefixes.yml.
func (l *watchList) entry(line int, prefix string, value *yaml.Node) {
	fields, ok := l.fields(line, "prefix "+prefix, value, 0)
	if !ok {
		return
	}
	var e WatchedPrefix
	ignore := false
	for _, f := range fields {
		var err error
		switch f.key {
		case "description":
			e.Description, err = text(f)
		case "asn":
			err = l.origins(f, &e)
		case "ignoreMorespecifics":
			e.IgnoreMoreSpecifics, err = truth(f)
		case "ignore":
			ignore, err = truth(f)
		case "group":
			e.Group, err = l.group(f)
		case "path":
			l.notes.add(f.line, f.key, whyPath)
		case "includeMonitors", "excludeMonitors":
			l.notes.add(f.line, f.key, whyMonitors)
		default:
			err = l.unknown(f, "", "description", "asn", "ignoreMorespecifics", "ignore", "group", "path",
				"includeMonitors", "excludeMonitors")
		}
		if err != nil {
			l.bad.at(f.line, "prefix %s, %s: %v", shorten(prefix), shorten(f.key), err)
		}
	}
	l.prefix(line, prefix, e, ignore)
}

func (l *watchList) origins(f field, e *WatchedPrefix) error {
	origins, zero, err := l.asns(f)
	if err != nil {
		return err
	}
	if zero {
		l.notes.add(f.line, "asn 0", whyZero)
	}
	if len(origins) > 0 {
		e.Origins = origins
	}
	return nil
}

// group takes a name or a list of names.
func (l *watchList) group(f field) (string, error) {
	if f.value.Kind != yaml.SequenceNode {
		return text(f)
	}
	if len(f.value.Content) > 1 {
		l.notes.add(f.line, "further groups", whyGroups)
	}
	if len(f.value.Content) == 0 {
		return "", nil
	}
	return text(field{key: f.key, line: f.line, value: resolve(f.value.Content[0])})
}

// unknown notes a key that is not among known, the keys of within. One that
// differs in case alone is an error: what was meant would be lost.
func (l *watchList) unknown(f field, within string, known ...string) error {
	for _, k := range known {
		if strings.EqualFold(k, f.key) {
			return fmt.Errorf("write %s", k)
		}
	}
	l.notes.add(f.line, "key "+quote(within+f.key), whyUnknown)
	return nil
}

func (l *watchList) options(value *yaml.Node) {
	fields, ok := l.fields(value.Line, "options", value, 0)
	if !ok {
		return
	}
	for _, f := range fields {
		var err error
		switch f.key {
		case "monitorASns":
			err = l.monitored(f.value)
		case "generate":
			l.notes.add(f.line, "options.generate", whyGenerate)
		default:
			err = l.unknown(f, "options.", "monitorASns", "generate")
		}
		if err != nil {
			l.bad.at(f.line, "options, %s: %v", shorten(f.key), err)
		}
	}
}

// monitored takes options.monitorASns, a mapping from ASes.
func (l *watchList) monitored(value *yaml.Node) error {
	if isNull(value) {
		return nil
	}
	if value.Kind != yaml.MappingNode {
		return errors.New("a mapping from AS numbers is expected")
	}
	for i := 0; i+1 < len(value.Content); i += 2 {
		key := resolve(value.Content[i])
		line := value.Content[i].Line
		a, err := parseASN(key.Value)
		if key.Kind != yaml.ScalarNode || err != nil {
			l.bad.at(line, "options.monitorASns: %s is no AS number", quote(key.Value))
			continue
		}
		if fields, ok := l.fields(line, "AS"+a.String(), resolve(value.Content[i+1]), 0); ok {
			l.monitoredASN(line, WatchedASN{ASN: a}, fields)
		}
	}
	return nil
}

func (l *watchList) monitoredASN(line int, e WatchedASN, fields []field) {
	for _, f := range fields {
		var err error
		switch f.key {
		case "group":
			e.Group, err = l.group(f)
		case "upstreams", "downstreams":
			err = l.neighbours(f)
		default:
			err = l.unknown(f, "options.monitorASns.", "group", "upstreams", "downstreams")
		}
		if err != nil {
			l.bad.at(f.line, "AS%s, %s: %v", e.ASN, shorten(f.key), err)
		}
	}
	l.asn(line, e)
}

// neighbours takes a list of expected neighbours, or the null that BGPalerter's
// generator leaves.
func (l *watchList) neighbours(f field) error {
	_, zero, err := l.asns(f)
	if zero {
		l.notes.add(f.line, f.key+" with AS 0", whyZero)
	}
	l.notes.add(f.line, f.key, whyNeighbours)
	return err
}
