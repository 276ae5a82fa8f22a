package decode_test

import (
	"testing"

	"detour/ingest/decode"
	"detour/route"
)

// TestSteadyStateAllocatesNothing decodes real messages, refused ones and a
// merged path with an Update and a Decoder that have seen them before.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	merged := update(nil, b(origin, attr(wellKnown, 2, seg2(2, 10, trans), seg2(1, 3, 4)), nextHop,
		attr(optTransitive, 17, seg4(2, 196615), seg4(1, 3, 4))), ten8)
	cases := map[string][]record{
		"announcement":      {{update(nil, b(basic4, reach6, unreach6), b(docs24, ten8)), wide}},
		"merged path":       {{merged, narrow}},
		"treat as withdraw": {{update(docs24, path4, ten8), wide}},
		"undecodable":       {{update(nil, nil, b(33, 1)), wide}},
		"other types":       {{message(4, nil), wide}},
	}
	for name, list := range cases {
		t.Run(name, func(t *testing.T) { allocatesNothing(t, list) })
	}
	t.Run("recording", func(t *testing.T) { allocatesNothing(t, records(readCorpus(t, devFiles[1]))) })
}

func allocatesNothing(t *testing.T, list []record) {
	t.Helper()
	var d decode.Decoder
	var u route.Update
	run := func() {
		for _, r := range list {
			_ = d.Message(r.msg, r.session, &u)
		}
	}
	if n := testing.AllocsPerRun(3, run); n != 0 {
		t.Errorf("%v allocations for %d messages", n, len(list))
	}
}
