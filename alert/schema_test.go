package alert_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
)

func parse(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func schema(t *testing.T) *validator {
	t.Helper()
	root, ok := parse(t, alert.Schema()).(map[string]any)
	if !ok {
		t.Fatal("schema.json is no object")
	}
	return &validator{root: root}
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestMessagesFollowTheSchema(t *testing.T) {
	v := schema(t)
	for name, message := range map[string][]byte{
		"full flag":  fullFlag().AppendJSON(nil),
		"least flag": leastFlag().AppendJSON(nil),
		"incident":   encode(t, incident()),
		"prefix":     encode(t, prefixAlert()),
		"loss":       encode(t, loss()),
	} {
		if problems := v.check(parse(t, message)); len(problems) > 0 {
			t.Errorf("%s:\n%s", name, strings.Join(problems, "\n"))
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	v := schema(t)
	for name, spoil := range map[string]func(m map[string]any){
		"another version":     func(m map[string]any) { m["version"] = 2.0 },
		"unknown kind":        func(m map[string]any) { m["kind"] = "anomaly" },
		"no id":               func(m map[string]any) { delete(m, "id") },
		"id in capitals":      func(m map[string]any) { m["id"] = "ABCDEFGHABCDEFGH" },
		"time without micros": func(m map[string]any) { m["opened"] = "2019-06-24T10:32:06Z" },
		"AS 0":                func(m map[string]any) { m["suspect_asn"] = 0.0 },
		"a fraction":          func(m map[string]any) { m["confidence"] = 1.5 },
		"confidence 11":       func(m map[string]any) { m["confidence"] = 11.0 },
		"missing carriers":    func(m map[string]any) { delete(m["still_carried"].(map[string]any), "peers") },
		"carrier 0":           func(m map[string]any) { m["still_carried"].(map[string]any)["asns"] = []any{0.0} },
		"missing count":       func(m map[string]any) { delete(m["counts"].(map[string]any), "peers") },
		"empty rule":          func(m map[string]any) { m["rule"] = "" },
		"hop 0":               func(m map[string]any) { m["samples"].([]any)[0].(map[string]any)["after"] = []any{0.0} },
		"empty path":          func(m map[string]any) { m["samples"].([]any)[0].(map[string]any)["after"] = []any{} },
	} {
		m, ok := parse(t, encode(t, incident())).(map[string]any)
		if !ok {
			t.Fatal("an incident is no object")
		}
		if spoil(m); len(v.check(m)) == 0 {
			t.Errorf("%s passes", name)
		}
	}
}

// Every Go field is in the schema, and every schema property is in Go.
func TestSchemaAndTypesNameTheSameFields(t *testing.T) {
	v := schema(t)
	for def, typ := range map[string]reflect.Type{
		"flag":     reflect.TypeFor[alert.Flag](),
		"alert":    reflect.TypeFor[alert.Alert](),
		"peer":     reflect.TypeFor[alert.Peer](),
		"segment":  reflect.TypeFor[alert.Segment](),
		"counts":   reflect.TypeFor[alert.Counts](),
		"evidence": reflect.TypeFor[alert.Evidence](),
		"carried":  reflect.TypeFor[alert.Carried](),
		"origin":   reflect.TypeFor[alert.Origin](),
		"sample":   reflect.TypeFor[alert.Sample](),
		"coverage": reflect.TypeFor[alert.Coverage](),
		"timing":   reflect.TypeFor[alert.Timing](),
	} {
		var fields, required []string
		for field := range typ.Fields() {
			name, rest, _ := strings.Cut(field.Tag.Get("json"), ",")
			fields = append(fields, name)
			if rest == "" {
				required = append(required, name)
			}
		}
		properties, declared := v.fields("#/$defs/" + def)
		for _, list := range [][]string{fields, required, properties, declared} {
			slices.Sort(list)
		}
		if diff := cmp.Diff(fields, properties); diff != "" {
			t.Errorf("%s: fields (-Go +schema):\n%s", def, diff)
		}
		if diff := cmp.Diff(required, declared); diff != "" {
			t.Errorf("%s: required fields (-Go +schema):\n%s", def, diff)
		}
	}
}
