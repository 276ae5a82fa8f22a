// Package histogram gathers how long things took, for benches: three significant
// digits from a microsecond to minutes, so that a tail is told and not guessed.
//
// It owns the range and the percentiles that are told. It must not measure
// anything. Benches call it. A Histogram may be used from several goroutines.
package histogram
