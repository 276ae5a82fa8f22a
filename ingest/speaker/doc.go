// Package speaker is the source that has BGP sessions with routers, and listens only.
//
// GoBGP leads each session: it says what the OPEN holds, judges the peer's, keeps the
// timers and ends the session. A relay of ours stands between it and the peer, and owns
// the sockets: TCP, MD5, who may connect. The relay takes UPDATEs out of what the peer
// sends and hands their octets to the desk (ingest/live), in the order in which they
// came and with nothing between; GoBGP gets a KEEPALIVE in their place. So GoBGP holds
// no route, parses nothing of an UPDATE and cannot fall behind. In the other direction
// the relay lets through no UPDATE but an End-of-RIB: nothing is ever announced,
// whatever GoBGP would do (TestNothingIsEverAnnounced).
//
// It must not know what routes mean, and must not announce any. Whoever runs sources
// calls New, which does nothing, and Run; a neighbor has one goroutine that waits for
// its connections, and two more while there is one.
package speaker
