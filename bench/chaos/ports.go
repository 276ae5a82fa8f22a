package chaos

import (
	"errors"
	"net"
	"strconv"
)

// ports returns the first of n ports in a row on the loopback on which nobody
// listens just now.
func ports(n int) (int, error) {
	for range 100 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 0, err
		}
		first := l.Addr().(*net.TCPAddr).Port
		l.Close()
		if first+n < 1<<16 && free(first, n) {
			return first, nil
		}
	}
	return 0, errors.New("no ports are free on the loopback")
}

func free(first, n int) bool {
	for i := range n {
		l, err := net.Listen("tcp", local(first+i))
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
