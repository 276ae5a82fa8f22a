package natstest

import (
	"net"
	"strconv"
	"testing"
)

// FreePorts returns the first of n ports in a row of 127.0.0.1 on which nobody
// listens just now.
func FreePorts(t testing.TB, n int) int {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		l.Close()
		if port+n < 1<<16 && allFree(port, n) {
			return port
		}
	}
	t.Fatalf("no %d free ports in a row", n)
	return 0
}

func allFree(port, n int) bool {
	for i := range n {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port+i)))
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}
