// Package dump prints the records of MRT recordings: as the text of
// `bgpdump -m`, as JSON lines, and as a summary of what was read and what was
// wrong with it.
//
// It owns the three formats (docs/reference/dump.md) and nothing else: it opens
// no file, decodes nothing and writes through the io.Writer that it was given.
// `detour dump` calls it. A printer belongs to one goroutine.
package dump
