// Package report holds what the benches found and writes it for people: Markdown
// for reading, CSV for further work, SVG for pictures.
//
// It owns the shape of a result and of bench/results/<date>/. It must not measure
// anything. The benches fill Sections; cmd/detour writes the Report. Values only;
// nothing here is safe for concurrent use.
package report
