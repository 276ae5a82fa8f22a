// Package wire turns frames of updates and ranges of evidence into bytes and
// back.
//
// The bytes are protobuf (detour.proto is their public schema), written and
// read by hand so that neither direction allocates. The package knows nothing
// of NATS and keeps no state between calls. Builders and readers belong to one
// goroutine; what a reader yields is overwritten by its next call.
package wire
