// Package wire turns frames of updates and ranges of evidence into bytes and
// back.
//
// The bytes are protobuf (detour.proto is their public schema), written and
// read by hand so that neither direction allocates. The package knows nothing
// of NATS. Builders and readers belong to one goroutine; what a reader yields is
// overwritten by its next call. They keep memory and the sessions that they have
// seen from frame to frame, which changes no result.
package wire
