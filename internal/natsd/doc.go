// Package natsd runs a NATS server with JetStream inside the process.
//
// It owns the server's life and nothing that is stored in it. The one-process
// mode, tests and benches call it. A Server may be used from several
// goroutines; Close waits until the server's own goroutines have ended.
package natsd
