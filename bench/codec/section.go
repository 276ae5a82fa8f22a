package codec

import (
	"fmt"

	"detour/bench/measure"
	"detour/bench/report"
)

const (
	name    = "codec"
	command = "detour bench codec"
)

func section(results []*result) *report.Section {
	first := results[0]
	s := &report.Section{
		Name: name, Title: "Frames, against generated protobuf code", Command: command,
		Notes: []string{
			"Frames of `wire` against code that protoc-gen-go makes of `bench/codec/codecpb/update.proto`, a schema without\n" +
				"thought of speed: a message for every update and one for every prefix. Both carry the same, in batches of the\n" +
				"same updates, and gave back what was put in. Nanoseconds are CPU time per update, garbage collection included,\n" +
				"median (least–most) of rounds in which all took turns. Generated code is charged with making its messages from\n" +
				"updates and updates from its messages, which frames do at once; the library alone stands below it.",
			fmt.Sprintf("Traffic: %s.", describe(results)),
		},
		Bars: []report.Bars{bars(results)},
		Figures: []report.Figure{{
			What: "frame, encoding and decoding, CPU per update (" + first.t.name + ")", Unit: "ns",
			Reached: measure.SpreadOf(first.both).Median, Floor: 60, Aim: 35, Better: report.Less, Command: command,
		}},
	}
	for _, r := range results {
		s.Tables = append(s.Tables, r.table())
	}
	return s
}

func describe(results []*result) (text string) {
	for i, r := range results {
		if i > 0 {
			text += "; "
		}
		text += fmt.Sprintf("%s, %s updates with %.2f elements each in %d frames of 16 KiB", r.t.name,
			measure.Count(uint64(len(r.t.updates))), float64(r.t.elements)/float64(len(r.t.updates)), len(r.e.frames))
	}
	return text
}

func (r *result) table() report.Table {
	t := report.Table{
		Name: map[string]string{"recorded": "recorded"}[r.t.name], Title: "Updates " + r.t.name,
		Columns: []string{"codec", "encode, ns", "decode, ns", "both, ns", "bytes per update", "bytes per element"},
	}
	if t.Name == "" {
		t.Name = "made"
	}
	row := func(name string, encode, decode, both []float64, bytes int) {
		t.Rows = append(t.Rows, []string{
			name, measure.SpreadOf(encode).String(), measure.SpreadOf(decode).String(), measure.SpreadOf(both).String(),
			measure.Number(float64(bytes) / float64(len(r.t.updates))),
			measure.Number(float64(bytes) / float64(r.t.elements)),
		})
	}
	row("frame", r.encode, r.decode, r.both, total(r.e.frames))
	row("generated code", r.pbEncode, r.pbDecode, r.pbBoth, total(r.e.messages))
	row("of that, the library", r.marshal, r.unmarshal, sums(r.marshal, r.unmarshal), total(r.e.messages))
	t.Rows = append(t.Rows, []string{
		"× as much", measure.Ratios(r.pbEncode, r.encode).String(), measure.Ratios(r.pbDecode, r.decode).String(),
		r.ratio().String(), measure.Number(float64(total(r.e.messages)) / float64(total(r.e.frames))), "",
	})
	return t
}

func sums(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] + b[i]
	}
	return out
}

func bars(results []*result) report.Bars {
	b := report.Bars{
		Name: "cost", Title: "CPU time per update", Y: "ns", Parts: []report.Part{{Name: "encode"}, {Name: "decode"}},
	}
	for _, r := range results {
		for _, c := range []struct {
			name           string
			encode, decode []float64
		}{{"frame", r.encode, r.decode}, {"generated", r.pbEncode, r.pbDecode}} {
			b.Places = append(b.Places, c.name+", "+r.t.name)
			b.Parts[0].Values = append(b.Parts[0].Values, measure.SpreadOf(c.encode).Median)
			b.Parts[1].Values = append(b.Parts[1].Values, measure.SpreadOf(c.decode).Median)
		}
	}
	return b
}
