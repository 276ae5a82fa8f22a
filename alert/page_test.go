package alert_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"detour/alert"
)

// TestThePageNamesAll holds that the reference page has every field and word.
func TestThePageNamesAll(t *testing.T) {
	data, err := os.ReadFile("../docs/reference/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	v := schema(t)
	for def, typ := range map[string]reflect.Type{
		"flag": reflect.TypeFor[alert.Flag](), "alert": reflect.TypeFor[alert.Alert](),
		"counts": reflect.TypeFor[alert.Counts](), "carried": reflect.TypeFor[alert.Carried](),
		"segment": reflect.TypeFor[alert.Segment](), "timing": reflect.TypeFor[alert.Timing](),
	} {
		for field := range typ.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("field %s of %s is not explained", name, def)
			}
		}
	}
	for _, name := range []string{"kind", "severity", "status", "close_reason"} {
		property := v.resolve("#/$defs/alert/properties/" + name)
		for _, word := range property["enum"].([]any) {
			if !strings.Contains(page, "`"+word.(string)+"`") {
				t.Errorf("%s %s is not explained", name, word)
			}
		}
	}
}
