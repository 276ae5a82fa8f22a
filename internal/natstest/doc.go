// Package natstest gives tests a real NATS server with JetStream.
//
// It owns servers and connections for the length of one test; nothing but tests
// may import it. Its values may be used from several goroutines of the test.
package natstest
