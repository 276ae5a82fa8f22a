package firehose

import (
	"context"
	"fmt"
	"os"
	"testing"

	"detour/bench/servers"

	"go.uber.org/goleak"
)

// serverArg makes the test binary a server of a cluster.
const serverArg = "nats-server"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == serverArg {
		if err := servers.Serve(context.Background(), os.Args[2], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}
