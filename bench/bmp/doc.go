// Package bmp measures the BMP listener: many routers at once that send updates at a
// steady rate over sockets, up to and without the log.
//
// It owns the routers and the check that each update of each peer was handed on, once
// and in order: otherwise there is no figure. cmd/detour-bench calls it. Run returns
// when all of its goroutines have ended.
package bmp
