package chaos

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// echo answers on a port of the loopback until the end of the test.
func echo(t *testing.T) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				io.Copy(c, c) //nolint:errcheck // ends with the client
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

func TestACutLosesNothingAndTellsNobody(t *testing.T) {
	p, err := newProxies(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	c, err := net.Dial("tcp", local(p.ports[0]))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	lines := bufio.NewReader(c)
	say := func(text string) {
		if _, err := c.Write([]byte(text + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	hear := func(want string) {
		c.SetReadDeadline(time.Now().Add(10 * time.Second)) //nolint:errcheck // then it hangs and fails
		if got, err := lines.ReadString('\n'); err != nil || got != want+"\n" {
			t.Fatalf("heard %q, %v; want %q", got, err, want)
		}
	}
	say("before")
	hear("before")
	p.cut()
	say("while")
	c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)) //nolint:errcheck // then it hangs and fails
	if text, err := lines.ReadString('\n'); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("through the cut came %q, %v", text, err)
	}
	p.heal()
	hear("while")
}
