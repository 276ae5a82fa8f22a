package servers

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/nats-io/nats.go"
)

const serverArg = "nats-server"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == serverArg {
		if err := Serve(context.Background(), os.Args[2], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

func TestThreeServersMeetAndLeaveNothing(t *testing.T) {
	c, err := Start(t.Context(), []string{os.Args[0], serverArg}, 3)
	if err != nil {
		t.Fatal(err)
	}
	dir := c.dir
	nc, err := nats.Connect(strings.Join(c.URLs(), ","))
	if err != nil {
		t.Fatal(err)
	}
	for len(nc.Servers()) < 3 {
		if t.Context().Err() != nil {
			t.Fatalf("servers that know each other: %v", nc.Servers())
		}
		time.Sleep(10 * time.Millisecond)
	}
	nc.Close()
	if c.CPU() == 0 {
		t.Error("servers that use no processor time")
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the servers' folder is still there: %v", err)
	}
}

func TestAServerThatCannotStartLeavesNothing(t *testing.T) {
	if _, err := Start(t.Context(), []string{"/bin/false"}, 2); err == nil {
		t.Error("no error")
	}
}

// TestServerEndsWithItsInput is what happens when a parent is killed.
func TestServerEndsWithItsInput(t *testing.T) {
	in, stop := io.Pipe()
	out, tell := io.Pipe()
	ended := make(chan error, 1)
	ports, err := freePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	arg := fmt.Sprintf(`{"name":"one","dir":%q,"port":%d,"ports":[%d]}`, t.TempDir(), ports[0], ports[0])
	go func() { ended <- Serve(t.Context(), arg, in, tell) }()
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.HasPrefix(line, "nats://127.0.0.1:") {
		t.Errorf("address %q, %v", line, err)
	}
	stop.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
