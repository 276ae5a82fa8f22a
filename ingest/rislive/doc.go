// Package rislive is the source that reads RIS Live, the stream of what the route
// collectors of the RIPE NCC receive, over HTTP or a WebSocket.
//
// It owns the connection (made again for ever, given up when it falls silent) and
// the messages: their raw BGP is read by package decode, their JSON where there is
// no raw or it cannot be right. It must not know what a route means, and nothing
// that a server sends may end it. cmd/detour calls it. A Source belongs to the
// goroutine that runs it; Describe, Stats and Sessions may be asked from any.
//
// RIS Live has no table to begin with, and what was sent while no connection stood
// is never sent again: that is a gap of all peers. When RIS says that a peer is
// connected, the peer sends its whole table. RIS does not say which families that
// is; a session is taken to carry that of its address, as nearly all do, so that one
// End-of-RIB, or quiet, ends the transfer. Were the other family awaited too, a busy
// peer would be held to be transferring for as long as a transfer may last.
package rislive
