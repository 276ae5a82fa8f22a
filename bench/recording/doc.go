// Package recording reads recordings of the corpus for the benches: decompressed
// once, so that no bench measures that by accident.
//
// It owns which recordings stand for what, and must not decode them. bench/decode,
// bench/codec and bench/dump call it, each from one goroutine.
package recording
