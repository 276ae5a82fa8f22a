// Package risltest is a RIS Live of our own, for tests: it turns recordings into the
// messages that RIS Live would have sent, and serves them over HTTP and WebSocket as
// well, or as badly, as a script says.
//
// It must not read what it has written, and only tests call it. A Server may be used
// from any goroutine; a Conn belongs to its script.
//
// To serve a recording on loopback until Close:
//
//	lines, err := risltest.Recording("updates.gz", risltest.Format{Host: "rrc00"})
//	server, err := risltest.Start(risltest.Play(lines))
//	defer server.Close()
//	// detour run --source rislive=<server.URL>
package risltest
