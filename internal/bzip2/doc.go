// Package bzip2 decompresses bzip2, in 4 MiB of memory: other decoders for Go
// take 12 MiB, or half as long again.
//
// It owns nothing else: no file, no compression, and of the format not the
// randomised blocks of before 1998. ingest/mrt and processor/reference call it.
// A Reader belongs to one goroutine and starts none.
package bzip2
