// Package decode holds the benchmark of ingest/decode against gobgp on the same
// recorded bytes. It has no code of its own: run it with
//
//	go test -run '^$' -bench Dev -benchtime 10x ./bench/decode
//
// It is used by people and release checks, in one goroutine.
package decode
