// Package mrt reads recordings in the MRT format (RFC 6396, RFC 8050): update
// files (BGP4MP, BGP4MP_ET) and table dumps (TABLE_DUMP, TABLE_DUMP_V2), plain
// or compressed, one record after the other.
//
// It owns the framing: record headers, lengths, peers, peer index tables,
// decompression, and the search for the next record after a damaged one. What
// stands inside a BGP message is ingest/decode's. It must not guess how wide an
// AS number is, turn a record that it could not read into a withdrawal, or grow
// a buffer because a length field says so. `detour dump` and `detour replay`
// call it.
//
// A Reader and a Merge belong to one goroutine; neither starts any.
package mrt
