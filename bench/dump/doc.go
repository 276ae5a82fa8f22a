// Package dump measures `detour dump` against Debian's `bgpdump -m`, as whole
// programs on the same files: processor time and memory.
//
// It owns the comparison of their output, without which no figure is given, and
// knows of no decoder. cmd/detour-bench calls Run, which uses one goroutine and
// runs one program at a time.
package dump
