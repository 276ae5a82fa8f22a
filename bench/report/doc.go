// Package report holds what the benches found and writes it for people: Markdown
// for reading, CSV for further work, SVG for pictures.
//
// It owns the shape of a result, of bench/results/<date>/, and what is said of
// the machine. It must not measure anything else. The benches fill Sections;
// cmd/detour-bench writes the Report. Values only; nothing here is safe for
// concurrent use.
package report
