// Package bmp takes what routers say of their BGP sessions over BMP: RFC 7854, with
// Loc-RIB (RFC 9069); Adj-RIB-Out (RFC 8671) is recognised and left out, because what
// a router tells others is no vantage point.
//
// It owns the listener, the framing of BMP, and what is known of each monitored peer
// (views, AS width, ADD-PATH). It must not decode BGP updates, keep engine time or
// know of shards: whole BGP messages go to a live.Desk. A Source listens; Serve reads
// the stream of one router without a listener, for tests and measurements. cmd/detour
// calls it.
//
// Each connection is served by one goroutine, with a second one that reads ahead; Run
// and Serve wait for theirs. What a connection may hold is bounded by Limits.
package bmp
