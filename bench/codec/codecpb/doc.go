// Package codecpb is the code that protoc-gen-go makes of update.proto. It is
// what bench/codec measures wire against, and nothing else may import it.
//
// It owns no code of ours. bench/codec calls it; a message belongs to one
// goroutine. After a change of the schema:
//
//	go generate ./bench/codec/codecpb
package codecpb

//go:generate ./generate.sh
