// Package codec measures the frames of wire against code that protoc-gen-go
// makes of an ordinary schema of the same updates.
//
// It owns the schema (codecpb) and the check that both give back what was put
// in. It must use wire by its builder and readers alone, and knows nothing of
// how a frame looks. cmd/detour-bench calls Run, which uses one goroutine.
package codec
