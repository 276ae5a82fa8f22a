package detour

import (
	"os/exec"
	"strings"
	"testing"
)

// inlined are functions that run for every route element, or for every hop or
// update, and are written so that the compiler takes them into their callers.
var inlined = map[string][]string{
	"route":          {"NLRI.Prefix", "Mask", "Family.MaxBits", "ASN.Public", "(*Update).Elements"},
	"stream":         {"Shard", "shardOf", "mix"},
	"processor/flat": {"Hash64"},
	"processor/rib": {
		"slot.node", "slot.up", "slot.byReset", "(*slot).set", "(*slot).raise",
		"slotKey", "age", "old", "(*recent).find", "(*recent).touch", "(*column).denseAt",
		"childHash", "tag", "(*tree).guess", "(*tree).young", "(*tree).holds", "(*tree).holdsEdge",
		"(*arena).at", "content.loose", "content.origins", "content.hasOrigin", "content.set",
		"asSet.container", "inArray", "cacheCell", "(*index).find4", "key4", "(*newcomerPool).list",
	},
	"processor/detect": {"(*Facts).Any"},
	"ingest/decode":    {"load8", "(*block).has"},
}

// TestHotFunctionsAreInlined asks the compiler. A function that grew too large
// must be cut again, or leave the list with a measurement.
func TestHotFunctionsAreInlined(t *testing.T) {
	for dir, names := range inlined {
		t.Run(dir, func(t *testing.T) {
			out, err := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-m", "./"+dir).CombinedOutput()
			if err != nil {
				t.Fatalf("go build: %v\n%s", err, out)
			}
			can := map[string]bool{}
			for line := range strings.Lines(string(out)) {
				if _, name, ok := strings.Cut(strings.TrimSpace(line), ": can inline "); ok {
					can[name] = true
				}
			}
			for _, name := range names {
				if !can[name] {
					t.Errorf("%s is not inlined", name)
				}
			}
		})
	}
}
