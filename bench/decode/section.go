package decode

import (
	"fmt"

	"detour/bench/measure"
	"detour/bench/report"
)

const (
	name    = "decode"
	title   = "Decoding, against other decoders"
	command = "detour bench decode"
)

func section(dev, burst *set, programs []outside) *report.Section {
	s := &report.Section{
		Name: name, Title: title, Command: command,
		Notes: []string{
			"The same plain bytes for all, decompressed before. Every UPDATE is decoded and every prefix, withdrawal and AS\n" +
				"number of it walked: their sums were equal before anything was measured. Nanoseconds are CPU time per UPDATE,\n" +
				"median (least–most) of rounds in which all decoders took turns; garbage collection is counted.",
			"`ingest/decode` and gobgp get the same records from the same plain loop or from gobgp's own; `ingest/mrt` is\n" +
				"the reader of `detour dump` and `detour replay`, with all its checks of the recording.",
		},
		Tables: []report.Table{checksums(dev, burst), inProcess(dev, burst)},
		Bars:   []report.Bars{bars(dev, burst)},
		Figures: []report.Figure{{
			What: "decoding, UPDATEs per CPU-second, against gobgp v3.37.0", Unit: "×",
			Reached: dev.ratio().Median, Floor: 12, Aim: 20, Command: command,
		}, {
			What: "decoding, allocations per UPDATE once warm", Reached: dev.allocs, Better: report.Less, Command: command,
		}},
	}
	if len(programs) > 0 {
		s.Tables = append(s.Tables, processes(programs))
	}
	return s
}

func checksums(sets ...*set) report.Table {
	t := report.Table{Name: "checksums", Title: "What was read", Columns: []string{
		"recordings", "MB", "UPDATEs", "announced", "withdrawn", "sum of AS numbers", "sum of prefix lengths",
	}}
	for _, s := range sets {
		t.Rows = append(t.Rows, []string{
			s.name, measure.Number(float64(len(s.data)) / 1e6), measure.Count(s.sums.Updates), measure.Count(s.sums.Announced),
			measure.Count(s.sums.Withdrawn), measure.Count(s.sums.ASNs), measure.Count(s.sums.Bits),
		})
	}
	return t
}

func inProcess(sets ...*set) report.Table {
	t := report.Table{Name: "rounds", Title: "In one process", Columns: []string{
		"recordings", "decoder", "ns per UPDATE", "M UPDATEs per CPU-s", "gobgp takes × as long",
	}}
	for _, s := range sets {
		for _, d := range []struct {
			name string
			ns   []float64
		}{
			{"detour, ingest/decode", s.messages},
			{"of that, framing", s.framing},
			{"detour, ingest/mrt", s.records},
			{"gobgp v3.37.0", s.gobgp},
		} {
			ns := measure.SpreadOf(d.ns)
			t.Rows = append(t.Rows, []string{
				s.name, d.name, ns.String(), measure.Number(1e3 / ns.Median), measure.Ratios(s.gobgp, d.ns).String(),
			})
		}
	}
	return t
}

func processes(programs []outside) report.Table {
	t := report.Table{
		Name: "processes", Title: "Whole programs on the same plain file (ordinary)",
		Columns: []string{"program", "ns per UPDATE", fmt.Sprintf("× of %s", programs[0].Name), "output checked"},
	}
	for _, p := range programs {
		t.Rows = append(t.Rows, []string{
			p.Name, measure.SpreadOf(p.perUpd).String(), measure.SpreadOf(p.ratio).String(), p.checked,
		})
	}
	return t
}

func bars(sets ...*set) report.Bars {
	b := report.Bars{
		Name: "shares", Title: "CPU time per UPDATE", Y: "ns",
		Parts: []report.Part{{Name: "framing"}, {Name: "decoding (gobgp: all)"}},
	}
	for _, s := range sets {
		frames := measure.SpreadOf(s.framing).Median
		for _, d := range []struct {
			name          string
			frames, total float64
		}{
			{"detour", frames, measure.SpreadOf(s.messages).Median}, {"gobgp", 0, measure.SpreadOf(s.gobgp).Median},
		} {
			b.Places = append(b.Places, d.name+", "+s.name)
			b.Parts[0].Values = append(b.Parts[0].Values, d.frames)
			b.Parts[1].Values = append(b.Parts[1].Values, d.total-d.frames)
		}
	}
	return b
}
